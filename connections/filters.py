"""The filters of Import Connections, read from the address so that a list can be shared.

What cannot be read filters nothing, and says so in a sentence of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateformat import format as in_words

from accounts.models import User
from connections import sorting, status
from connections.models import Connection, folded
from connections.models.connection import ConnectionQuerySet

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
    """One of ``choices`` by its value in the address; ``refusal`` has a place for another."""

    def __init__(self, *, label: str, choices: dict[str, Any], refusal: str) -> None:
        super().__init__(label=label, required=False)
        self.choices, self.refusal = choices, refusal

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if text and text not in self.choices:
            raise ValidationError(self.refusal.format(_short(text)))
        return self.choices.get(text)


class FilterForm(forms.Form):
    """The filters and the order as the address has them."""

    q = SearchField(label="Search", required=False)
    connected_from = DayField(label="Connected On, from", required=False)
    connected_to = DayField(label="Connected On, to", required=False)
    status = OneOfField(
        label="Status",
        choices={badge.value: badge for badge in status.LISTED},
        refusal="There is no status “{}”. Choose one from the list.",
    )
    sort = OneOfField(
        label="Sort",
        choices={sort: sort for sort in sorting.SORTS},
        refusal="The list cannot be sorted by “{}”: it shows the newest first.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connected_by"] = OneOfField(
            label="Connected By",
            choices={str(person.pk): person for person in people_who_connected()},
            refusal="“{}” is nobody who has connections here. Choose a person from the list.",
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        begin, end = values.get("connected_from"), values.get("connected_to")
        if begin and end and end < begin:
            self.add_error(
                "connected_to", f"This day lies before the first one, {_day(begin)}. Swap the two."
            )
        return values

    @property
    def pane_errors(self) -> bool:
        """Whether something inside of the Filter pane cannot be read."""
        return bool(self.errors.keys() - {"q", "sort"})


def people_who_connected() -> list[User]:
    """Everybody who has a connection, by e-mail."""
    theirs = Connection.objects.listed().filter(created_by=OuterRef("pk"))
    return list(User.objects.filter(Exists(theirs)).only("email").order_by("email"))


@dataclass(frozen=True)
class Filter:
    """One thing that the list is narrowed to: in words, as address, as condition."""

    label: str
    value: str
    query: dict[str, str]
    condition: Q


@dataclass(frozen=True)
class Filters:
    """What narrows the list, and its order. Days are the days of who looks."""

    active: tuple[Filter, ...] = ()
    sort: str = sorting.DEFAULT

    @classmethod
    def of(cls, form: FilterForm) -> "Filters":
        form.is_valid()
        values = form.cleaned_data
        begin, end = values.get("connected_from"), values.get("connected_to")
        found = (
            _search(values.get("q", "")),
            _connected_on(begin, end),
            _connected_by(values.get("connected_by")),
            _status(values.get("status")),
        )
        return cls(
            active=tuple(one for one in found if one), sort=values.get("sort") or sorting.DEFAULT
        )

    def found(self, connections: ConnectionQuerySet) -> ConnectionQuerySet:
        """The connections that pass every filter, in order."""
        return sorting.in_order(self._ready(connections).filter(self._all_but(None)), self.sort)

    def counts_without_one(self, connections: ConnectionQuerySet) -> list[int]:
        """How many connections there would be without each filter; the last: without all."""
        counts = [Count("pk", filter=self._all_but(one) or None) for one in self.active]
        named = {f"count_{place}": count for place, count in enumerate([*counts, Count("pk")])}
        return list(self._ready(connections).aggregate(**named).values())

    def url(self, changed: dict[str, str] | None = None, without: Filter | None = None) -> str:
        """The address of this list: with other values, or without one of its filters."""
        query: dict[str, str] = {}
        for one in self.active:
            if one is not without:
                query |= one.query
        if self.sort != sorting.DEFAULT:
            query["sort"] = self.sort
        return f"?{urlencode(query | (changed or {}))}"

    def _ready(self, connections: ConnectionQuerySet) -> ConnectionQuerySet:
        has_status = any("status" in one.query for one in self.active)
        return status.with_badge(connections) if has_status else connections

    def _all_but(self, left_out: Filter | None) -> Q:
        return reduce(and_, (one.condition for one in self.active if one is not left_out), Q())


def _search(text: str) -> Filter | None:
    if not text:
        return None
    condition = (
        Q(name_key__contains=folded(text))
        | Q(project_id__icontains=text)
        | Q(dataset_id__icontains=text)
    )
    return Filter("Search", text, {"q": text}, condition)


def _connected_on(begin: date | None, end: date | None) -> Filter | None:
    query: dict[str, str] = {}
    condition = Q()
    if begin:
        query["connected_from"] = begin.isoformat()
        condition &= Q(created_at__gte=_start_of(begin))
    if end:
        query["connected_to"] = end.isoformat()
        condition &= Q(created_at__lt=_start_of(end + timedelta(days=1)))
    return Filter("Connected On", _days(begin, end), query, condition) if query else None


def _connected_by(person: User | None) -> Filter | None:
    if person is None:
        return None
    query = {"connected_by": str(person.pk)}
    return Filter("Connected By", person.email, query, Q(created_by=person))


def _status(badge: status.Badge | None) -> Filter | None:
    if badge is None:
        return None
    return Filter("Status", badge.word, {"status": badge.value}, status.shown_as(badge))


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
