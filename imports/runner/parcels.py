"""Cuts mapped rows into parcels: what one upload request carries, and the rows it stands for.

A parcel covers a gapless range of rows, refused ones included, so that recording its
answer accounts for all of them at once. Its bytes are a pure function of the rows.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from imports.mapping import Made, Refusal
from imports.mapping.columnar import Written
from imports.mapping.encoding import body_of, person_of
from imports.runner.position import Begun

MAX_RECORDS = 1_000  # https://developer.clevertap.com/docs/upload-user-profiles-api
MAX_BYTES = 5_000_000


@dataclass(frozen=True)
class Parcel:
    """Rows ``first_row`` up to, without, ``end_row``: each a record, refused, or skipped.

    ``cells``: as in ``Made``.
    """

    first_row: int
    end_row: int
    records: Sequence[bytes]
    row_numbers: Sequence[int]
    refusals: tuple[Refusal, ...]
    skipped: tuple[int, ...] = ()  # numbers of rows, in their order
    cells: Callable[[int], dict[str, Any]] | None = field(default=None, compare=False, repr=False)

    @property
    def row_count(self) -> int:
        return self.end_row - self.first_row

    @cached_property
    def body(self) -> bytes:
        if isinstance(self.records, Written):
            return self.records.body()
        return body_of(self.records)

    @property
    def pieces(self) -> Sequence[bytes | memoryview]:
        """The same one behind the other, without a copy where that can be."""
        if isinstance(self.records, Written):
            return self.records.pieces()
        return (self.body,)

    @cached_property
    def sha256(self) -> str:
        if isinstance(self.records, Written):
            return self.records.sha256()
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def size(self) -> int:
        """About the bytes of its body."""
        if isinstance(self.records, Written):
            return self.records.size
        return sum(map(len, self.records))

    def people(self) -> Sequence[bytes]:
        """Whom each record is about. Empty for events: their order is nobody's matter."""
        if isinstance(self.records, Written):
            return self.records.people()
        if not self.records or not person_of(self.records[0]):
            return ()
        return [person_of(record) for record in self.records]

    def halves(self) -> tuple["Parcel", "Parcel"]:
        """The parcel in two, cut before its middle record; it must hold at least two."""
        row = self.row_numbers[len(self.row_numbers) // 2]
        return self.part(self.first_row, row), self.part(row, self.end_row)

    def part(self, first_row: int, end_row: int) -> "Parcel":
        """The rows from ``first_row`` up to, without, ``end_row``."""
        begin, end = (bisect_left(self.row_numbers, row) for row in (first_row, end_row))
        first, last = (bisect_left(self.skipped, row) for row in (first_row, end_row))
        return Parcel(
            first_row,
            end_row,
            self.records[begin:end],
            self.row_numbers[begin:end],
            tuple(r for r in self.refusals if first_row <= r.row_number < end_row),
            self.skipped[first:last],
            self.cells,
        )

    def in_bodies(self) -> Iterator["Parcel"]:
        """Cut from its beginning on, each part as large as one request may be."""
        if len(self.records) <= MAX_RECORDS and self.size + len(self.records) <= MAX_BYTES:
            yield self
            return
        begin = self.first_row
        size = count = 0
        for record, row in zip(self.records, self.row_numbers, strict=True):
            if count == MAX_RECORDS or (count and size + len(record) > MAX_BYTES):
                yield self.part(begin, row)
                begin, size, count = row, 0, 0
            size += len(record) + 1
            count += 1
        yield self.part(begin, self.end_row)


def whole_of(made: Made, *, first_row: int, end_row: int) -> Parcel:
    """All rows as one parcel, however large: to be cut."""
    return Parcel(
        first_row,
        end_row,
        made.records,
        made.row_numbers,
        tuple(made.refusals),
        tuple(made.skipped),
        made.cells,
    )


def cut(whole: Parcel, begun: Sequence[Begun] = ()) -> list[Parcel]:
    """Parcels of at most 1,000 records and about 5 MB for all rows of the range.

    ``begun`` are the batches of the range that an owner before began, in their order. What
    is recorded is left out; what is open becomes a parcel with the very same rows, because
    its bytes may have been sent; the gaps between them are cut anew. An owner who never
    died would have cut the gaps the same way, as a cut depends on what follows it only.
    """
    parcels: list[Parcel] = []
    row = whole.first_row
    for batch in begun:
        if batch.first_row > row:
            parcels.extend(whole.part(row, batch.first_row).in_bodies())
        if batch.is_open:
            parcels.append(whole.part(batch.first_row, batch.end_row))
        row = batch.end_row
    if row < whole.end_row:
        rest = whole.part(row, whole.end_row) if begun else whole
        parcels.extend(rest.in_bodies())
    return parcels
