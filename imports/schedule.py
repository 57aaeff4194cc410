"""When an import is due: the rules of a schedule, and the moments that follow from them.

Pure: no Django, no database, no clock. Repeat intervals of minutes and hours count elapsed
time; everything else follows the wall clock of the schedule's zone. Where clocks are put
back a time of day is used once, the first time; where they are put forward over it, it
moves on by the hour that is missing. Moments are aware and in UTC (ADR 19).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, rruleset

SHORTEST = timedelta(minutes=15)  # https://docs.clevertap.com/docs/import-data-from-bigquery
LONGEST = timedelta(days=366)
YEARS = range(2000, 2200)
MOST_TIMES = 50
LAST_DAY = -1
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# No clock was ever moved by more: Samoa left out one whole day.
_MOST_MOVED = timedelta(days=2)


class ScheduleFaulty(Exception):
    """A schedule that cannot be kept; ``field`` says which part, the message what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Unit(StrEnum):
    """What a repeat interval is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True)
class Interval:
    """**Repeat Intervals**: at ``start``, and every ``count`` units after it."""

    count: int
    unit: Unit
    start: datetime

    @property
    def step(self) -> timedelta:
        """Its length on a day without a change of clocks."""
        return timedelta(**{self.unit.value: self.count})

    def check(self) -> None:
        """Raises: ScheduleFaulty."""
        if self.count < 1 or (self.count < 15 and self.step < SHORTEST):
            raise ScheduleFaulty("count", "Choose 15 minutes or more between two starts.")
        if self.count > LONGEST / timedelta(minutes=1) or self.step > LONGEST:
            raise ScheduleFaulty("count", "Choose a year or less between two starts.")

    def moments(self, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every start from ``since`` on, in order."""
        if self.start >= since:
            yield self.start
        if self.unit in (Unit.MINUTES, Unit.HOURS):
            passed = max(since - self.start, timedelta(0))
            moment = self.start + self.step * max(1, -(-passed // self.step))
            while True:
                yield moment
                moment += self.step
        rule = rrule(DAILY, interval=self.step.days, dtstart=_on_the_wall(self.start, zone))
        for moment in _instants(rule, since, zone):
            if moment > self.start:
                yield moment


@dataclass(frozen=True, order=True)
class DayTime:
    """A day, of the week (0 is Monday) or of the month (1 to 31, -1 the last), and a time."""

    day: int
    at: time


@dataclass(frozen=True)
class Weekly:
    """**Custom Schedule**, days of the week."""

    times: tuple[DayTime, ...]

    def check(self) -> None:
        """Raises: ScheduleFaulty."""
        _check_times(self.times, days=range(7), wanted="Choose a day of the week and a time.")

    def moments(self, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every start from ``since`` on, in order."""
        rules = rruleset()
        begin = _on_the_wall(since, zone) - _MOST_MOVED
        for one in self.times:
            rules.rrule(rrule(WEEKLY, dtstart=begin, byweekday=one.day, **_by_time(one.at)))
        yield from _instants(rules, since, zone)


@dataclass(frozen=True)
class Monthly:
    """**Custom Schedule**, days of the month; a month without the day is left out."""

    times: tuple[DayTime, ...]

    def check(self) -> None:
        """Raises: ScheduleFaulty."""
        days = (LAST_DAY, *range(1, 32))
        _check_times(self.times, days=days, wanted="Choose a day of the month and a time.")

    def moments(self, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every start from ``since`` on, in order."""
        rules = rruleset()
        begin = _on_the_wall(since, zone) - _MOST_MOVED
        for one in self.times:
            rules.rrule(rrule(MONTHLY, dtstart=begin, bymonthday=one.day, **_by_time(one.at)))
        yield from _instants(rules, since, zone)


@dataclass(frozen=True)
class Once:
    """**Manually Trigger** on a specific date: one start, and none after it."""

    at: datetime

    def check(self) -> None:
        """Any moment will do."""

    def moments(self, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The start, if it is not before ``since``."""
        if self.at >= since:
            yield self.at


Rule = Interval | Weekly | Monthly | Once


@dataclass(frozen=True)
class Schedule:
    """A rule, the zone whose clock it follows, and the moment after which nothing starts."""

    rule: Rule
    zone: str
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.zone not in available_timezones():
            raise ScheduleFaulty("zone", "Choose a time zone from the list.")
        self.rule.check()
        for field in ("start", "at"):
            _check_year(field, getattr(self.rule, field, None))
        _check_year("end", self.end)

    def moments(self, since: datetime) -> Iterator[datetime]:
        """Every start from ``since`` on, itself included, each once; in UTC, in order."""
        for moment in self.rule.moments(since, ZoneInfo(self.zone)):
            if self.end is not None and moment > self.end:
                return
            yield moment

    def first(self, since: datetime) -> datetime | None:
        """The first start from ``since`` on, itself included; None if there is none."""
        return next(self.moments(since), None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as ``from_json`` takes them."""
        end = self.end.isoformat() if self.end else None
        return {"zone": self.zone, "end": end, **_rule_to_json(self.rule)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Schedule":
        """What ``to_json`` gave.

        Raises:
            ScheduleFaulty: it is of another form, or cannot be kept.
        """
        try:
            end = values["end"]
            return cls(
                rule=_rule_from_json(values),
                zone=values["zone"],
                end=datetime.fromisoformat(end) if end else None,
            )
        except (KeyError, TypeError, ValueError):
            raise ScheduleFaulty("", "The stored schedule cannot be read. Save it anew.") from None


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    match rule:
        case Interval(count, unit, start):
            return {
                "type": "interval",
                "count": count,
                "unit": unit.value,
                "start": start.isoformat(),
            }
        case Once(at):
            return {"type": "once", "at": at.isoformat()}
        case Weekly(times) | Monthly(times):
            kind = "weekly" if isinstance(rule, Weekly) else "monthly"
            plain = [{"day": one.day, "at": one.at.strftime("%H:%M")} for one in times]
            return {"type": kind, "times": plain}


def _rule_from_json(values: dict[str, Any]) -> Rule:
    kind = values["type"]
    if kind == "interval":
        start = datetime.fromisoformat(values["start"])
        return Interval(int(values["count"]), Unit(values["unit"]), start)
    if kind == "once":
        return Once(datetime.fromisoformat(values["at"]))
    plain = (DayTime(int(one["day"]), time.fromisoformat(one["at"])) for one in values["times"])
    times = tuple(sorted(plain))
    if kind not in ("weekly", "monthly"):
        raise ValueError(kind)
    return Weekly(times) if kind == "weekly" else Monthly(times)


def _check_times(times: tuple[DayTime, ...], *, days: Any, wanted: str) -> None:
    if not times or any(one.day not in days for one in times):
        raise ScheduleFaulty("times", wanted)
    if len(times) > MOST_TIMES:
        raise ScheduleFaulty("times", f"Choose at most {MOST_TIMES:,} starts.")


def _check_year(field: str, moment: datetime | None) -> None:
    if moment is not None and moment.year not in YEARS:
        raise ScheduleFaulty(field, f"Choose a year from {YEARS[0]} to {YEARS[-1]}.")


def _by_time(at: time) -> dict[str, Any]:
    return {"byhour": at.hour, "byminute": at.minute, "bysecond": 0}


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _instants(rule: rrule | rruleset, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The rule's times of day as moments from ``since`` on, in order, each once.

    A time of day that clocks jump over moves behind those that follow it, so what was found
    is let go only when nothing earlier can come.
    """
    found: set[datetime] = set()
    begin = _on_the_wall(since, zone) - _MOST_MOVED
    for on_the_wall in rule.xafter(begin, inc=True):
        safe = (on_the_wall - _MOST_MOVED).replace(tzinfo=UTC) - timedelta(days=1)
        for moment in sorted(one for one in found if one < safe):
            found.remove(moment)
            yield moment
        moment = on_the_wall.replace(tzinfo=zone).astimezone(UTC)
        if moment >= since:
            found.add(moment)
    yield from sorted(found)
