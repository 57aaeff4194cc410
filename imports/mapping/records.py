"""Turns rows into CleverTap records, column by column, with one compiled mapping.

A record's bytes depend on its row, the mapping and the run's fixed ``run_ts`` only: not
on the clock, and not on the rows beside it (ADR 6).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from imports.mapping.columns import ColumnLike, is_repeated
from imports.mapping.definition import Mapping
from imports.mapping.encoding import MAX_RECORD_BYTES, record_of
from imports.mapping.faults import Problem
from imports.mapping.frame import frame_of
from imports.mapping.problems import problems
from imports.mapping.refusals import REFUSALS, RefusalCode
from imports.mapping.storable import has_unstorable_text, storable_cell, storable_text
from imports.mapping.values import Convert, Fragment, property_converter

Row = Sequence[Any]
_MAX_SHOWN_IDENTITY = 1024
_NUL = "\\u0000"  # as JSON text writes it


class MappingFaulty(Exception):
    """The mapping does not fit the table; nothing was sent. ``problems`` says why."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found[0].sentence)
        self.problems = tuple(found)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that our rules refuse. ``record``: the mapped cells as read."""

    row_number: int
    identity: str
    code: str
    column: str
    sentence: str
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """Records and their row numbers side by side, and the refused rows.

    ``skipped``: numbers of rows that are left out without a fault. No rule does so; the
    engine takes out what it has sent before.
    ``cells`` gives, by row number, what a record was made of, as a refusal's ``record``.
    """

    records: Sequence[bytes] = ()
    row_numbers: Sequence[int] = ()
    refusals: list[Refusal] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    cells: Callable[[int], dict[str, Any]] | None = field(default=None, compare=False, repr=False)


class _Found(NamedTuple):
    """``Made`` while it grows."""

    records: list[bytes]
    row_numbers: list[int]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class Part:
    """One column's share of a record. ``careful`` takes a cell of any shape."""

    column: str
    index: int
    convert: Convert
    careful: Convert


def compile_mapping(
    mapping: Mapping, columns: Sequence[ColumnLike], *, run_ts: int
) -> "RecordMaker":
    """Work out once per run all that does not depend on a row.

    ``columns``: the columns of the rows, in their order. ``run_ts``: epoch seconds, fixed
    when the run starts; the time of every profile, and of events without Created On.
    Raises: MappingFaulty.
    """
    found = problems(mapping, columns)
    if found:
        raise MappingFaulty(found)
    return RecordMaker(mapping, columns, run_ts=run_ts)


