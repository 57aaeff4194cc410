"""A compiled mapping that works on Arrow columns: as many rows at a time as there are."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from imports.mapping.columnar.cells import rows_of
from imports.mapping.columnar.pieces import Piece, Text, joined
from imports.mapping.columnar.plain import Plain, plain_created_on, plain_identity, plain_property
from imports.mapping.columnar.written import Written
from imports.mapping.columns import ColumnLike
from imports.mapping.definition import Mapping
from imports.mapping.encoding import MAX_RECORD_BYTES, person_of, person_within
from imports.mapping.records import Made, Part, RecordMaker

_COMMA = ","


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
        moment = plain_created_on(created_on, by_name[created_on.column]) if created_on else None
        self._after = [_frame_text(part, plain_identity(), moment) for part in rows.after]

    def make(self, columns: Sequence[pa.Array], first_row: int) -> Made:
        """As ``RecordMaker.make``; ``columns`` hold the cells, typed, or as the text of REST."""
        before = [text.piece(columns[text.index]) for text in self._before]
        properties = [text.piece(columns[text.index]) for text in self._properties]
        after = [text.piece(columns[text.index]) for text in self._after]
        texts = joined(
            [self._rows.opening, *before], properties, [*after, self._rows.closing, _COMMA]
        )
        people = _people(before[0]) if before else None
        odd = {row for piece in (*before, *properties, *after) for row in piece.odd}
        lengths = pc.binary_length(texts)
        most = MAX_RECORD_BYTES + len(_COMMA)
        if (pc.max(lengths).as_py() or 0) > most:
            odd.update(pc.indices_nonzero(pc.greater(lengths, most)).to_pylist())
        if not odd:
            return Made(Written(texts, people), range(first_row, first_row + len(texts)))
        return self._with_odd(texts, people, columns, sorted(odd), first_row)

    def _with_odd(
        self,
        texts: pa.Array,
        people: pa.Array | None,
        columns: Sequence[pa.Array],
        odd: list[int],
        first_row: int,
    ) -> Made:
        """The rows in doubt are made one by one, as rows."""
        where = pa.array(odd, pa.int64())
        rows = rows_of([column.take(where) for column in columns])
        alone = [self._rows.make([row], first_row + at) for at, row in zip(odd, rows, strict=True)]
        records = [made.records[0] if made.records else None for made in alone]
        is_odd = pc.is_in(pa.array(range(len(texts))), value_set=where)
        texts = _replaced(texts, is_odd, [one and one + _COMMA.encode() for one in records])
        kept = pc.is_valid(texts)
        if people is not None:
            names = _replaced(people, is_odd, [one and person_of(one) for one in records])
            people = names.filter(kept)
        return Made(
            Written(texts.filter(kept), people),
            pc.add(pc.indices_nonzero(kept).cast(pa.int64()), first_row).to_pylist(),
            [refusal for made in alone for refusal in made.refusals],
        )


def _people(identity: Piece) -> pa.Array:
    """As ``person_of`` cuts them from records; mostly the cells as they came."""
    if identity.fragments is None:
        (text,) = (one for one in identity.inline if not isinstance(one, str))
        return text
    openings = identity.fragments.cast(pa.binary())
    some = next((one.as_py() for one in openings if one.is_valid), b"")
    begin, end = person_within(some)
    return pc.binary_slice(openings, begin, end - len(some)).cast(pa.string())


def _replaced(texts: pa.Array, where: pa.Array, others: list[bytes | None]) -> pa.Array:
    return pc.replace_with_mask(texts, where, pa.array(others, pa.binary()).cast(pa.string()))


def _frame_text(part: Part, *plains: Plain | None) -> Text:
    """With whichever plain way agrees with the part's converter; its samples tell."""
    texts = [Text(part, plain) for plain in plains]
    return next((text for text in texts if text.is_plain), texts[0])
