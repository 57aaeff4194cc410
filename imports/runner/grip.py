"""Am I still the one who works on this run, and should I go on?

A lease in the database says who owns a run; its fence number guards every write. The
question is asked before each group of requests that leaves this machine (ADR 3, 24).
"""

import time
from dataclasses import dataclass
from typing import Any, NoReturn

from imports.models import Run
from imports.runner import leaving


class Lost(Exception):
    """Somebody else owns the run now, or it is over: write and send nothing more."""


class StopAsked(Exception):
    """The run is mine, and a stop was requested: send nothing more, then settle."""


@dataclass
class Grip:
    """The hold of this worker on one claimed run."""

    run: Run

    def confirm(self, **values: Any) -> None:
        """Extend the lease and write ``values`` with it, in one guarded UPDATE.

        Raises:
            Leave: this worker is shutting down; nothing was written.
            StopAsked: a stop was requested; nothing was written.
            Lost: the run is not mine any more; nothing was written.
        """
        if leaving.is_asked():
            raise leaving.Leave
        if not self.run.extend_lease(**values):
            self._explain()

    def write(self, **values: Any) -> None:
        """Write as the owner, also while a stop is pending.

        Raises:
            Lost: the run is not mine any more; nothing was written.
        """
        if not self.run.record(**values):
            raise Lost

    def sleep(self, seconds: float) -> None:
        """Wait in short slices, confirming between them, so that a stop is seen at once."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(0.25, left))
            self.confirm()

    def _explain(self) -> NoReturn:
        mine = Run.objects.owned(fence=self.run.fence).filter(pk=self.run.pk)
        if mine.filter(stop_requested_at__isnull=False).exists():
            raise StopAsked
        raise Lost
