"""A compiled mapping that works on Arrow columns: as many rows at a time as there are."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from imports.mapping.columnar.cells import rows_of
from imports.mapping.columnar.pieces import Text, joined
from imports.mapping.columnar.plain import Plain, plain_identity, plain_moment, plain_property
from imports.mapping.columns import ColumnLike
from imports.mapping.definition import Mapping
from imports.mapping.encoding import MAX_RECORD_BYTES
from imports.mapping.records import Made, Part, RecordMaker


class ColumnMaker:
    """Makes what ``rows`` makes, byte for byte. One thread at a time."""

    def __init__(self, mapping: Mapping, columns: Sequence[ColumnLike], rows: RecordMaker) -> None:
        """``columns`` and ``mapping`` are those that ``rows`` was compiled for."""
        self._rows = rows
        by_name = {column.name: column for column in columns}
        rules = sorted(mapping.properties, key=lambda rule: rule.name)
        plains = [plain_property(rule, by_name[rule.column], mapping.kind) for rule in rules]
        self._before = [Text(part, plain_identity()) for part in rows.before]
        self._properties = [
            Text(part, plain, after_comma=True)
            for part, plain in zip(rows.properties, plains, strict=True)
        ]
        created_on = mapping.created_on
        moment = plain_moment(created_on, by_name[created_on.column]) if created_on else None
        self._after = [_frame_text(part, plain_identity(), moment) for part in rows.after]

    def make(self, columns: Sequence[pa.Array], first_row: int) -> Made:
        """As ``RecordMaker.make``; ``columns`` hold the cells, typed, or as the text of REST."""
        before = [text.piece(columns[text.index]) for text in self._before]
        properties = [text.piece(columns[text.index]) for text in self._properties]
        after = [text.piece(columns[text.index]) for text in self._after]
        records = joined([self._rows.opening, *before], properties, [*after, self._rows.closing])
        odd = {row for piece in (*before, *properties, *after) for row in piece.odd}
        lengths = pc.binary_length(records)
        if (pc.max(lengths).as_py() or 0) > MAX_RECORD_BYTES:
            odd.update(pc.indices_nonzero(pc.greater(lengths, MAX_RECORD_BYTES)).to_pylist())
        made = records.cast(pa.binary()).to_pylist()
        if not odd:
            return Made(made, list(range(first_row, first_row + len(made))))
        return self._with_odd(made, columns, sorted(odd), first_row)

    def _with_odd(
        self, records: list[bytes], columns: Sequence[pa.Array], odd: list[int], first_row: int
    ) -> Made:
        """The rows in doubt are made one by one, as rows."""
        where = pa.array(odd, pa.int64())
        rows = rows_of([column.take(where) for column in columns])
        made, alone = Made(), dict(zip(odd, rows, strict=True))
        for number, record in enumerate(records):
            if number not in alone:
                made.records.append(record)
                made.row_numbers.append(first_row + number)
                continue
            one = self._rows.make([alone[number]], first_row + number)
            made.records.extend(one.records)
            made.row_numbers.extend(one.row_numbers)
            made.refusals.extend(one.refusals)
        return made


def _frame_text(part: Part, *plains: Plain | None) -> Text:
    """With whichever plain way agrees with the part's converter; its samples tell."""
    texts = [Text(part, plain) for plain in plains]
    return next((text for text in texts if text.is_plain), texts[0])
