"""What lists are narrowed by, read from the address so that a list can be shared.

What cannot be read filters nothing, and says so in a sentence of its own. Each list has a
form of these fields and a ``Filters`` of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.dateformat import format as in_words

LONGEST_SEARCH = 200
# Wide enough for every list, and away from the days that Python cannot count with.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


class SearchField(forms.Field):
    def clean(self, value: Any) -> str:
        text = str(value or "").strip()
        if "\0" in text:
            raise ValidationError(
                "No name has such a character, so it is not searched for. Type it again."
            )
        if len(text) > LONGEST_SEARCH:
            raise ValidationError(
                f"Search for at most {LONGEST_SEARCH} characters: these are {len(text):,}, "
                "and not searched for."
            )
        return text


class DayField(forms.Field):
    def clean(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            sentence = f"“{_short(text)}” is not a day. Choose one, or write it like 2026-03-31."
            raise ValidationError(sentence) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(f"Choose a day from {FIRST_DAY.year} to {LAST_DAY.year}.")
        return day


class OneOfField(forms.Field):
    """One of ``choices`` by its value in the address; ``refusal`` has a place for another.

    ``words`` is the attribute of a choice that people read; without it the choice itself.
    """

    def __init__(
        self, *, label: str, choices: dict[str, Any], refusal: str, words: str = ""
    ) -> None:
        super().__init__(label=label, required=False)
        self.choices, self.refusal, self.words = choices, refusal, words

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if text and text not in self.choices:
            raise ValidationError(self.refusal.format(_short(text)))
        return self.choices.get(text)

    @property
    def options(self) -> list[tuple[str, str]]:
        """Each choice as its value in the address and its words."""
        return [
            (value, str(getattr(choice, self.words) if self.words else choice))
            for value, choice in self.choices.items()
        ]


class FilterForm(forms.Form):
    """The filters and the order as the address has them; each list adds its own."""

    q = SearchField(label="Search", required=False)

    @property
    def pane_errors(self) -> bool:
        """Whether something inside of the Filter pane cannot be read."""
        return bool(self.errors.keys() - {"q", "sort"})

    def refuse_backwards(self, values: dict[str, Any], begin: str, end: str) -> None:
        """Say so when the days of a range are the wrong way round."""
        first, last = values.get(begin), values.get(end)
        if first and last and last < first:
            self.add_error(end, f"This day lies before the first one, {_day(first)}. Swap the two.")


@dataclass(frozen=True)
class Filter:
    """One thing that the list is narrowed to: in words, as address, as condition."""

    label: str
    value: str
    query: dict[str, str]
    condition: Q


@dataclass(frozen=True)
class Filters:
    """What narrows a list, and its order. Days are the days of who looks."""

    DEFAULT_SORT: ClassVar[str] = ""

    active: tuple[Filter, ...] = ()
    sort: str = ""

    def ready(self, rows: Any) -> Any:
        """The rows with all that the conditions name."""
        return rows

    def passing(self, rows: Any) -> Any:
        """The rows that pass every filter."""
        return self.ready(rows).filter(self._all_but(None))

    def counts_without_one(self, rows: Any) -> list[int]:
        """How many rows there would be without each filter; the last: without all."""
        counts = [Count("pk", filter=self._all_but(one) or None) for one in self.active]
        named = {f"count_{place}": count for place, count in enumerate([*counts, Count("pk")])}
        return list(self.ready(rows).aggregate(**named).values())

    def url(self, changed: dict[str, str] | None = None, without: Filter | None = None) -> str:
        """The address of this list: with other values, or without one of its filters."""
        query: dict[str, str] = {}
        for one in self.active:
            if one is not without:
                query |= one.query
        if self.sort != self.DEFAULT_SORT:
            query["sort"] = self.sort
        return f"?{urlencode(query | (changed or {}))}"

    @property
    def sort_in_address(self) -> str:
        """The order, where it is not the one that a list has by itself."""
        return "" if self.sort == self.DEFAULT_SORT else self.sort

    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the address of the list without it."""
        return [
            {"label": one.label, "value": one.value, "url": self.url(without=one)}
            for one in self.active
        ]

    def quick_days(self, label: str, begin: str, end: str) -> list[dict[str, Any]]:
        """The quick choices of a range of days: both ends belong to it and are in the address."""
        today = timezone.localdate()
        begins = (
            ("Today", today),
            ("Last 7 days", today - timedelta(days=6)),
            ("Last 30 days", today - timedelta(days=29)),
            ("This month", today.replace(day=1)),
        )
        chosen = [one.query for one in self.active if one.label == label]
        days = [
            (words, {begin: first.isoformat(), end: today.isoformat()}) for words, first in begins
        ]
        return [
            {"label": words, "url": self.url(query), "is_chosen": query in chosen}
            for words, query in days
        ]

    def emptiness(self, rows: "QuerySet[Any]") -> dict[str, Any]:
        """Why the list is empty: the filters that exclude all alone, or there is nothing."""
        *counts, total = self.counts_without_one(rows)
        return {
            "is_filtered": total > 0,
            "filters": [
                {"label": one.label, "count": count, "url": self.url(without=one)}
                for one, count in zip(self.active, counts, strict=True)
                if count
            ],
        }

    def _all_but(self, left_out: Filter | None) -> Q:
        return reduce(and_, (one.condition for one in self.active if one is not left_out), Q())


def those(*found: Filter | None) -> tuple[Filter, ...]:
    """The filters that are set."""
    return tuple(one for one in found if one)


def created_on(label: str, values: dict[str, Any], begin: str, end: str) -> Filter | None:
    """Rows made on the days from one to the other, both included."""
    first, last = values.get(begin), values.get(end)
    query: dict[str, str] = {}
    condition = Q()
    if first:
        query[begin] = first.isoformat()
        condition &= Q(created_at__gte=_start_of(first))
    if last:
        query[end] = last.isoformat()
        condition &= Q(created_at__lt=_start_of(last + timedelta(days=1)))
    return Filter(label, _days(first, last), query, condition) if query else None


def created_by(label: str, name: str, person: Any) -> Filter | None:
    """Rows that the person made."""
    if person is None:
        return None
    return Filter(label, person.email, {name: str(person.pk)}, Q(created_by=person))


def by_key(people: Sequence[Any]) -> dict[str, Any]:
    """Rows as the choices of a ``OneOfField``."""
    return {str(one.pk): one for one in people}


def _days(begin: date | None, end: date | None) -> str:
    if begin and end:
        return _day(begin) if begin == end else f"{_day(begin)} to {_day(end)}"
    return f"from {_day(begin)}" if begin else f"until {_day(end)}" if end else ""


def _day(day: date) -> str:
    return in_words(day, "j M Y")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
