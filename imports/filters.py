"""The filters of the Import center."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import User
from connections import filtering
from connections.filtering import DayField, Filter, OneOfField, by_key
from connections.models import Connection, folded
from imports import sorting, status
from imports.frequency import FREQUENCIES, Frequency
from imports.models import Import, Run
from imports.models.definition import ImportQuerySet
from imports.outcomes import ENDINGS, Ending

# More names than anybody looks through in a list; the others are found by the search.
MOST_DATASOURCES = 500
# Whose rows can be imported; as the column **Partner** says it.
PARTNERS = {"bigquery": "BigQuery"}
# Of imports, not of runs: there is none yet.
_NEVER = Ending("never", "Never run", Q(newest_run__isnull=True))


class FilterForm(filtering.FilterForm):
    status = OneOfField(
        label="Status",
        choices={badge.value: badge for badge in status.LISTED},
        refusal="There is no status “{}”. Choose one from the list.",
        words="word",
    )
    sync_type = OneOfField(
        label="Sync Type",
        choices={kind.value: kind for kind in Import.Kind},
        refusal="There is no sync type “{}”. Choose one from the list.",
        words="label",
    )
    frequency = OneOfField(
        label="Frequency",
        choices={one.value: one for one in FREQUENCIES},
        refusal="There is no frequency “{}”. Choose one from the list.",
        words="word",
    )
    outcome = OneOfField(
        label="Last outcome",
        choices={ending.value: ending for ending in (*ENDINGS, _NEVER)},
        refusal="There is no outcome “{}”. Choose one from the list.",
        words="word",
    )
    partner = OneOfField(
        label="Partner",
        choices=PARTNERS,
        refusal="There is no partner “{}”. Choose one from the list.",
    )
    created_from = DayField(label="Created On, from", required=False)
    created_to = DayField(label="Created On, to", required=False)
    sort = OneOfField(
        label="Sort",
        choices={sort: sort for sort in sorting.SORTS},
        refusal="The list cannot be sorted by “{}”: it shows the newest first.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datasources = datasources(chosen=self.data.get("datasource", ""))
        self.fields["datasource"] = OneOfField(
            label="Datasource",
            choices=by_key(self.datasources),
            refusal="“{}” is no connection that has imports. Choose one from the list.",
            words="name",
        )
        self.fields["created_by"] = OneOfField(
            label="Created By",
            choices=by_key(people_who_created()),
            refusal="“{}” is nobody who has imports here. Choose a person from the list.",
            words="email",
        )

    @property
    def has_more_datasources(self) -> bool:
        """Whether some are not offered, because nobody would look through them all."""
        return len(self.datasources) >= MOST_DATASOURCES

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.refuse_backwards(values, "created_from", "created_to")
        return values


def people_who_created() -> list[User]:
    """Everybody who has an import, by e-mail."""
    theirs = Import.objects.listed().filter(created_by=OuterRef("pk"))
    return list(User.objects.filter(Exists(theirs)).only("email").order_by("email"))


def datasources(*, chosen: str) -> list[Connection]:
    """The connections that have imports, by name; the chosen one always among them."""
    theirs = Import.objects.listed().filter(connection=OuterRef("pk"))
    having = Connection.objects.filter(Exists(theirs)).only("name", "name_key")
    found = list(having.order_by("name_key")[:MOST_DATASOURCES])
    if chosen and len(found) >= MOST_DATASOURCES and _is_uuid(chosen):
        found += having.filter(pk=chosen).exclude(pk__in=[one.pk for one in found])
    return found


@dataclass(frozen=True)
class Filters(filtering.Filters):
    """What narrows the Import center, and its order."""

    DEFAULT_SORT: ClassVar[str] = sorting.DEFAULT

    @classmethod
    def of(cls, form: FilterForm) -> "Filters":
        form.is_valid()
        values = form.cleaned_data
        active = filtering.those(
            _search(values.get("q", "")),
            _status(values.get("status")),
            _sync_type(values.get("sync_type")),
            _frequency(values.get("frequency")),
            _outcome(values.get("outcome")),
            _datasource(values.get("datasource")),
            _partner(values.get("partner")),
            filtering.created_on("Created On", values, "created_from", "created_to"),
            filtering.created_by("Created By", "created_by", values.get("created_by")),
        )
        return cls(active=active, sort=values.get("sort") or sorting.DEFAULT)

    def found(self, imports: ImportQuerySet) -> ImportQuerySet:
        """The imports that pass every filter, in order."""
        return sorting.in_order(self.passing(imports), self.sort)

    def ready(self, rows: ImportQuerySet) -> ImportQuerySet:
        named = {name for one in self.active for name in one.query}
        if "status" in named:
            rows = rows.with_activity()
        if "outcome" in named:
            runs = Run.objects.filter(parent=OuterRef("pk")).newest_first()
            rows = rows.alias(newest_run=Subquery(runs.values("pk")[:1]))
        return rows


def _search(text: str) -> Filter | None:
    if not text:
        return None
    condition = (
        Q(nickname_key__contains=folded(text))
        | Q(table_id__icontains=text)
        | Q(sql__icontains=text)
        | Q(connection__name_key__contains=folded(text))
    )
    return Filter("Search", text, {"q": text}, condition)


def _status(badge: status.Badge | None) -> Filter | None:
    if badge is None:
        return None
    return Filter("Status", badge.word, {"status": badge.value}, status.shown_as(badge))


def _sync_type(kind: Import.Kind | None) -> Filter | None:
    if kind is None:
        return None
    return Filter("Sync Type", str(kind.label), {"sync_type": kind.value}, Q(kind=kind.value))


def _frequency(frequency: Frequency | None) -> Filter | None:
    if frequency is None:
        return None
    query = {"frequency": frequency.value}
    return Filter("Frequency", frequency.word, query, frequency.condition)


def _outcome(ending: Ending | None) -> Filter | None:
    """The imports whose newest run ended so, as the column **Last Run** says it."""
    if ending is None:
        return None
    query = {"outcome": ending.value}
    if ending is _NEVER:
        return Filter("Last outcome", ending.word, query, ending.condition)
    newest = Run.objects.filter(ending.condition, pk=OuterRef("newest_run"))
    return Filter("Last outcome", ending.word, query, Q(Exists(newest)))


def _partner(partner: str | None) -> Filter | None:
    """Every import is of the one partner that there is; a shared address may say it."""
    return Filter("Partner", partner, {"partner": partner.lower()}, Q()) if partner else None


def _datasource(connection: Connection | None) -> Filter | None:
    if connection is None:
        return None
    query = {"datasource": str(connection.pk)}
    return Filter("Datasource", connection.name, query, Q(connection=connection))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
