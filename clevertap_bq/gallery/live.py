"""Samples of a run as its page shows it: the phases, and the band of a run at work."""

from typing import Any

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import SENTENCE


def _phases(state: str, took: str) -> list[dict[str, str]]:
    """The phases of a run that is, or ended, in its third."""
    return [
        {"title": "Queued", "state": "done", "took": "2 s"},
        {"title": "Query at BigQuery", "state": "done", "took": "4 s"},
        {"title": "Reading and sending", "state": state, "took": took},
        {"title": "Finishing", "state": "todo", "took": ""},
    ]


UNDER_WAY = _phases("current", "3 min 57 s")
FAILED = _phases("failed", "24 h 2 min")
STOPPED = _phases("stopped", "12 s")
OVER = [{**one, "state": "done"} for one in UNDER_WAY]


def group() -> Group:
    """What a run does now."""
    return Group("Watching a run", "watching-a-run", (_parts(), _band()))


def _parts() -> Component:
    return Component(
        "phases",
        "What a run does, one phase after the other, and how long each took.",
        states(
            "components/phases.html",
            under_way={"phases": UNDER_WAY, "label": "Phases of a run under way"},
            failed={"phases": FAILED, "label": "Phases of a failed run"},
            stopped={"phases": STOPPED, "label": "Phases of a stopped run"},
            over={"phases": OVER, "label": "Phases of a run that is over"},
            too_long={
                "phases": [{"title": SENTENCE, "state": "current", "took": "999 h 59 min"}],
                "label": "A long phase",
            },
        ),
        layout="pair",
    )


def _band() -> Component:
    sample = "gallery/_run_now.html"
    at_work: dict[str, Any] = {"name": "A run at work", "value": 1_284_000, "state": "running"}
    waits: dict[str, Any] = {"name": "A run that waits", "value": 25_000, "state": "paused"}
    return Component(
        "run_now",
        "How far a run is and what it waits for, beside its phases.",
        (
            State("running", sample, {**at_work, "phases": UNDER_WAY}),
            State("waiting to try again", sample, {**waits, "phases": UNDER_WAY}),
            State("failed", sample, {"name": "A run that failed", "phases": FAILED}),
        ),
    )
