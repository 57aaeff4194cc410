"""The filters of Import Connections, read from the address so that a list can be shared."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from connections.models import Connection
from connections.models.connection import ConnectionQuerySet


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.email)


class FilterForm(forms.Form):
    q = forms.CharField(label="Search", required=False, max_length=200)
    connected_from = forms.DateField(
        label="Connected On, from", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    connected_to = forms.DateField(
        label="Connected On, to", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    connected_by = PersonChoice(
        label="Connected By", required=False, queryset=User.objects.none(), empty_label="Anybody"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        makers = Connection.objects.listed().values("created_by")
        field = self.fields["connected_by"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = User.objects.filter(pk__in=makers).order_by("email")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        begin, end = values.get("connected_from"), values.get("connected_to")
        if begin and end and end < begin:
            self.add_error("connected_to", "This day lies before the first one.")
        return values


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; None and empty mean: not at all."""

    text: str = ""
    connected_from: date | None = None
    connected_to: date | None = None
    connected_by: UUID | None = None
    connected_by_email: str = ""

    @classmethod
    def of(cls, form: FilterForm) -> "Filters":
        """What the form's valid fields say; a field with an error filters nothing."""
        form.is_valid()
        values = form.cleaned_data
        person = values.get("connected_by")
        return cls(
            text=values.get("q", ""),
            connected_from=values.get("connected_from"),
            connected_to=values.get("connected_to"),
            connected_by=person.pk if person else None,
            connected_by_email=person.email if person else "",
        )

    @property
    def is_active(self) -> bool:
        return bool(self.text or self.connected_from or self.connected_to or self.connected_by)

    def apply(self, connections: ConnectionQuerySet) -> ConnectionQuerySet:
        """The connections that pass every filter; days are the viewer's days."""
        if self.text:
            names = Q(name__icontains=self.text) | Q(project_id__icontains=self.text)
            connections = connections.filter(names | Q(dataset_id__icontains=self.text))
        if self.connected_from:
            connections = connections.filter(created_at__gte=_start_of(self.connected_from))
        if self.connected_to:
            day_after = self.connected_to + timedelta(days=1)
            connections = connections.filter(created_at__lt=_start_of(day_after))
        if self.connected_by:
            connections = connections.filter(created_by=self.connected_by)
        return connections

    def chips(self, query: QueryDict) -> list[dict[str, str]]:
        """Each active filter as words, with the address of the list without it."""
        begin, end = self.connected_from, self.connected_to
        words = (
            ("q", "Search", self.text),
            ("connected_from", "Connected On, from", f"{begin:%-d %b %Y}" if begin else ""),
            ("connected_to", "Connected On, to", f"{end:%-d %b %Y}" if end else ""),
            ("connected_by", "Connected By", self.connected_by_email),
        )
        return [
            {"label": label, "value": value, "url": _without(query, name)}
            for name, label, value in words
            if value
        ]


def _without(query: QueryDict, name: str) -> str:
    rest = query.copy()
    rest.pop(name, None)
    rest.pop("page", None)
    return f"?{rest.urlencode()}"


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
