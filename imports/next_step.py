"""Pure: the one next thing to do with an import, or nothing when all is well."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from imports.models import Import, Run
from imports.models.failures import SOURCE_FAILURES
from imports.progress import COULD_NOT_CONNECT

# What only the CleverTap account can be mended for.
_OF_THE_ACCOUNT: Final = {"account_unreadable", "credentials"}


@dataclass(frozen=True)
class NextStep:
    """A notice with the way there; no ``url`` where who looks cannot go it."""

    tone: str
    title: str
    text: str
    url: str = ""
    label: str = ""


def next_step(subject: Import, *, last: Run | None, may_act: bool) -> NextStep | None:
    """``last``: the newest run that is over. Nothing is said of a deleted import."""
    if subject.is_deleted:
        return None
    if subject.status == Import.Status.STOPPED:
        return _stopped(subject, may_act)
    if subject.is_draft:
        return _draft(subject, may_act)
    if last:
        return _after(subject, last)
    return None if subject.status == Import.Status.SCHEDULED else _never_ran(subject, may_act)


def _after(subject: Import, last: Run) -> NextStep | None:
    if last.state == Run.State.FAILED:
        return _failed(subject, last)
    if last.refused_count or last.unknown_count:
        return _partly(last)
    return None


def _stopped(subject: Import, may_act: bool) -> NextStep:
    connection = subject.connection
    if not connection.is_active:
        return NextStep(
            "quiet",
            "This import is stopped for good",
            f"Its connection “{connection.name}” was deleted. It cannot run any more; what it did "
            "stays readable under Stats.",
        )
    who = "Press Resume" if may_act else "A Creator or an Admin can resume it"
    text = f"Nothing starts it, neither its schedule nor a person. {who}: it goes on where it was."
    return NextStep("quiet", "This import is stopped", text)


def _draft(subject: Import, may_act: bool) -> NextStep:
    title = "Next: map the columns"
    text = "Say which column becomes which property. Nothing is sent before that."
    if not may_act:
        return NextStep("info", title, f"{text} A Creator or an Admin can do it.")
    url = reverse("imports:map", args=[subject.pk])
    return NextStep("info", title, text, url, "Map columns")


def _never_ran(subject: Import, may_act: bool) -> NextStep:
    title, text = "It has not run yet", "The first run sends every row."
    if not may_act:
        return NextStep("info", title, f"{text} A Creator or an Admin can start it.")
    url = reverse("imports:schedule", args=[subject.pk])
    text = f"{text} Press Run now when you are ready."
    return NextStep("info", title, text, url, "Set a schedule")


def _failed(subject: Import, last: Run) -> NextStep:
    connected = last.failure_code not in COULD_NOT_CONNECT
    title = "The last run failed" if connected else "The last run could not connect"
    if last.failure_code in _OF_THE_ACCOUNT:
        url, label = subject.account.get_absolute_url(), "Look at the CleverTap account"
    elif last.failure_code in SOURCE_FAILURES or not connected:
        url, label = f"{subject.connection.get_absolute_url()}#test", "Look at the connection"
    else:
        url, label = last.get_absolute_url(), "Open the run"
    return NextStep("bad", title, last.failure_sentence, url, label)


def _partly(last: Run) -> NextStep:
    counted = ((last.refused_count, "refused"), (last.unknown_count, "sent without an answer"))
    parts = [f"{count:,} {word}" for count, word in counted if count]
    return NextStep(
        "warn",
        "The last run did not bring every row",
        f"Of its {last.read_count:,} rows: {', '.join(parts)}.",
        last.get_absolute_url(),
        "See the reasons",
    )
