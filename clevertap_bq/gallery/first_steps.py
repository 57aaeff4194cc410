"""Samples of "Get started", and of empty lists that offer the next of its steps."""

from dataclasses import replace
from typing import Any

from accounts.permissions import Permission
from clevertap_bq.gallery.contents import Component, Group, states
from clevertap_bq.gallery.words import SENTENCE, UNBROKEN
from connections.services.first_steps import Action, FirstSteps, Step

_ADD = Action("Add Database", "?", Permission.ADMIN)
_RUN = Action("Run now", "?", Permission.CREATOR, is_order=True)
_TITLES = ("Add a database", "Add a CleverTap account", "Create an import", "First rows arrived")
_SANDBOX = {"Download the sample key": "?"}


def _steps(place: int, current: Step) -> FirstSteps:
    """Those before it are done, those behind it are to do."""
    steps = [
        Step(title, "done" if number < place else "todo", "A sentence about what it takes.")
        for number, title in enumerate(_TITLES)
    ]
    steps[place] = current
    return FirstSteps(steps=steps, next=current)


_NOTHING = Step(
    _TITLES[0],
    "current",
    "The BigQuery dataset to read from, and the key of a service account that may read it.",
    action=_ADD,
    sandbox="No Google account at hand? The sandbox stands in for it.",
    sandbox_links=_SANDBOX,
)
_FAILED = Step(
    _TITLES[0],
    "trouble",
    "“Production” failed its test: it says what is missing.",
    action=replace(_ADD, label="Repair it"),
)
_BUSY = Step(_TITLES[3], "busy", "The first run is at work.", action=replace(_RUN, label="Watch"))
_ORDER = Step(_TITLES[3], "current", "“Customers” is mapped and can run.", action=_RUN)
_OTHERS = Step(_TITLES[0], "current", "A dataset to read from.", waits_for="An admin can do this.")
_LONG = Step(UNBROKEN, "current", SENTENCE, action=replace(_ADD, label=SENTENCE))


def group() -> Group:
    """The way from nothing to the first rows."""
    return Group("First steps", "first-steps", (_panel(), _empty()))


def _panel() -> Component:
    shown: dict[str, Any] = {
        "nothing_yet": _steps(0, _NOTHING),
        "failed": _steps(0, _FAILED),
        "ready_to_run": _steps(3, _ORDER),
        "under_way": _steps(3, _BUSY),
        "forbidden": _steps(0, _OTHERS),
        "too_long": _steps(1, _LONG),
    }
    contexts = {
        label: {"first_steps": steps, "id": f"first-steps-{label}", "title": _title(label)}
        for label, steps in shown.items()
    }
    return Component(
        "first_steps",
        "One next thing to do, until the first rows have arrived.",
        states("components/first_steps.html", **contexts),
    )


def _title(label: str) -> str:
    """Regions of one page need names of their own."""
    return f"Get started: {label.replace('_', ' ')}"


def _empty() -> Component:
    plain = {"icon": "database", "title": "Nothing is connected yet", "text": "Connect a dataset."}
    action = {"action_url": "?", "action_label": "Add Database", "who": "An admin"}
    return Component(
        "empty_next",
        "An empty list that offers the next of the first steps.",
        states(
            "components/empty_next.html",
            first_steps={**plain, **action, "first_steps": _steps(0, _NOTHING)},
            its_own_action={**plain, **action, "is_allowed": True},
            forbidden={**plain, **action},
        ),
        layout="pair",
    )
