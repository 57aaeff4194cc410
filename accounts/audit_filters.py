"""What Audit Logs are narrowed by, read from the address so that a view can be shared.

What cannot be read filters nothing, and says so in a sentence of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AuditEntry

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
_LONGEST = 200


class _DayField(forms.Field):
    def clean(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            sentence = "This is not a day. Choose one, or write it like 2026-03-31."
            raise ValidationError(sentence) from None
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise ValidationError(f"Choose a day from {_FIRST_DAY.year} to {_LAST_DAY.year}.")
        return day


class _WordsField(forms.Field):
    def clean(self, value: Any) -> str:
        text = str(value or "").strip()
        if "\0" in text:
            raise ValidationError("Nothing here has such a character. Type it again.")
        if len(text) > _LONGEST:
            raise ValidationError(f"Use at most {_LONGEST} characters: these are {len(text):,}.")
        return text


class AuditFilterForm(forms.Form):
    """The filters as the address has them."""

    begin = _DayField(label="Date, from", required=False)
    end = _DayField(label="Date, to", required=False)
    person = _WordsField(label="E-mail", required=False)
    action = _WordsField(label="Action", required=False)
    object = _WordsField(label="Object", required=False)

    def __init__(self, data: Any) -> None:
        names = {"begin": "from", "end": "to"}
        super().__init__({name: data.get(names.get(name, name)) for name in self.base_fields})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        begin, end = values.get("begin"), values.get("end")
        if begin and end and end < begin:
            self.add_error("end", "This day lies before the first one. Swap the two.")
        return values


@dataclass(frozen=True)
class AuditFilters:
    """The days (of who looks, both included), and parts of e-mail, action and object."""

    begin: date | None = None
    end: date | None = None
    person: str = ""
    action: str = ""
    object: str = ""

    @classmethod
    def of(cls, form: AuditFilterForm) -> "AuditFilters":
        form.is_valid()
        return cls(
            **{name: form.cleaned_data[name] for name in form.fields if name in form.cleaned_data}
        )

    def passing(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries that pass every filter."""
        found = Q()
        if self.begin:
            found &= Q(at__gte=_start_of(self.begin))
        if self.end:
            found &= Q(at__lt=_start_of(self.end + timedelta(days=1)))
        if self.person:
            found &= Q(email__icontains=self.person)
        if self.action:
            found &= Q(action__icontains=self.action)
        if self.object:
            found &= Q(object_name__icontains=self.object) | _of_kind(self.object)
        return entries.filter(found)

    def url(self, **changed: str) -> str:
        """The address with these filters and these changes; an empty value leaves one out."""
        named = {
            "from": self.begin.isoformat() if self.begin else "",
            "to": self.end.isoformat() if self.end else "",
            "person": self.person,
            "action": self.action,
            "object": self.object,
        }
        kept = {name: value for name, value in (named | changed).items() if value}
        return f"?{urlencode(kept)}"

    def chips(self) -> list[dict[str, str]]:
        """Each filter in force in words, with the address without it."""
        chips = []
        if self.begin or self.end:
            without = self.url(**{"from": "", "to": ""})
            chips.append({"label": "Date", "value": self._days(), "url": without})
        for name, label in (("person", "E-mail"), ("action", "Action"), ("object", "Object")):
            if value := getattr(self, name):
                chips.append({"label": label, "value": value, "url": self.url(**{name: ""})})
        return chips

    def _days(self) -> str:
        begin, end = (f"{day.day} {day:%b %Y}" if day else "" for day in (self.begin, self.end))
        if begin and end:
            return begin if begin == end else f"{begin} to {end}"
        return f"from {begin}" if begin else f"until {end}"


def _of_kind(text: str) -> Q:
    return Q(object_kind__iexact=text) | Q(object_id__iexact=text)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
