"""Turns one raw BigQuery cell into one property, or into the reason why not.

A converter is made once per rule. It takes a cell (None or text; repeated columns: a
list) and gives a fragment of JSON text, a RefusalCode, or raises TypeError or
AttributeError for a cell of another shape, which ``records`` then refuses.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated
from imports.mapping.dates import (
    datetime_text,
    moment_reader,
    time_text,
    timestamp_text,
    zone_named,
)
from imports.mapping.definition import (
    BOOLEAN,
    DATE,
    DELETE,
    FLOAT,
    PROFILE,
    STRING,
    PropertyRule,
)
from imports.mapping.encoding import list_of, quote
from imports.mapping.refusals import RefusalCode
from imports.mapping.texts import SURELY_SHORT, SYSTEM_TEXTS, ReadText, bounded_text, is_too_long

Fragment = str | RefusalCode
Convert = Callable[[Any], Fragment]

MAX_LIST_ITEMS = 100
_REMEMBERED = 20_000
_LARGEST_FLOAT = 1.7976931348623157e308
_SMALLEST_LONG, _LARGEST_LONG = -(2**63), 2**63 - 1
_LONGEST_NUMBER = 120  # BIGNUMERIC has 77 digits, a point and a sign
_PLAIN_FLOAT = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
# Possessive: a cell of a hundred thousand digits and a letter must not take minutes.
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NO_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_BOOLEANS = {"0": "false", "1": "true", "false": "false", "true": "true"}


class _Remembered(dict[Any, Fragment]):
    """A converter for columns with few different values: one look-up per cell."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: Any) -> Fragment:
        if len(self) >= _REMEMBERED:
            self.clear()
        fragment = self._convert(cell)
        self[cell] = fragment
        return fragment


def remembering(convert: Convert) -> Convert:
    """The same converter, with the answers of the last 20,000 different cells kept."""
    return _Remembered(convert).__getitem__


def property_converter(rule: PropertyRule, column: ColumnLike, kind: str) -> Convert:
    """The converter for one rule that has no problem; see ``problems``.

    Its fragment is ``,"Name":value``, or nothing for a NULL that is to be left out.
    """
    prefix = f",{quote(rule.name)}:"
    null = prefix + '{"$delete":1}' if rule.nulls == DELETE else ""
    family = family_of(column)
    if is_repeated(column):
        return _list(prefix, null, text_reader(column) or bounded_text)
    if rule.type == STRING:
        check = SYSTEM_TEXTS.get(rule.name) if kind == PROFILE else None
        return _string(prefix, null, check or text_reader(column))
    if rule.type == DATE:
        return _date(prefix, null, family, rule)
    if rule.type == BOOLEAN:
        return remembering(_parsed(prefix, null, _boolean))
    return _number(prefix, null, family, rule.type)


def text_reader(column: ColumnLike) -> ReadText | None:
    """How a cell is written as text, where the cell itself is not the text.

    BigQuery spells some types in more than one way: by reader, or from one day to the next.
    """
    if column.type.upper() == "TIME":
        return time_text
    return _TEXT_READERS.get(family_of(column))


def float_text(cell: str) -> str | RefusalCode:
    """The shortest text of a FLOAT64, as JSON has it too; NaN and Infinity by these words."""
    try:
        return float_cell(float(cell))
    except ValueError:
        return RefusalCode.CELL_UNREADABLE


_TEXT_READERS: dict[Family, ReadText] = {
    Family.TIMESTAMP: timestamp_text,
    Family.DATETIME: datetime_text,
    Family.FLOAT: float_text,
}


def float_cell(number: float) -> str:
    """A FLOAT64 as a cell."""
    return _NO_NUMBERS.get(text := repr(number), text)


def _string(prefix: str, null: str, read: ReadText | None) -> Convert:
    if read is None:
        return _plain_text(prefix, null)

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        text = read(cell)
        return prefix + quote(text) if text.__class__ is str else text

    return convert


def _number(prefix: str, null: str, family: Family, kind: str) -> Convert:
    if kind == FLOAT:
        if family in (Family.FLOAT, Family.DECIMAL, Family.WHOLE):
            return _native_float(prefix, null, has_one_spelling=family is not Family.FLOAT)
        return _parsed(prefix, null, _float)
    if family is Family.WHOLE:
        return _native_whole(prefix, null)
    return _parsed(prefix, null, _whole)


