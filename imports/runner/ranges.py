"""Rows on their way from a reader to the mapping, regrouped so that no reader shows.

Pages and record batches vary in size and begin where a worker began. If batches followed
them, a worker that takes a run over would cut other batches than the dead one, and a batch
whose answer was lost could not be sent again byte for byte (ADR 8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connections.bigquery import Column
from imports.mapping.columnar import rows_of

RANGE_ROWS = 1_000
AT_A_GO = 8_000  # rows: mapping and bookkeeping cost less by the row with many
MOST_BYTES = 16_000_000  # of cells, beyond which fewer rows are mapped at a go


@dataclass(frozen=True)
class Block:
    """Rows from ``first_row`` on: as ``rows``, or as ``cells``, one Arrow array a column."""

    columns: tuple[Column, ...]
    first_row: int
    rows: list[Any]
    cells: tuple[pa.Array, ...] = ()

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else len(self.rows)

    @property
    def end_row(self) -> int:
        return self.first_row + len(self)

    @property
    def bytes(self) -> int:
        """Of its cells; unknown for rows, which come in small pages."""
        return sum(cells.nbytes for cells in self.cells)

    def part(self, first_row: int, end_row: int) -> "Block":
        """Its rows from ``first_row`` up to, without, ``end_row``."""
        begin, count = first_row - self.first_row, end_row - first_row
        cells = tuple(one.slice(begin, count) for one in self.cells)
        return Block(self.columns, first_row, self.rows[begin : begin + count], cells)


def ends_of_ranges(first_row: int, end_row: int) -> Iterator[tuple[int, int]]:
    """The rows between, cut at multiples of 1,000."""
    while first_row < end_row:
        end = min(end_row, first_row - first_row % RANGE_ROWS + RANGE_ROWS)
        yield first_row, end
        first_row = end


def regrouped(blocks: Iterator[Block], *, first_row: int, total: int) -> Iterator[Block]:
    """The same rows in blocks that end at multiples of 1,000, or at the last row.

    May end early, when the reader does; what is left of a range is not given then.
    """
    waiting: list[Block] = []
    row = first_row
    for block in blocks:
        waiting.append(block)
        end = min(block.end_row, total)
        if end < total:
            end -= end % RANGE_ROWS
        is_enough = end - row >= AT_A_GO or sum(one.bytes for one in waiting) > MOST_BYTES
        if end > row and (is_enough or end == total):
            whole = _joined(waiting)
            yield whole.part(row, end)
            waiting = [whole.part(end, whole.end_row)] if whole.end_row > end else []
            row = end
        if row == total:
            return


def _joined(blocks: Sequence[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]
    if all(block.cells for block in blocks):
        cells = (pa.concat_arrays(same) for same in zip(*(b.cells for b in blocks), strict=True))
        return Block(first.columns, first.first_row, [], tuple(cells))
    rows = [row for one in blocks for row in (rows_of(one.cells) if one.cells else one.rows)]
    return Block(first.columns, first.first_row, rows)
