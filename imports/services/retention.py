"""Forgetting the details of runs that ended long ago: batches, refused rows, held records.

In small portions, so that nobody waits for a lock, and only while nothing needs them. The
sums of a run, its job and how it ended are kept for ever (ADR 25).
"""

import time
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from imports.models import Batch, KeptRows, LogLine, RefusedRow, Run

logger = structlog.get_logger(__name__)

PORTION: Final = 500
SECONDS: Final = 0.5  # of one tick


def forget_details(*, now: datetime) -> int:
    """Remove what is old enough, as far as the time of one tick goes; returns how many rows."""
    end, removed = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        run = _oldest(before=now - timedelta(days=settings.RUN_DETAILS_DAYS))
        if run is None:
            break
        removed += _forget_some(run, now=now)
    return removed


def _oldest(*, before: datetime) -> Run | None:
    """The run that ended first, of those whose details nobody needs any more."""
    at_work = Run.objects.active().filter(replay_of=OuterRef("pk"))
    old = Run.objects.filter(
        state__in=Run.State.final(), finished_at__lt=before, forgotten_at__isnull=True
    )
    return old.exclude(Exists(at_work)).order_by("finished_at").only("pk").first()


def _forget_some(run: Run, *, now: datetime) -> int:
    """One portion of its details; that there are none left is written down."""
    for rows in _details(run):
        ids: list[Any] = list(rows.values_list("pk", flat=True)[:PORTION])
        if ids:
            return rows.model._default_manager.filter(pk__in=ids).delete()[0]
    run.batches.filter(sealed_records__isnull=False).update(sealed_records=None)
    Run.objects.filter(pk=run.pk).update(forgotten_at=now)
    logger.info("details of a run forgotten", run=str(run.pk))
    return 0


def _details(
    run: Run,
) -> list[QuerySet[RefusedRow] | QuerySet[KeptRows] | QuerySet[LogLine] | QuerySet[Batch]]:
    """In the order of removal. Batches of unknown outcome stay: what was decided, and by whom."""
    return [
        run.refused_rows.all(),
        run.kept_rows.all(),
        run.log.all(),
        run.batches.filter(~Q(state=Batch.State.UNKNOWN)),
    ]
