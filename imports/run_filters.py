"""The filters of an import's Stats, read from the address so that they can be shared.

What cannot be read filters nothing, and says so in a sentence of its own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import Q

from connections.filtering import DayField, OneOfField
from imports.outcomes import ENDINGS, Ending
from imports.periods import start_of

_QUICK: Final = (("Last 7 days", 6), ("Last 30 days", 29), ("Last 12 months", 365))


class RunFilterForm(forms.Form):
    """The filters as the address has them."""

    begin = DayField(label="Date & Time, from", required=False)
    end = DayField(label="Date & Time, to", required=False)
    outcome = OneOfField(
        label="Outcome",
        choices={ending.value: ending for ending in ENDINGS},
        refusal="There is no outcome “{}”, so all are shown. Choose one from the list.",
    )

    def __init__(self, data: Any) -> None:
        named = {"begin": data.get("from"), "end": data.get("to"), "outcome": data.get("outcome")}
        super().__init__(named)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        begin, end = values.get("begin"), values.get("end")
        if begin and end and end < begin:
            sentence = f"This day lies before the first one, {begin.isoformat()}. Swap the two."
            self.add_error("end", sentence)
        return values


@dataclass(frozen=True)
class RunFilters:
    """The days (of who looks, both included) and the outcome that the runs must have."""

    begin: date | None = None
    end: date | None = None
    outcome: Ending | None = None

    @classmethod
    def of(cls, form: RunFilterForm) -> "RunFilters":
        form.is_valid()
        return cls(**{name: form.cleaned_data.get(name) for name in ("begin", "end", "outcome")})

    @property
    def condition(self) -> Q:
        found = self.outcome.condition if self.outcome else Q()
        if self.begin:
            found &= Q(queued_at__gte=start_of(self.begin))
        if self.end:
            found &= Q(queued_at__lt=start_of(self.end + timedelta(days=1)))
        return found

    @property
    def is_active(self) -> bool:
        return self != RunFilters()

    @property
    def days(self) -> dict[str, str]:
        named = {"from": self.begin, "to": self.end}
        return {name: day.isoformat() for name, day in named.items() if day}

    def url(self, **changed: str) -> str:
        """The address with these filters and these changes; an empty value leaves one out."""
        outcome = {"outcome": self.outcome.value} if self.outcome else {}
        query = {**self.days, **outcome, **changed}
        return f"?{urlencode({name: value for name, value in query.items() if value})}"

    def chips(self) -> list[dict[str, str]]:
        """Each active filter in words, with the address without it."""
        chips = []
        if self.days:
            address = self.url(**{"from": "", "to": ""})
            chips.append({"label": "Date & Time", "value": self.days_in_words, "url": address})
        if self.outcome:
            address = self.url(outcome="")
            chips.append({"label": "Outcome", "value": self.outcome.word, "url": address})
        return chips

    @property
    def days_in_words(self) -> str:
        begin, end = (f"{day.day} {day:%b %Y}" if day else "" for day in (self.begin, self.end))
        if begin and end:
            return begin if begin == end else f"{begin} to {end}"
        return f"from {begin}" if begin else f"until {end}"

    def quick(self, *, today: date) -> list[dict[str, Any]]:
        """Quick choices of days, all of which end today."""
        chosen = []
        for label, days in _QUICK:
            query = {"from": (today - timedelta(days=days)).isoformat(), "to": today.isoformat()}
            chosen.append({"label": label, "url": self.url(**query), "on": query == self.days})
        everything = self.url(**{"from": "", "to": ""})
        return [*chosen, {"label": "All", "url": everything, "on": not self.days}]