def _plain_text(prefix: str, null: str) -> Convert:
    surely_short = SURELY_SHORT

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        if len(cell) > surely_short and is_too_long(cell):
            return RefusalCode.TEXT_TOO_LONG
        return prefix + quote(cell)

    return convert


def _parsed(prefix: str, null: str, parse: ReadText) -> Convert:
    """``parse`` gives the value's JSON text."""

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        value = parse(cell)
        return prefix + value if value.__class__ is str else value

    return convert


def _date(prefix: str, null: str, family: Family, rule: PropertyRule) -> Convert:
    """``"$D_<epoch seconds>"``: https://developer.clevertap.com/docs/api-faqs."""
    zone = zone_named(rule.time_zone)
    if zone is None:
        raise ValueError(f"no time zone named {rule.time_zone}")
    read = moment_reader(family, rule.format, zone)
    opening = prefix + '"$D_'

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        moment = read(cell)
        return f'{opening}{moment}"' if moment.__class__ is int else moment  # type: ignore[return-value]

    return remembering(convert) if family is Family.DATE else convert


def _native_whole(prefix: str, null: str) -> Convert:
    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        try:
            number = int(cell, 10)
        except ValueError:
            return RefusalCode.CELL_UNREADABLE
        if _SMALLEST_LONG <= number <= _LARGEST_LONG:
            return f"{prefix}{number}"
        return RefusalCode.NUMBER_OUT_OF_RANGE

    return convert


def _native_float(prefix: str, null: str, *, has_one_spelling: bool) -> Convert:
    is_plain = _PLAIN_FLOAT.fullmatch

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        if has_one_spelling and is_plain(cell):
            return f"{prefix}{cell}"  # valid JSON, and exact
        try:
            number = float(cell)
        except ValueError:
            return RefusalCode.CELL_UNREADABLE
        # False for NaN and for both infinities, which JSON cannot write.
        if -_LARGEST_FLOAT <= number <= _LARGEST_FLOAT:
            return prefix + repr(number)
        return RefusalCode.NUMBER_OUT_OF_RANGE

    return convert


def _boolean(cell: str) -> Fragment:
    return _BOOLEANS.get(cell.strip().lower(), RefusalCode.BOOLEAN_INVALID)


def _float(cell: str) -> Fragment:
    text = cell.strip()
    if _NUMBER.fullmatch(text) is None:
        return RefusalCode.NUMBER_INVALID
    number = float(text)
    return repr(number) if abs(number) <= _LARGEST_FLOAT else RefusalCode.NUMBER_OUT_OF_RANGE


def _whole(cell: str) -> Fragment:
    """Integer and Long are one thing on the wire: a whole number of 64 bits."""
    text = cell.strip()
    if _WHOLE.fullmatch(text):
        number = int(text)
    elif len(text) > _LONGEST_NUMBER or _NUMBER.fullmatch(text) is None:
        return RefusalCode.NUMBER_INVALID
    elif abs(float(text)) > 2**63:
        return RefusalCode.NUMBER_OUT_OF_RANGE
    else:
        exact = Decimal(text)
        number = int(exact)
        if number != exact:
            return RefusalCode.NUMBER_NOT_WHOLE
    in_range = _SMALLEST_LONG <= number <= _LARGEST_LONG
    return str(number) if in_range else RefusalCode.NUMBER_OUT_OF_RANGE


def _list(prefix: str, null: str, read: ReadText) -> Convert:
    """A multi-value property: at most 100 different strings. BigQuery has no NULL arrays,
    so an empty one counts as NULL, and NULL elements are left out.
    """

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return null
        texts: dict[str, None] = {}
        for value in _elements(cell):
            text = read(value) if value.__class__ is str else RefusalCode.CELL_UNREADABLE
            if isinstance(text, RefusalCode):
                too_long = text is RefusalCode.TEXT_TOO_LONG
                return RefusalCode.LIST_ITEM_TOO_LONG if too_long else text
            texts[text] = None
        if len(texts) > MAX_LIST_ITEMS:
            return RefusalCode.LIST_TOO_LONG
        return prefix + list_of(texts) if texts else null

    return convert


def _elements(cell: Any) -> list[Any]:
    """The values of ``[{"v": value}, ...]`` without the NULLs.

    Raises: TypeError for a cell of another shape.
    """
    if not isinstance(cell, list) or not all(isinstance(each, dict) for each in cell):
        raise TypeError("not the cell of a repeated column")
    return [each["v"] for each in cell if each.get("v") is not None]
