"""A schedule in words, for people: the column **Frequency** and the import's page. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from imports.schedule import (
    LAST_DAY,
    WEEKDAYS,
    Interval,
    Monthly,
    Once,
    Schedule,
    ScheduleFaulty,
    Weekly,
)

MANUAL = "Manually Trigger"


@dataclass(frozen=True)
class Frequency:
    """One of CleverTap's three types: its value in the address, its word, whose it is."""

    value: str
    word: str
    condition: Q


# Every import is exactly one of these. One start on a date is triggered by hand, as on the form.
FREQUENCIES: Final = (
    Frequency("interval", "Repeat Intervals", Q(schedule__type="interval")),
    Frequency("custom", "Custom Schedule", Q(schedule__type__in=["weekly", "monthly"])),
    Frequency("manual", MANUAL, ~Q(schedule__has_key="type") | Q(schedule__type="once")),
)


def frequency(schedule: Schedule | None) -> str:
    """The rule and its zone in one line; without a schedule CleverTap's word for that."""
    if schedule is None:
        return MANUAL
    words = _rule(schedule)
    zone = "" if schedule.zone == "UTC" else f" ({place(schedule.zone)})"
    return f"{words[:1].upper()}{words[1:]}{zone}"


def frequency_of(stored: dict[str, Any]) -> str:
    """The same of what an import has stored; a schedule that cannot be read says so."""
    try:
        return frequency(Schedule.from_json(stored) if stored else None)
    except ScheduleFaulty:
        return "Cannot be read"


def place(zone: str) -> str:
    """A zone's name as people read it."""
    return zone.replace("_", " ")


def moment_in(zone: str, moment: datetime) -> str:
    """A start as the clock of the schedule's zone shows it."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%A}, {local.day} {local:%b %Y, %H:%M}"


def _rule(schedule: Schedule) -> str:
    match schedule.rule:
        case Interval(1, unit, _):
            return f"Every {unit.value[:-1]}"
        case Interval(count, unit, _):
            return f"Every {count} {unit.value}"
        case Once(at):
            return f"Once, {moment_in(schedule.zone, at)}"
        case Weekly(times):
            return _grouped([(WEEKDAYS[one.day], f"{one.at:%H:%M}") for one in times])
        case Monthly(times):
            return _grouped([(_day_of_month(one.day), f"{one.at:%H:%M}") for one in times])


def _grouped(starts: list[tuple[str, str]]) -> str:
    """Days that share their times stand together: Monday and Friday at 09:00, 18:30."""
    by_day: dict[str, list[str]] = {}
    for day, at in starts:
        by_day.setdefault(day, []).append(at)
    by_times: dict[str, list[str]] = {}
    for day, times in by_day.items():
        by_times.setdefault(", ".join(times), []).append(day)
    return "; ".join(f"{_listed(days)} at {times}" for times, days in by_times.items())


def _listed(days: list[str]) -> str:
    if days == list(WEEKDAYS):
        return "Every day"
    return days[0] if len(days) == 1 else f"{', '.join(days[:-1])} and {days[-1]}"


def _day_of_month(day: int) -> str:
    return "last day of the month" if day == LAST_DAY else f"day {day}"
