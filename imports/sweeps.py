"""What the tick does for imports: start what is due, wake what waits, end what nobody ends,
forget what is old."""

import time
from datetime import datetime, timedelta

import structlog

from connections.bell import ring
from imports import runner, tasks
from imports.models import Heartbeat, Run
from imports.services import cursors, dry_runs, retention, runs, scheduling, write_backs

logger = structlog.get_logger(__name__)

# A worker has had its chance by then: its bell was rung, and rung again.
STOPS_LEFT_FOR = timedelta(seconds=20)
# The tick has other duties, and /readyz watches its pulse.
SECONDS_FOR_STOPS = 20.0


def sweep(*, now: datetime) -> None:
    """Record that the scheduler is alive, start and ring for runs, end and forget what was left."""
    Heartbeat.beat(Heartbeat.Part.TICK)
    cursors.forget_old(now=now)
    scheduling.start_due_runs(now=now)
    runs.ring_waiting_runs(now=now)
    write_backs.ring_waiting(now=now)
    ring(tasks.beat)
    dry_runs.forget_old(now=now)
    end_left_stops(now=now)
    retention.forget_details(now=now)


def end_left_stops(*, now: datetime) -> int:
    """Carry out stops that no worker carries out; returns how many were taken up.

    A stop must not need a live worker (ADR 13): the tick claims the run as a worker would,
    sees its job cancelled at BigQuery, and writes the final state.
    """
    left = Run.objects.left_stopping(since=now - STOPS_LEFT_FOR).order_by("stop_requested_at")
    end, taken = time.monotonic() + SECONDS_FOR_STOPS, 0
    for run_id in list(left.values_list("pk", flat=True)):
        if time.monotonic() > end:
            break
        logger.warning("no worker ends this stop: the tick does", run=str(run_id))
        runner.execute_run(run_id=run_id)
        taken += 1
    return taken
