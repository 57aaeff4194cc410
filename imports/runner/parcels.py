"""Cuts mapped rows into parcels: what one upload request carries, and the rows it stands for.

A parcel covers a gapless range of rows, refused ones included, so that recording its
answer moves the run's position over all of them at once. Its bytes are a pure function
of the rows.
"""

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from imports.mapping import Made, Refusal
from imports.mapping.encoding import body_of

MAX_RECORDS = 1_000  # https://developer.clevertap.com/docs/upload-user-profiles-api
MAX_BYTES = 5_000_000


@dataclass(frozen=True)
class Parcel:
    """Rows ``first_row`` up to, without, ``end_row``; records and refusals lie within."""

    first_row: int
    end_row: int
    records: tuple[bytes, ...]
    row_numbers: tuple[int, ...]
    refusals: tuple[Refusal, ...]

    @property
    def row_count(self) -> int:
        return self.end_row - self.first_row

    @cached_property
    def body(self) -> bytes:
        return body_of(self.records)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def halves(self) -> tuple["Parcel", "Parcel"]:
        """The parcel in two, cut before its middle record; it must hold at least two."""
        return self.cut_at(self.row_numbers[len(self.row_numbers) // 2])

    def cut_at(self, row: int) -> tuple["Parcel", "Parcel"]:
        """The parcel in two: the rows before ``row``, and the rest."""
        return self._part(self.first_row, row), self._part(row, self.end_row)

    def _part(self, first_row: int, end_row: int) -> "Parcel":
        begin, end = (bisect_left(self.row_numbers, row) for row in (first_row, end_row))
        refusals = tuple(r for r in self.refusals if first_row <= r.row_number < end_row)
        return Parcel(
            first_row, end_row, self.records[begin:end], self.row_numbers[begin:end], refusals
        )


def cut(made: Made, *, first_row: int, end_row: int) -> list[Parcel]:
    """Parcels of at most 1,000 records and about 5 MB that cover all rows of the range."""
    whole = Parcel(
        first_row, end_row, tuple(made.records), tuple(made.row_numbers), tuple(made.refusals)
    )
    parcels = []
    begin = first_row
    size = count = 0
    for record, row in zip(made.records, made.row_numbers, strict=True):
        if count == MAX_RECORDS or (count and size + len(record) > MAX_BYTES):
            parcels.append(whole._part(begin, row))
            begin, size, count = row, 0, 0
        size += len(record) + 1
        count += 1
    parcels.append(whole._part(begin, end_row))
    return parcels
