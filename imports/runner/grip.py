"""Am I still the one who works on this run, and should I go on?

A lease in the database says who owns a run; its fence number guards every write. The
question is asked before each group of requests that leaves this machine (ADR 3, 24).
"""

import time
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from django.db import InterfaceError, InternalError, OperationalError

from imports.models import Run, Shard
from imports.models.written_at_once import Batches
from imports.runner import leaving

# The last: the server has ended this session, because it stood still in a transaction.
DATABASE_AWAY: Final = (OperationalError, InterfaceError, InternalError)


class Lost(Exception):
    """Somebody else owns the run now, or it is over: write and send nothing more."""


class StopAsked(Exception):
    """The work is mine, and its run is to end: send nothing more, then settle."""


@dataclass
class Grip:
    """The hold of this worker on one claimed run, or on one claimed shard of it (ADR 35)."""

    run: Run
    shard: Shard | None = None

    @property
    def work(self) -> Run | Shard:
        """What is claimed: the rows that this owner sends, and where it writes how far it is."""
        return self.shard or self.run

    def confirm(self, **values: Any) -> None:
        """Extend the lease and write ``values`` with it, in one guarded UPDATE.

        Raises:
            Leave: this worker is shutting down; nothing was written.
            StopAsked: the run is to end; nothing was written.
            Lost: the work is not mine any more; nothing was written.
        """
        if leaving.is_asked():
            raise leaving.Leave
        if not self.work.extend_lease(**values):
            self._explain()

    def write(self, **values: Any) -> None:
        """Write as the owner, also while a stop is pending.

        Raises:
            Lost: the work is not mine any more; nothing was written.
        """
        if not self.work.record(**values):
            raise Lost

    def write_with(
        self, answered: Batches, begun: Batches, *, confirms: bool, **values: Any
    ) -> bool:
        """``confirm``, or ``write``, with what became of batches, and new ones: in one statement.

        False: that is not possible; nothing was written. Raises: as either of them.
        """
        if confirms and leaving.is_asked():
            raise leaving.Leave
        done = self.work.write_with(answered, begun, extends=confirms, **values)
        if done is False:
            if confirms:
                self._explain()
            raise Lost
        return bool(done)

    def sleep(self, seconds: float) -> None:
        """Wait in short slices, confirming between them, so that a stop is seen at once."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(0.25, left))
            self.confirm()

    def _explain(self) -> NoReturn:
        if self.work.is_to_stop():
            raise StopAsked
        raise Lost
