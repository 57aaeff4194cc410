"""Rows at the edge: what the run before has sent there is taken out, what this one sends kept.

BigQuery names each row there by what it holds (``runner.bounds``), so it makes no
difference which reader brings it. A row that changed has another name, and is sent (ADR 23).
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from django.db.models import Sum

from imports.cursor_values import EDGE_ROWS
from imports.mapping import Made
from imports.models import Cursor, EdgePart, Run
from imports.runner.bounds import EDGE_COLUMN, Bounds
from imports.runner.parcels import Parcel
from imports.runner.ranges import Block

_SIZE: Final = 16
_KEEP, _KNOWN = 1, 2


@dataclass
class Edge:
    """What one owner of a run knows of the edge.

    ``taken_out`` is for the thread that reads, which notes names of rows before it hands them
    over; ``keep`` for the owner's, which takes those of rows that it was given. So neither
    looks at what the other is at.
    """

    run: Run
    _known: frozenset[bytes] = frozenset()
    _kept: int = 0
    _waiting: dict[int, bytes] = field(default_factory=dict)  # row number to name

    @classmethod
    def of(cls, run: Run) -> Self:
        bounds = Bounds.of(run)
        if bounds is None:
            return cls(run)
        kept = run.edge_parts.aggregate(rows=Sum("row_count"))["rows"] or 0
        return cls(run, _names_of(bounds.edge_of), kept)

    def taken_out(self, made: Made, cells: Iterable[str | None], first_row: int) -> Made:
        """Without the rows that were sent before; they are skipped.

        ``cells``: the edge's column of the same rows, by whichever reader.
        """
        sent = set()
        for number, cell in enumerate(cells, first_row):
            if cell is None:
                continue
            flags, name = int(cell[0]), _name(cell[1:])
            if flags & _KEEP:
                self._waiting[number] = name
            if flags & _KNOWN and name in self._known:
                sent.add(number)
        return _without(made, sent) if sent else made

    @property
    def is_keeping(self) -> bool:
        """Of rows that were given out there are some to be remembered."""
        return bool(self._waiting)

    def keep(self, parcel: Parcel, *, but: Collection[int]) -> None:
        """Remember the parcel's rows, in the transaction of its answer, ``but`` these.

        Rows that our rules refuse are not remembered either: once the mapping is mended
        they are sent, as long as they lie in the look-back.
        """
        if not self.is_keeping:
            return
        left_out = {*but, *(refusal.row_number for refusal in parcel.refusals)}
        rows = range(parcel.first_row, parcel.end_row)
        found = [(row, self._waiting.pop(row)) for row in rows if row in self._waiting]
        names = [name for row, name in found if row not in left_out][: EDGE_ROWS - self._kept]
        if names:
            self._kept += len(names)
            EdgePart.objects.create(
                run=self.run,
                first_row=parcel.first_row,
                row_count=len(names),
                keys=b"".join(names),
            )


def close_edge(run: Run, *, now: datetime) -> None:
    """Move the cursor if the run has succeeded, and forget what no run will ask for.

    Call it in the transaction that ends the run, after that was written.
    """
    bounds = Bounds.of(run)
    if bounds is None:
        return
    parts = EdgePart.objects.filter(run__parent_id=run.parent_id)
    if run.state == Run.State.SUCCEEDED and bounds.high:
        moved = Cursor.move(
            run, value=bounds.high, edge_low=bounds.window, version=bounds.version, now=now
        )
        if moved:
            parts.exclude(run=run).delete()
            return
    parts.filter(run=run).delete()


def _names_of(run_id: str) -> frozenset[bytes]:
    if not run_id:
        return frozenset()
    parts = EdgePart.objects.filter(run_id=run_id).values_list("keys", flat=True)
    return frozenset(
        bytes(keys[place : place + _SIZE]) for keys in parts for place in range(0, len(keys), _SIZE)
    )


def edge_cells(block: Block) -> list[Any]:
    """The edge's column of a block, row by row; of a run without bounds there is none."""
    names = [column.name for column in block.columns]
    if EDGE_COLUMN not in names:
        return []
    place = names.index(EDGE_COLUMN)
    if block.cells:
        return list(block.cells[place].to_pylist())
    return [row[place] for row in block.rows]


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_SIZE).digest()


def _without(made: Made, sent: set[int]) -> Made:
    kept = [
        (record, row)
        for record, row in zip(made.records, made.row_numbers, strict=True)
        if row not in sent
    ]
    return replace(
        made,
        records=[record for record, _ in kept],
        row_numbers=[row for _, row in kept],
        refusals=[refusal for refusal in made.refusals if refusal.row_number not in sent],
        skipped=sorted(sent),
    )
