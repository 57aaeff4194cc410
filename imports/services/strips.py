"""The last runs of each import of a list, as strips, in one query for the whole page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import DateTimeField, F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from imports import charts, progress
from imports.charts.strip import SLOTS
from imports.models import Import, Run

_NEEDED: Final = (
    *("state", "stop_requested_at", "failure_code"),
    *("read_count", "accepted_count", "refused_count", "skipped_count", "unknown_count"),
)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def strips_of(ids: Sequence[UUID]) -> dict[UUID, charts.Strip]:
    """One strip for each import; of its history the index gives only the newest runs."""
    newest = Run.objects.filter(parent=OuterRef("pk")).order_by("-queued_at")
    tenth = Subquery(newest.values("queued_at")[SLOTS - 1 : SLOTS])
    rows: Any = (
        Import.objects.filter(pk__in=ids)
        .annotate(since=Coalesce(tenth, Value(_LONG_AGO), output_field=DateTimeField()))
        .annotate(last=FilteredRelation("runs", condition=Q(runs__queued_at__gte=F("since"))))
        .filter(last__isnull=False)
        .order_by("-last__queued_at", "-last__pk")
        .values("pk", *(f"last__{name}" for name in _NEEDED))
    )
    marks: dict[UUID, list[charts.Mark]] = defaultdict(list)
    for row in rows:
        marks[row["pk"]].append(mark_of(Run(**{name: row[f"last__{name}"] for name in _NEEDED})))
    return {pk: charts.strip_of(marks[pk]) for pk in ids}


def mark_of(run: Run) -> charts.Mark:
    """The run's health where it has one, else how it ended: never the same for two of them."""
    outcome = progress.outcome_of(run)
    if not run.is_final:
        return charts.Mark("running", outcome.word)
    if run.state == Run.State.FAILED:
        return charts.Mark("failed", outcome.word)
    if run.state == Run.State.STOPPED:
        return charts.Mark("stopped", outcome.word)
    if not progress.judged_count(run):
        return charts.Mark("none", outcome.word)
    health = progress.health_of(run)
    return charts.Mark(health.state, health.word)
