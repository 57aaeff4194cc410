"""How far a run is: the gapless prefix of its recorded rows, and what is recorded beyond it.

Answers come in any order. ``next_row`` moves over rows without a gap only; batches beyond
it are found in the database by the next owner, who reads their rows again and skips them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from imports.models import Batch, Run, Shard


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch of before: rows ``first_row`` up to, without, ``end_row``."""

    first_row: int
    end_row: int
    is_open: bool


@dataclass
class Position:
    """Where the gap is: what the database says, and what this owner has committed since."""

    next_row: int
    beyond: dict[int, int] = field(default_factory=dict)  # first row to end row

    @classmethod
    def of(cls, work: Run | Shard) -> "Position":
        rows = work.batches.recorded().filter(first_row__gte=work.next_row)
        return cls(work.next_row, dict(rows.values_list("first_row", "end_row")))

    def after(self, first_row: int, end_row: int) -> int:
        """What ``next_row`` becomes once these rows are recorded."""
        row = end_row if first_row == self.next_row else self.next_row
        while row in self.beyond:
            row = self.beyond[row]
        return row

    def reached(self) -> int:
        """The end of the rows that are recorded without a gap."""
        return self.after(self.next_row, self.next_row)

    def after_all(self, parts: Iterable[tuple[int, int]]) -> int:
        """The same for several."""
        ahead = Position(self.next_row, dict(self.beyond))
        for first_row, end_row in parts:
            ahead.record(first_row, end_row)
        return ahead.next_row

    def record(self, first_row: int, end_row: int) -> None:
        """These rows are accounted for, and that is committed."""
        self.beyond[first_row] = end_row
        while (end := self.beyond.pop(self.next_row, None)) is not None:
            self.next_row = end


def begun_beyond(work: Run | Shard) -> list[Begun]:
    """What an owner before recorded or left open beyond the position, in order."""
    rows = work.batches.filter(first_row__gte=work.next_row).order_by("first_row")
    return [
        Begun(first_row, end_row, state == Batch.State.SENDING)
        for first_row, end_row, state in rows.values_list("first_row", "end_row", "state")
    ]


def within(begun: Sequence[Begun], *, first_row: int, end_row: int) -> list[Begun]:
    """Those that begin in the range. Batches never cross the end of one."""
    return [one for one in begun if first_row <= one.first_row < end_row]
