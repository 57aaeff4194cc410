"""What BigQuery does for this installation at a glance: figures, what needs care, what is at work.

Reads only, in a fixed number of queries.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from connections import status
from connections.models import Connection
from connections.models.connection import ConnectionQuerySet
from imports import progress
from imports.models import Import, Run
from imports.progress import Outcome

NEWEST = 5


@dataclass(frozen=True)
class Figures:
    """Live numbers; ``accepted`` since ``since``, the beginning of the viewer's month."""

    connections: int
    imports: int
    running: int
    accepted: int
    since: datetime


@dataclass(frozen=True)
class Shown:
    """One row of the short list of connections."""

    connection: Connection
    badge: status.Badge


@dataclass(frozen=True)
class AtWork:
    """One of the newest runs."""

    run: Run
    outcome: Outcome


@dataclass(frozen=True)
class Overview:
    """The page of BigQuery once something is connected. ``failed_count`` ends at ``NEWEST``."""

    figures: Figures
    failed_count: int
    connections: list[Shown]
    runs: list[AtWork]


def figures_of(*, now: datetime) -> Figures:
    """The numbers of the card. The month is the active time zone's."""
    here = timezone.localtime(now)
    since = timezone.make_aware(datetime(here.year, here.month, 1))  # noqa: DTZ001
    accepted = Run.objects.filter(queued_at__gte=since).aggregate(rows=Sum("accepted_count"))
    return Figures(
        connections=Connection.objects.listed().count(),
        imports=Import.objects.listed().count(),
        running=Run.objects.active().count(),
        accepted=accepted["rows"] or 0,
        since=since,
    )


def overview_of(*, now: datetime) -> Overview:
    """Figures, then connections that need care before the newest, then the newest runs."""
    failed = status.with_badge(Connection.objects.active()).filter(status.shown_as(status.FAILED))
    troubled = _shown(failed)
    others = _shown(
        Connection.objects.listed().exclude(pk__in=[one.connection.pk for one in troubled])
    )
    runs = Run.objects.select_related("parent").newest_first()[:NEWEST]
    return Overview(
        figures=figures_of(now=now),
        failed_count=len(troubled),
        connections=[*troubled, *others][:NEWEST],
        runs=[AtWork(run, progress.outcome_of(run)) for run in runs],
    )


def _shown(connections: ConnectionQuerySet) -> list[Shown]:
    newest = connections.select_related("key", "latest_test").order_by("-created_at", "id")[:NEWEST]
    return [Shown(connection, status.badge_of(connection)) for connection in newest]
