"""When so many rows are refused that a run ends before it sends more in vain.

Only if its import says so: without a limit refused rows never stop a run. Nothing is asked of
the database for a whole run, whose only owner counts what it records. The owners of shards
look at the sums of their run, half a second old at most (ADR 37), twice a second.
"""

import time
from dataclasses import dataclass
from typing import Final

from imports.models import Run
from imports.runner.grip import Grip

JUDGED_FROM: Final = 1_000  # rows: of fewer, a share says little
LOOK_SECONDS: Final = 0.5


class TooManyRefused(Exception):
    """More rows are refused than the import allows: the run ends before it sends others."""


@dataclass
class Threshold:
    """The refused share of a run, as far as this owner knows it. For one thread."""

    grip: Grip
    _read: int
    _refused: int
    _looked_at: float = 0.0

    @classmethod
    def of(cls, grip: Grip) -> "Threshold":
        """From where the run was when this owner claimed it."""
        return cls(grip, grip.run.read_count, grip.run.refused_count)

    def count(self, *, read: int, refused: int) -> None:
        """What this owner has recorded."""
        self._read += read
        self._refused += refused

    def judge(self) -> None:
        """Call it while nothing is intended that has not left.

        Raises:
            TooManyRefused: the run is to end.
        """
        limit = _limit_of(self.grip.run)
        if limit is None:
            return
        if self.grip.shard is not None:
            self._look()
        _judge(limit, self._read, self._refused)

    def _look(self) -> None:
        """All shards count, and what this one has counted is among it soon."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        sums = Run.objects.filter(pk=self.grip.run.pk).values_list("read_count", "refused_count")
        self._read, self._refused = sums.get()
        self._looked_at = time.monotonic()


def judge_whole(run: Run) -> None:
    """Judge a run whose rows are all recorded, by its fresh row: the last rows count, too.

    Raises:
        TooManyRefused: it is to end as failed.
    """
    limit = _limit_of(run)
    if limit is not None:
        _judge(limit, run.read_count, run.refused_count)


def _limit_of(run: Run) -> int | None:
    """In percent. A replay is a second try of rows of which all were refused or in doubt."""
    limit: int | None = run.snapshot.get("refused_limit")  # older runs have none
    return None if run.is_replay else limit


def _judge(limit: int, read: int, refused: int) -> None:
    if read < JUDGED_FROM or refused * 100 <= limit * read:
        return
    share = -(-refused * 10_000 // read) / 100  # rounded up: it must not read like the limit
    raise TooManyRefused(
        f"This run was ended after {read:,} rows: {refused:,} of them, {share:.2f} %, were "
        f"refused, more than the {limit:,} % that its import allows. See Refused rows by reason, "
        "and mend the mapping or the table; or raise or clear the limit under Edit."
    )
