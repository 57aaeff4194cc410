"""One column's share of many records, and how the shares are put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from imports.mapping.columnar.cells import cells_of
from imports.mapping.columnar.plain import Plain
from imports.mapping.records import Part
from imports.mapping.values import Fragment

_NUL = "\\u0000"
_FEW = 0.5  # of the cells: so many different values are worth a look-up


@dataclass(frozen=True, slots=True)
class Piece:
    """Text for each row: all of ``inline`` in a row, or ``fragments``, whose nulls are left out.

    ``odd``: rows that are refused or in doubt; their text here means nothing.
    """

    inline: Sequence[str | pa.Array] = ()
    fragments: pa.Array | None = None
    odd: Sequence[int] = ()


class Text:
    """How the cells of one column become text: plainly where that is sure, else one by one."""

    def __init__(self, part: Part, plain: Plain | None, *, after_comma: bool = False) -> None:
        """``after_comma``: fragments begin with a comma, which is left out here."""
        self.index = part.index
        self._convert = part.careful
        self._skip = int(after_comma)
        self._null = part.careful(None)
        self._constant = self._constant_of()
        self._plain = plain
        self._open, self._close, self.is_plain = self._ends(plain)

    def piece(self, cells: pa.Array) -> Piece:
        """The text of these cells."""
        if self._constant is not None:
            return Piece(inline=[self._constant])
        if not self.is_plain or self._plain is None:
            return self._one_by_one(cells)
        try:
            text, sure = self._plain.read(cells)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return self._one_by_one(cells)
        if sure is None and not cells.null_count:
            return Piece(inline=[self._open, text, self._close])
        return self._with_exceptions(cells, text, sure)

    def _with_exceptions(self, cells: pa.Array, text: pa.Array, sure: pa.Array | None) -> Piece:
        fragments = pc.binary_join_element_wise(self._open, text, self._close, "")
        odd: list[int] = []
        if sure is not None:
            doubtful = pc.invert(pc.fill_null(sure, True))
            rows = pc.indices_nonzero(doubtful)
            made, odd = self._converted(cells_of(cells.take(rows)), rows.to_pylist())
            fragments = pc.replace_with_mask(fragments, doubtful, pa.array(made, pa.string()))
        return self._with_nulls(cells, fragments, odd)

    def _with_nulls(self, cells: pa.Array, fragments: pa.Array, odd: list[int]) -> Piece:
        if cells.null_count and self._null != "":
            is_null = pc.is_null(cells)
            if isinstance(self._null, str):
                fragments = pc.if_else(is_null, self._null[self._skip :], fragments)
            else:
                odd = [*odd, *pc.indices_nonzero(is_null).to_pylist()]
        return Piece(fragments=fragments, odd=odd)

    def _one_by_one(self, cells: pa.Array) -> Piece:
        if not pa.types.is_nested(cells.type):
            encoded = cells.dictionary_encode()
            if len(encoded.dictionary) <= len(cells) * _FEW:
                return self._value_by_value(cells, encoded)
        made, odd = self._converted(cells_of(cells), range(len(cells)))
        return Piece(fragments=pa.array(made, pa.string()), odd=odd)

    def _value_by_value(self, cells: pa.Array, encoded: pa.DictionaryArray) -> Piece:
        values = encoded.dictionary
        made, refused = self._converted(cells_of(values), range(len(values)))
        fragments = pa.array(made, pa.string()).take(encoded.indices)
        odd: list[int] = []
        if refused:
            where = pc.is_in(encoded.indices, value_set=pa.array(refused, encoded.indices.type))
            odd = pc.indices_nonzero(where).to_pylist()
        return self._with_nulls(cells, fragments, odd)

    def _converted(
        self, cells: Iterable[Any], rows: Iterable[int]
    ) -> tuple[list[str | None], list[int]]:
        """Fragments without their comma (None: left out), and which rows are odd."""
        made: list[str | None] = []
        odd: list[int] = []
        for row, cell in zip(rows, cells, strict=True):
            fragment = self._convert(cell)
            if not isinstance(fragment, str) or _NUL in fragment:
                odd.append(row)
                made.append(None)
            else:
                made.append(fragment[self._skip :] or None)
        return made, odd

    def _constant_of(self) -> str | None:
        """The fragment, when it is the same whatever the cell holds, NULL included."""
        tried = [self._convert(cell) for cell in (None, "", "a b", "17")]
        same = isinstance(tried[0], str) and tried[0] and tried.count(tried[0]) == len(tried)
        return str(tried[0]) if same else None

    def _ends(self, plain: Plain | None) -> tuple[str, str, bool]:
        """What stands around a value, found by converting samples; False when they disagree.

        The converter alone knows prefixes and forms. Where it writes another thing than the
        plain way, the plain way is not taken.
        """
        if plain is None:
            return "", "", False
        found: list[Fragment] = [self._convert(sample) for sample in plain.samples]
        text, sure = plain.read(pa.array(plain.samples, pa.string()))
        fragments = [one for one in found if isinstance(one, str)]
        if len(fragments) < len(found) or not (sure is None or pc.all(sure).as_py()):
            return "", "", False
        return _around(fragments, text.to_pylist(), self._skip)


def _around(fragments: list[str], texts: list[str], skip: int) -> tuple[str, str, bool]:
    opening, _, closing = fragments[0].rpartition(texts[0])
    agree = all(
        fragment == opening + text + closing
        for fragment, text in zip(fragments, texts, strict=True)
    )
    return opening[skip:], closing, agree


def joined(
    before: Sequence[str | Piece], properties: Sequence[Piece], after: Sequence[str | Piece]
) -> pa.Array:
    """The records: ``before``, the properties with commas between them, ``after``."""
    words = [*_flat(before), *_with_commas(properties), *_flat(after)]
    return pc.binary_join_element_wise(*_merged(words), "", null_handling="skip")


def _flat(pieces: Iterable[str | Piece]) -> Iterable[str | pa.Array]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif piece.fragments is not None:
            yield piece.fragments
        else:
            yield from piece.inline


def _with_commas(properties: Sequence[Piece]) -> Iterable[str | pa.Array]:
    """A comma belongs to each property but one that every record has, if there is such a one."""
    steady = next((at for at, one in enumerate(properties) if one.fragments is None), None)
    if steady is None:
        # A constant in front: Arrow 26 loses rows in which all is NULL, when it skips NULLs.
        each = [pc.binary_join_element_wise(",", one.fragments, "") for one in properties]
        led = pc.binary_join_element_wise(",", *each, "", null_handling="skip")
        yield pc.binary_replace_slice(led, 0, 2, "") if each else ""
        return
    for at, one in enumerate(properties):
        lead, trail = "," if at > steady else "", "," if at < steady else ""
        if one.fragments is not None:
            yield pc.binary_join_element_wise(lead, one.fragments, trail, "")
        else:
            yield from (lead, *one.inline, trail)


def _merged(words: Iterable[str | pa.Array]) -> list[str | pa.Array]:
    """Neighbouring constants as one."""
    merged: list[str | pa.Array] = []
    for word in words:
        if isinstance(word, str) and merged and isinstance(merged[-1], str):
            merged[-1] += word
        else:
            merged.append(word)
    return merged
