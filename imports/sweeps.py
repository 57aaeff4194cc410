"""What the tick does for imports: wake every run that waits, whatever silenced its bell."""

from datetime import datetime

from connections.bell import ring
from imports import tasks
from imports.models import Heartbeat
from imports.services import runs


def sweep(*, now: datetime) -> None:
    """Ring for waiting runs and record that the scheduler is alive."""
    Heartbeat.beat(Heartbeat.Part.TICK)
    runs.ring_waiting_runs(now=now)
    ring(tasks.beat)
