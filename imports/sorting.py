"""The columns of the Import center and the orders they can be put in.

Every order ends with the id, so no row is on two pages. Which index serves which order:
``import_newest_first`` Created On; the others sort.
"""

from django.db.models import Case, F, FloatField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, NullIf

from connections.sorting import Column
from imports.models import Run
from imports.models.definition import ImportQuerySet
from imports.status import RUNNING

# Twelve do not fit beside each other: those of one group share a column, in two lines.
GROUPS = (
    (Column("nickname", "Nickname", "nickname_key"),),
    (Column("status", "Status", "badge"),),
    (Column("sync_type", "Sync Type", "kind"), Column("frequency", "Frequency")),
    (Column("health", "Health", "health"),),
    (Column("last_run", "Last Run", "last_run", begins_descending=True),),
    (Column("datasource", "Datasource", "connection__name_key"), Column("partner", "Partner")),
    (
        Column("created_on", "Created On", "created_at", begins_descending=True),
        Column("created_by", "Created By", "created_by__email"),
    ),
    (
        Column("updated_on", "Updated On", "updated_at", begins_descending=True),
        Column("updated_by", "Updated By", "updated_by__email"),
    ),
)
COLUMNS = tuple(column for group in GROUPS for column in group)
DEFAULT = "-created_on"
_FIELDS = {column.name: column.field for column in COLUMNS if column.field}
# What the address may say: the name of a column, with a minus for descending.
SORTS = (*_FIELDS, *(f"-{name}" for name in _FIELDS))


def in_order(imports: ImportQuerySet, sort: str) -> ImportQuerySet:
    """The imports in the order of ``sort``, one of ``SORTS``; what has no such value is last."""
    is_descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name == "status":
        imports = _with_badge(imports)
    if name == "last_run":
        newest = Run.objects.filter(parent=OuterRef("pk")).newest_first()
        imports = imports.alias(last_run=Subquery(newest.values("queued_at")[:1]))
    if name == "health":
        imports = _with_health(imports)
    field = F(_FIELDS[name])
    empty = {"nulls_last": True} if name in {"last_run", "health"} else {}
    if is_descending:
        return imports.order_by(field.desc(**empty), "id")
    return imports.order_by(field.asc(**empty), "-id")


def _with_badge(imports: ImportQuerySet) -> ImportQuerySet:
    running = When(is_running=True, then=Value(RUNNING.value))
    return imports.with_activity().alias(badge=Case(running, default=F("status")))


def _with_health(imports: ImportQuerySet) -> ImportQuerySet:
    """The share of rows as ``imports.progress`` has it: of the newest run, once it is over."""
    judged = NullIf(F("read_count") - F("skipped_count"), Value(0))
    share = Cast(F("accepted_count"), FloatField()) / Cast(judged, FloatField())
    is_over = When(state__in=Run.State.final(), then=share)
    newest = Run.objects.filter(parent=OuterRef("pk")).newest_first()
    return imports.alias(health=Subquery(newest.values_list(Case(is_over))[:1]))