class RecordMaker:
    """A compiled mapping, made by ``compile_mapping``. One thread at a time."""

    def __init__(self, mapping: Mapping, columns: Sequence[ColumnLike], *, run_ts: int) -> None:
        self._columns = columns
        self._index = {column.name: index for index, column in enumerate(columns)}
        by_name = {column.name: column for column in columns}
        frame = frame_of(mapping, by_name, run_ts)
        rules = sorted(mapping.properties, key=lambda rule: rule.name)
        pieces = [
            (rule.column, property_converter(rule, by_name[rule.column], mapping.kind))
            for rule in rules
        ]
        self.opening, self.closing = frame.opening, frame.closing
        self.before = [self._part(*piece) for piece in frame.before]
        self.properties = [self._part(*piece) for piece in pieces]
        self.after = [self._part(*piece) for piece in frame.after]
        # Of several faults the identity's is named, then those of event name and time.
        parts = [*self.before, *self.after, *self.properties]
        identity = mapping.used_columns()[0]
        self._blamed = sorted(parts, key=lambda part: part.column != identity)
        self._shown = [(name, self._index[name]) for name in mapping.used_columns()]

    def make(self, rows: Sequence[Row], first_row: int) -> Made:
        """Map ``rows``, whose first is row number ``first_row`` of the run.

        A row is a sequence of raw BigQuery REST cells (TIMESTAMP as microseconds). Every
        row comes out exactly once, as a record or as a refusal, in order.
        """
        found = _Found([], [], [])
        width = len(self._columns)
        if set(map(len, rows)) <= {width}:
            self._make_into(found, rows, first_row)
        else:
            for number, row in enumerate(rows, first_row):
                if len(row) == width:
                    self._make_into(found, [row], number)
                else:
                    found.refusals.append(_refusal(number, RefusalCode.ROW_UNREADABLE))
        return Made(*found, cells=lambda number: self.cells_of(rows[number - first_row]))

    def _make_into(self, found: "_Found", rows: Sequence[Row], first_row: int) -> None:
        try:
            pieces = self._pieces(rows, careful=False)
        except (TypeError, AttributeError):  # a cell of another shape than its column
            pieces = self._pieces(rows, careful=True)
        keep_record, keep_number = found.records.append, found.row_numbers.append
        for number, (before, properties, after) in enumerate(pieces, first_row):
            try:
                text = record_of(before, properties, after)
                record = text.encode()
            except (TypeError, UnicodeEncodeError):  # a refusal among the pieces; a surrogate
                found.refusals.append(self._refuse(number, rows[number - first_row]))
                continue
            if _NUL in text or len(record) > MAX_RECORD_BYTES:
                refusal = self._second_look(number, rows[number - first_row], record)
                if refusal is not None:
                    found.refusals.append(refusal)
                    continue
            keep_record(record)
            keep_number(number)

    def _pieces(
        self, rows: Sequence[Row], *, careful: bool
    ) -> Iterable[tuple[Any, Sequence[Any], Sequence[Any]]]:
        """For each row: text before its properties, the properties, what comes after."""

        def column(part: Part) -> list[Fragment]:
            convert = part.careful if careful else part.convert
            return list(map(convert, map(itemgetter(part.index), rows)))

        count = len(rows)
        before = column(self.before[0]) if self.before else repeat(self.opening, count)
        closing = repeat(self.closing, count)
        properties = _side_by_side(map(column, self.properties), count)
        after = zip(*map(column, self.after), closing, strict=True)
        return zip(before, properties, after, strict=True)

    def _refuse(self, number: int, row: Row) -> Refusal:
        """Find the first fault of a row that could not be made: its frame's, then its cells'."""
        for part in self._blamed:
            fragment = part.careful(row[part.index])
            if isinstance(fragment, RefusalCode):
                return self._refusal_of(number, row, fragment, part.column)
        return self._unstorable(number, row) or self._refusal_of(
            number, row, RefusalCode.TEXT_UNREADABLE, ""
        )

    def _second_look(self, number: int, row: Row, record: bytes) -> Refusal | None:
        if len(record) > MAX_RECORD_BYTES:
            return self._refusal_of(number, row, RefusalCode.RECORD_TOO_LARGE, "")
        return self._unstorable(number, row)

    def _unstorable(self, number: int, row: Row) -> Refusal | None:
        for name, index in self._shown:
            if has_unstorable_text(row[index]):
                return self._refusal_of(number, row, RefusalCode.TEXT_UNREADABLE, name)
        return None

    def _refusal_of(self, number: int, row: Row, code: RefusalCode, column: str) -> Refusal:
        identity = row[self._shown[0][1]]
        cells = self.cells_of(row)
        return _refusal(number, code, column=column, identity=identity, record=cells)

    def cells_of(self, row: Row) -> dict[str, Any]:
        """The mapped cells as read, as a refusal has them."""
        return {name: storable_cell(row[index]) for name, index in self._shown}

    def _part(self, name: str, convert: Convert) -> Part:
        index = self._index[name]
        shape = list if is_repeated(self._columns[index]) else str
        return Part(name, index, convert, _careful(convert, shape))


def _careful(convert: Convert, shape: type) -> Convert:
    """The same converter, which refuses a cell of another shape instead of raising."""

    def checked(cell: Any) -> Fragment:
        if cell is not None and not isinstance(cell, shape):
            return RefusalCode.CELL_UNREADABLE
        try:
            return convert(cell)
        except TypeError:  # an element of a list
            return RefusalCode.CELL_UNREADABLE

    return checked


def _side_by_side(columns: Iterable[list[Fragment]], count: int) -> Iterable[tuple[Fragment, ...]]:
    """Columns as rows; as many empty rows as there are rows when nothing is mapped."""
    lists = list(columns)
    return zip(*lists, strict=True) if lists else repeat((), count)


def _refusal(
    number: int,
    code: RefusalCode,
    *,
    column: str = "",
    identity: Any = "",
    record: dict[str, Any] | None = None,
) -> Refusal:
    shown = (
        storable_text(identity.strip(), _MAX_SHOWN_IDENTITY) if isinstance(identity, str) else ""
    )
    return Refusal(number, shown, code.value, column, REFUSALS[code], record or {})
