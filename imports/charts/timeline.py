"""Days into columns: one for each day, and where that is too many for each week, month, year.

A week begins on Monday. Days are days of whoever looks; the caller knows their zone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MOST: Final = 62  # columns; as many days are two months


@dataclass(frozen=True)
class Span:
    """From the beginning of ``begin`` to the beginning of ``end``, which is no part of it."""

    begin: date
    end: date
    label: str
    title: str


@dataclass(frozen=True)
class Timeline:
    """Spans without a hole between them; ``each`` is what one is called."""

    each: str
    spans: tuple[Span, ...]

    @property
    def rule(self) -> str:
        """What one column stands for, where that is not a day."""
        words = {"week": "Each column is a week, from Monday.", "day": ""}
        return words.get(self.each, f"Each column is a {self.each}.")


def timeline_of(first: date, last: date, *, today: date) -> Timeline:
    """The spans from ``first`` to ``last``, both included; the first and last may be short."""
    fitting = (
        each
        for each, (start_of, next_of) in _GRAINS.items()
        if _count(first, last, start_of, next_of) <= MOST
    )
    each = next(fitting, "year")
    return _timeline(each, first, last, today)


def days_between(first: date, last: date, *, today: date) -> Timeline:
    """One span for each day, however many."""
    return _timeline("day", first, last, today)


def months_until(today: date, *, count: int) -> Timeline:
    """The month of today, which ends today, and the ones before it."""
    months = today.year * 12 + today.month - count
    return _timeline("month", date(months // 12, months % 12 + 1, 1), today, today)


def _timeline(each: str, first: date, last: date, today: date) -> Timeline:
    start_of, next_of = _GRAINS[each]
    spans, begin = [], first
    while begin <= last:
        end = min(next_of(start_of(begin)), last + timedelta(days=1))
        spans.append(_span(each, begin, end, today))
        begin = end
    return Timeline(each, tuple(spans))


def day_in_words(day: date) -> str:
    """14 March 2026."""
    return f"{day.day} {day:%B %Y}"


def _span(each: str, begin: date, end: date, today: date) -> Span:
    labels = {
        "day": f"{begin.day} {begin:%b}",
        "week": f"{begin.day} {begin:%b}",
        "month": f"{begin:%b}" if begin.month > 1 else f"{begin:%b %Y}",
        "year": f"{begin:%Y}",
    }
    titles = {
        "day": day_in_words(begin),
        "week": f"Week from {day_in_words(begin)}",
        "month": f"{begin:%B %Y}",
        "year": f"{begin:%Y}",
    }
    is_now = begin <= today < end
    label = (
        {"day": "Today", "week": "This week"}.get(each, labels[each]) if is_now else labels[each]
    )
    return Span(begin, end, label, titles[each])


def _count(
    first: date, last: date, start_of: Callable[[date], date], next_of: Callable[[date], date]
) -> int:
    """How many spans there would be; counting ends where they are too many."""
    found, begin = 0, start_of(first)
    while begin <= last and found <= MOST:
        found, begin = found + 1, next_of(begin)
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


_Of = Callable[[date], date]
# From the finest: where one begins, and where the next one does.
_GRAINS: Final[dict[str, tuple[_Of, _Of]]] = {
    "day": (lambda day: day, lambda day: day + timedelta(days=1)),
    "week": (_monday, lambda day: day + timedelta(days=7)),
    "month": (lambda day: day.replace(day=1), _next_month),
    "year": (lambda day: date(day.year, 1, 1), lambda day: date(day.year + 1, 1, 1)),
}
