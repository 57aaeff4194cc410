"""Mapping, Schedule and Stats of one import, and the form of its schedule."""

from tests.browser.scenes import steps
from tests.browser.scenes.of_imports import of
from tests.browser.scenes.scene import CREATOR, MEMBER, Place, Scene, row

NEXT = "#next-starts li"


def mapping(kind):
    return of(kind, "imports:import_mapping")


def schedule(kind):
    return of(kind, "imports:import_schedule")


def edit(kind):
    return of(kind, "imports:schedule")


def stats(kind, query=""):
    return Place("imports:import_stats", {"import_id": row(f"import {kind}")}, query)


def wrong(*typed):
    """What is typed, and the answer to *Import*."""
    return (*typed, steps.press("Import"), steps.see(".error-summary"))


OUTDATED = "from=2001-01-01&to=2001-01-31"
OF_THE_FORM = {
    "an interval is chosen": (
        steps.check("Repeat Intervals"),
        steps.fill("Every", "6"),
        steps.choose("Unit", "hours"),
        steps.see(NEXT),
    ),
    "days of the week are chosen": (
        steps.check("Day of Week"),
        steps.fill("Monday", "09:00, 18:30"),
        steps.change("Sunday", "23:45"),
        steps.see(NEXT),
    ),
    "days of the month are chosen": (
        steps.check("Day of Month"),
        steps.check("1"),
        steps.check("Last day"),
        steps.change("Times on these days", "06:00"),
        steps.see(NEXT),
    ),
    "a specific date is chosen": (
        steps.check("Run on a Specific Date"),
        steps.change("Date and time", "2100-01-31T09:00"),
        steps.see(NEXT),
    ),
    "run immediately is chosen": (steps.check("Run Immediately"), steps.settled),
    "an interval too short": wrong(
        steps.check("Repeat Intervals"), steps.fill("Every", "5"), steps.choose("Unit", "minutes")
    ),
    "an interval of nothing": wrong(steps.check("Repeat Intervals"), steps.fill("Every", "")),
    "no day of the week": wrong(steps.check("Day of Week")),
    "a time that is none": wrong(steps.check("Day of Week"), steps.fill("Friday", "9 o'clock")),
    "no day of the month": wrong(steps.check("Day of Month")),
    "a date that has passed": wrong(
        steps.check("Run on a Specific Date"), steps.fill("Date and time", "2001-01-31T09:00")
    ),
    "no date": wrong(steps.check("Run on a Specific Date")),
    "it ends before it starts": wrong(
        steps.check("Repeat Intervals"), steps.fill("Ends (optional)", "2001-01-31T09:00")
    ),
}

SCENES = [
    Scene(mapping("ready"), "an identity and a property"),
    Scene(mapping("event"), "an event, and columns skipped"),
    Scene(mapping("long"), "too long", who=MEMBER),
    Scene(mapping("draft"), "nothing is mapped"),
    Scene(mapping("draft"), "nothing is mapped, for a member", who=MEMBER),
    Scene(mapping("unreadable"), "it cannot be read"),
    Scene(schedule("ready"), "by hand"),
    Scene(schedule("often"), "by hand, and it ran"),
    *(
        Scene(schedule(kind), kind)
        for kind in (
            *("scheduled", "interval", "monthly", "once", "too often", "due"),
            *("paused", "stopped", "draft", "deleted", "run sending"),
        )
    ),
    Scene(schedule("scheduled"), "scheduled, for a member", who=MEMBER),
    Scene(schedule("paused"), "paused, for a creator", who=CREATOR),
    *(
        Scene(edit(kind), f"{kind}, as it is")
        for kind in ("ready", "scheduled", "interval", "monthly", "once", "too often", "paused")
    ),
    *(Scene(edit("ready"), state, steps=done) for state, done in OF_THE_FORM.items()),
    Scene(edit("ready"), "forbidden to a member", who=MEMBER, status=403),
    Scene(stats("ready"), "not run yet"),
    Scene(stats("run partly"), "one"),
    Scene(stats("run failed"), "one that failed", who=MEMBER),
    Scene(stats("run sending"), "one at work"),
    Scene(stats("often"), "many"),
    Scene(stats("often", "page=2"), "the last page"),
    Scene(stats("often", "outcome=partly"), "one outcome", who=CREATOR),
    Scene(stats("often", OUTDATED), "nothing passes"),
    Scene(stats("often", "from=x&to=2001-13-40&outcome=moon"), "filters that mean nothing"),
    Scene(stats("often", "from=2026-02-01&to=2026-01-01"), "days the wrong way round"),
    Scene(
        stats("often", "outcome=failed"),
        "filter open",
        steps=(steps.click("#filter > summary"), steps.see("#outcome")),
    ),
    Scene(stats("long"), "too long"),
]
