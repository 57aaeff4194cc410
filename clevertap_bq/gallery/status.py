"""Samples of states and of small facts: badges, tags, health, people, moments, figures."""

from typing import Any

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import ARABIC, AT, CHINESE, EMOJI, PERSON, SENTENCE, UNBROKEN

STATES = {
    "connections and tests": "verified failed inconclusive untested testing stale deleting deleted",
    "imports": "draft ready scheduled running paused stopping stopped",
    "runs": "queued submitting succeeded partly nothing_new could_not_connect",
    "checks and rows": "waiting passed unknown not_needed accepted refused skipped sending",
}
TONES = ("ok", "bad", "warn", "info")


def group() -> Group:
    """What something is, in a glance."""
    return Group("Status and facts", "status", (_badge(), *_small(), *_figures()))


def _badge() -> Component:
    groups = [
        State(label, "gallery/_badges.html", {"badges": _badges(names.split())})
        for label, names in STATES.items()
    ]
    long = {
        "badges": [{"state": "failed", "label": SENTENCE}, {"state": "ready", "label": CHINESE}]
    }
    return Component(
        "badge",
        "A status: shape, colour and word together.",
        (*groups, State("too long", "gallery/_badges.html", long)),
    )


def _badges(names: list[str]) -> list[dict[str, str]]:
    return [{"state": name, "label": name.replace("_", " ").capitalize()} for name in names]


def _small() -> tuple[Component, ...]:
    tones = {tone: {"label": tone.capitalize(), "tone": tone} for tone in TONES}
    return (
        Component(
            "health",
            "The share of rows that arrived; a shape for each of four answers.",
            states(
                "components/health.html",
                green={"state": "green", "label": "100 %"},
                yellow={"state": "yellow", "label": "97.4 %"},
                red={"state": "red", "label": "12 %"},
                none={"state": "none", "label": "First run not finished"},
            ),
            layout="row",
        ),
        Component(
            "tag",
            "A word without a state.",
            states("components/tag.html", default={"label": "Optional"}, **tones),
            layout="row",
        ),
        Component(
            "sandbox_label",
            "Says that something is a stand-in.",
            states("components/sandbox_label.html", default={}, other={"label": "Sandbox key"}),
            layout="row",
        ),
        Component(
            "person",
            "Who it was.",
            states(
                "components/person.html",
                default={"email": PERSON},
                too_long={"email": f"{UNBROKEN}@example.com"},
            ),
        ),
        Component(
            "moment",
            "When it was, in the viewer's zone; the exact instant on hover.",
            states(
                "components/moment.html",
                default={"at": AT},
                never={"at": None},
                never_in_other_words={"at": None, "empty": "Not tested"},
            ),
            layout="row",
        ),
    )


def _figures() -> tuple[Component, ...]:
    return (
        Component(
            "stat",
            "A number that matters, in a row of them.",
            (
                State("many", "gallery/_stats.html", {"stats": STATS}),
                State("one", "gallery/_stats.html", {"stats": STATS[:1]}),
                State("too long", "gallery/_stats.html", {"stats": LONG_STATS}),
            ),
        ),
        Component(
            "fact",
            "A term and its value. Eight and more stand in two columns where there is room.",
            (
                State("few", "gallery/_facts.html", {"facts": FACTS[:3]}),
                State("many", "gallery/_facts.html", {"facts": FACTS}),
                State("too long", "gallery/_facts.html", {"facts": LONG_FACTS}),
            ),
        ),
    )


STATS: list[dict[str, Any]] = [
    {"label": "Rows read", "value": "1,930,220", "note": "in 7 min 51 s"},
    {"label": "Accepted", "value": "1,812,400", "tone": "ok"},
    {"label": "Refused", "value": "81,620", "tone": "bad", "note": "3 reasons", "url": "?"},
    {"label": "Unknown", "value": "12,200", "tone": "warn"},
    {"label": "Bytes billed", "value": "4.2 GB", "note": "about 0.03 USD"},
]
LONG_STATS = [
    {"label": SENTENCE, "value": "1,930,220,471,112,008", "note": SENTENCE},
    {"label": "Name", "value": UNBROKEN[:60]},
]
FACTS: list[dict[str, Any]] = [
    {"term": "Project", "value": "acme-analytics", "code": True},
    {"term": "Location", "value": "europe-west1"},
    {"term": "Last tested", "value": "", "empty": "Never"},
    {"term": "Dataset", "value": "crm_eu", "code": True},
    {"term": "Access", "value": "Read and write"},
    {"term": "Bytes billed", "value": "18.0 MB"},
    {"term": "Requests", "value": "120"},
    {"term": "Rows per second", "value": "9,736"},
    {"term": "Connected By", "value": PERSON},
]
LONG_FACTS = [
    {"term": "Connection name", "value": UNBROKEN},
    {"term": "BigQuery job", "value": UNBROKEN.lower(), "code": True},
    {"term": ARABIC, "value": CHINESE},
    {"term": SENTENCE, "value": EMOJI},
]
