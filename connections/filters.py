"""The filters of Import Connections."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from connections import filtering, sorting, status
from connections.filtering import DayField, Filter, OneOfField, by_key
from connections.models import Connection, folded
from connections.models.connection import ConnectionQuerySet


class FilterForm(filtering.FilterForm):
    connected_from = DayField(label="Connected On, from", required=False)
    connected_to = DayField(label="Connected On, to", required=False)
    status = OneOfField(
        label="Status",
        choices={badge.value: badge for badge in status.LISTED},
        refusal="There is no status “{}”. Choose one from the list.",
        words="word",
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
            choices=by_key(people_who_connected()),
            refusal="“{}” is nobody who has connections here. Choose a person from the list.",
            words="email",
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.refuse_backwards(values, "connected_from", "connected_to")
        return values


def people_who_connected() -> list[User]:
    """Everybody who has a connection, by e-mail."""
    theirs = Connection.objects.listed().filter(created_by=OuterRef("pk"))
    return list(User.objects.filter(Exists(theirs)).only("email").order_by("email"))


@dataclass(frozen=True)
class Filters(filtering.Filters):
    """What narrows Import Connections, and its order."""

    DEFAULT_SORT: ClassVar[str] = sorting.DEFAULT

    @classmethod
    def of(cls, form: FilterForm) -> "Filters":
        form.is_valid()
        values = form.cleaned_data
        active = filtering.those(
            _search(values.get("q", "")),
            filtering.created_on("Connected On", values, "connected_from", "connected_to"),
            filtering.created_by("Connected By", "connected_by", values.get("connected_by")),
            _status(values.get("status")),
        )
        return cls(active=active, sort=values.get("sort") or sorting.DEFAULT)

    def found(self, connections: ConnectionQuerySet) -> ConnectionQuerySet:
        """The connections that pass every filter, in order."""
        return sorting.in_order(self.passing(connections), self.sort)

    def ready(self, rows: ConnectionQuerySet) -> ConnectionQuerySet:
        has_status = any("status" in one.query for one in self.active)
        return status.with_badge(rows) if has_status else rows


def _search(text: str) -> Filter | None:
    if not text:
        return None
    condition = (
        Q(name_key__contains=folded(text))
        | Q(project_id__icontains=text)
        | Q(dataset_id__icontains=text)
    )
    return Filter("Search", text, {"q": text}, condition)


def _status(badge: status.Badge | None) -> Filter | None:
    if badge is None:
        return None
    return Filter("Status", badge.word, {"status": badge.value}, status.shown_as(badge))
