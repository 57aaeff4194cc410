"""What is surely sent as it stands: whole columns as text, and a mask of the cells in doubt.

Each function takes the cells of a column, typed as the Storage Read API types them or as the
text of REST, and gives the text of each value and, where some are not sure, a mask. It may
raise ``pa.ArrowInvalid`` when the cells cannot be read as a whole. A cell that is not sure
costs a call of its converter; one that is sure and wrong would be a fault, so all patterns
here are narrower than the rules that they stand in for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated
from imports.mapping.dates import EPOCH_MILLISECONDS, EPOCH_SECONDS
from imports.mapping.definition import BOOLEAN, DATE, FLOAT, PROFILE, STRING, PropertyRule, TimeRule
from imports.mapping.texts import (
    LONGEST_REFUSED,
    MAX_IDENTITY_LENGTH,
    MAX_TEXT_BYTES,
    REFUSED_IDENTITIES,
    SYSTEM_TEXTS,
)

Sure = Any  # a mask; None: all of them
Read = Callable[[pa.Array], tuple[pa.Array, Sure]]

_ESCAPED = bytes([*range(0x20), *b'"\\'])  # what JSON text cannot hold as it is
_ESCAPED_PATTERN = r'["\\\x00-\x1f]'
_REFUSED = pa.array(sorted(REFUSED_IDENTITIES))
_WHOLE = r"^(?:0|-?[1-9][0-9]{0,17})$"
_PLAIN_FLOAT = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?$"
_SYSTEM_PATTERNS = {
    "Email": r"^[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9]+$",
    "Phone": r"^\+[0-9]{5,20}$",
}
_LAST_SECOND = 253_402_300_799
_NOON, _DAY = 43_200, 86_400


@dataclass(frozen=True, slots=True)
class Plain:
    """``read``, and cells to try it on when a mapping is compiled: two at least."""

    read: Read
    samples: tuple[str, ...]


def plain_identity() -> Plain:
    """Identities: https://docs.clevertap.com/docs/map-data-for-import has what is refused."""
    return Plain(_identity, ("anna-1", "ZOE@shop 2", "x" * 900))


def plain_property(rule: PropertyRule, column: ColumnLike, kind: str) -> Plain | None:
    """None: every value of such a column goes through its converter."""
    family = family_of(column)
    if is_repeated(column):
        return None
    if rule.type == STRING:
        return _plain_string(rule, family, column, kind)
    if rule.type == DATE:
        return plain_moment(TimeRule(rule.column, rule.format, rule.time_zone), column)
    if rule.type == BOOLEAN:
        return Plain(_boolean, ("true", "false")) if family is Family.BOOLEAN else None
    if rule.type == FLOAT:
        return _FLOATS.get(family)
    return _WHOLES.get(family)


def plain_moment(rule: TimeRule, column: ColumnLike) -> Plain | None:
    """Moments without a zone of their own are plain in UTC only."""
    family = family_of(column)
    if family is Family.TIMESTAMP:
        return Plain(_timestamp, ("1640995200123456", "999999999", "2712345679000000"))
    if family is Family.WHOLE:
        return _EPOCHS.get(rule.format or "")
    if rule.time_zone not in (None, "UTC"):
        return None
    if family is Family.DATE:
        return Plain(_date, ("2024-03-18", "1999-12-31", "0001-01-01"))
    if family is Family.DATETIME:
        return Plain(_datetime, ("2024-03-18T06:25:32", "1999-12-31T23:59:59.999999"))
    return None


def plain_created_on(rule: TimeRule, column: ColumnLike) -> Plain | None:
    """As ``plain_moment``; a time that CleverTap refuses is left to the converter."""
    moment = plain_moment(rule, column)
    if moment is None:
        return None

    def read(cells: pa.Array) -> tuple[pa.Array, Sure]:
        text, sure = moment.read(cells)
        return text, all_of(sure, _between(pc.cast(text, pa.int64()), 1, 9_999_999_999))

    return Plain(read, moment.samples)


def _plain_string(
    rule: PropertyRule, family: Family, column: ColumnLike, kind: str
) -> Plain | None:
    if kind == PROFILE and rule.name in SYSTEM_TEXTS:
        pattern = _SYSTEM_PATTERNS.get(rule.name)
        samples = {"Email": ("a@shop.example", "zoe@x.org"), "Phone": ("+12345", "+49301234567")}
        return Plain(_matching(pattern), samples[rule.name]) if pattern else None
    if family in (Family.TEXT, Family.OPAQUE) and column.type.upper() not in ("TIME", "BYTES"):
        return Plain(_text, ("Anna", "", "ZOË x", "é" * 200))
    if family in (Family.WHOLE, Family.DECIMAL, Family.BOOLEAN, Family.DATE):
        return Plain(_text, _TEXT_SAMPLES[family])
    return None


_TEXT_SAMPLES = {
    Family.WHOLE: ("17", "-42"),
    Family.DECIMAL: ("0.5", "-120"),
    Family.BOOLEAN: ("true", "false"),
    Family.DATE: ("2024-03-18", "1999-12-31"),
}


def _text(cells: pa.Array) -> tuple[pa.Array, Sure]:
    text, sure = spelled(cells)
    return text, all_of(sure, _unescaped(text), _at_most(text, MAX_TEXT_BYTES))


def _identity(cells: pa.Array) -> tuple[pa.Array, Sure]:
    """Short ones may be refused words, and those beyond ASCII may have a space to trim."""
    text, sure = spelled(cells)
    bytes_each = pc.binary_length(text)
    if (pc.min(bytes_each).as_py() or 0) <= LONGEST_REFUSED:
        refused = pc.is_in(pc.utf8_lower(text), value_set=_REFUSED)
        sure = all_of(sure, pc.invert(refused), pc.greater(bytes_each, 0))
    trimmed = pc.equal(pc.ascii_trim_whitespace(text), text)
    return text, all_of(
        sure,
        trimmed,
        pc.string_is_ascii(text),
        _unescaped(text),
        _at_most(text, MAX_IDENTITY_LENGTH),
    )


def _matching(pattern: str) -> Read:
    def read(cells: pa.Array) -> tuple[pa.Array, Sure]:
        found = pc.match_substring_regex(cells, pattern)
        return cells, all_of(found, _at_most(cells, MAX_TEXT_BYTES))

    return read


def _whole(cells: pa.Array) -> tuple[pa.Array, Sure]:
    return pc.cast(pc.cast(cells, pa.int64()), pa.string()), None


def _whole_text(cells: pa.Array) -> tuple[pa.Array, Sure]:
    text, sure = spelled(cells)
    return text, all_of(sure, pc.match_substring_regex(text, _WHOLE))


def _float_of_whole(cells: pa.Array) -> tuple[pa.Array, Sure]:
    numbers = pc.cast(cells, pa.int64())
    text = cells if pa.types.is_string(cells.type) else pc.cast(numbers, pa.string())
    same = pc.equal(pc.cast(numbers, pa.string()), text)  # not "+1" nor "01"
    return text, all_of(same, _between(numbers, -(10**15) + 1, 10**15 - 1))


def _float_of_decimal(cells: pa.Array) -> tuple[pa.Array, Sure]:
    text, sure = spelled(cells)
    return text, all_of(sure, pc.match_substring_regex(text, _PLAIN_FLOAT))


def _float(cells: pa.Array) -> tuple[pa.Array, Sure]:
    """Arrow writes the shortest text too, but chooses the exponent elsewhere than Python."""
    numbers = pc.cast(cells, pa.float64())
    size = pc.abs(numbers)
    text = pc.cast(numbers, pa.string())
    sure = pc.and_(pc.less(size, 1e15), pc.greater_equal(size, 1e-4))
    zero_or_sure = pc.or_(sure, pc.equal(size, 0.0))
    is_whole = pc.fill_null(pc.equal(pc.floor(numbers), numbers), False)
    if pc.any(is_whole).as_py():
        whole = pc.binary_join_element_wise(text.filter(is_whole), ".0", "")
        text = pc.replace_with_mask(text, is_whole, whole)
    if pc.any(pc.greater_equal(size, 1e9)).as_py():
        zero_or_sure = pc.and_(zero_or_sure, pc.invert(pc.match_substring(text, "e")))
    return text, _unless_all(zero_or_sure)


def _boolean(cells: pa.Array) -> tuple[pa.Array, Sure]:
    if pa.types.is_boolean(cells.type):
        return pc.cast(cells, pa.string()), None
    return cells, _unless_all(pc.is_in(cells, value_set=pa.array(["true", "false"])))


def _timestamp(cells: pa.Array) -> tuple[pa.Array, Sure]:
    return _seconds(pc.cast(cells, pa.int64()))


def _datetime(cells: pa.Array) -> tuple[pa.Array, Sure]:
    sure = None
    if pa.types.is_string(cells.type):
        length = pc.binary_length(cells)
        sure = pc.or_(pc.equal(length, 19), pc.equal(length, 26))
        sure = pc.and_(sure, pc.equal(pc.utf8_slice_codeunits(cells, 10, 11), "T"))
        cells = pc.cast(cells, pa.timestamp("us"))
    text, in_range = _seconds(pc.cast(cells, pa.int64()))
    return text, all_of(sure, in_range)


def _seconds(microseconds: pa.Array) -> tuple[pa.Array, Sure]:
    """Division rounds towards zero, so what lies before 1970 is not sure."""
    seconds = pc.divide(microseconds, 1_000_000)
    return pc.cast(seconds, pa.string()), _between(microseconds, 0, _LAST_SECOND * 1_000_000)


def _date(cells: pa.Array) -> tuple[pa.Array, Sure]:
    sure = None
    if pa.types.is_string(cells.type):
        sure = pc.equal(pc.binary_length(cells), 10)
        cells = pc.cast(cells, pa.date32())
    days = pc.cast(pc.cast(cells, pa.int32()), pa.int64())
    seconds = pc.add(pc.multiply(days, _DAY), _NOON)
    return pc.cast(seconds, pa.string()), all_of(sure, _between(days, -719_162, 2_932_896))


def _epoch(unit: int, least: int, most: int) -> Read:
    def read(cells: pa.Array) -> tuple[pa.Array, Sure]:
        numbers = pc.cast(cells, pa.int64())
        text, sure = pc.cast(pc.divide(numbers, unit), pa.string()), _between(numbers, least, most)
        if pa.types.is_string(cells.type):
            sure = all_of(sure, pc.equal(pc.cast(numbers, pa.string()), cells))
        return text, sure

    return read


_EPOCHS = {
    EPOCH_SECONDS: Plain(_epoch(1, 0, 9_999_999_999), ("17", "9999999999")),
    EPOCH_MILLISECONDS: Plain(_epoch(1000, 10**10, 10**13 - 1), ("1640995200123", "2712345679000")),
}
_WHOLES = {
    Family.WHOLE: Plain(_whole, ("17", "-42", "9223372036854775807")),
    Family.DECIMAL: Plain(_whole_text, ("17", "-42")),
    Family.TEXT: Plain(_whole_text, ("17", "-42")),
}
_FLOATS = {
    Family.FLOAT: Plain(_float, ("0.5", "-3.25", "7.0", "123456789.125", "-0.0")),
    Family.WHOLE: Plain(_float_of_whole, ("17", "-42")),
    Family.DECIMAL: Plain(_float_of_decimal, ("0.5", "-3.25", "17")),
}


def spelled(cells: pa.Array) -> tuple[pa.Array, Sure]:
    """The cells as text, as REST gives them."""
    if pa.types.is_string(cells.type):
        return cells, None
    text = pc.cast(cells, pa.string())
    if not pa.types.is_decimal(cells.type):
        return text, None
    # The scale's zeros are not part of the value; without a point there are none.
    return pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), "."), pc.match_substring_regex(
        text, r"^-?[0-9]+\.[0-9]*[0-9]$"
    )


def all_of(*masks: Sure) -> Sure:
    """What is sure in each of them."""
    found: Sure = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else pc.and_(found, mask)
    return None if found is None else _unless_all(found)


def _unless_all(mask: pa.Array) -> Sure:
    return None if pc.all(mask, min_count=0).as_py() is True else mask


def _between(numbers: pa.Array, least: int, most: int) -> Sure:
    ends = pc.min_max(numbers).as_py()
    if ends["min"] is None or (ends["min"] >= least and ends["max"] <= most):
        return None
    return pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most))


def _at_most(text: pa.Array, most: int) -> Sure:
    bytes_each = pc.binary_length(text)
    return None if (pc.max(bytes_each).as_py() or 0) <= most else pc.less_equal(bytes_each, most)


def _unescaped(text: pa.Array) -> Sure:
    """All at once by their bytes; one by one only if there is something to find."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return None
    ends = memoryview(offsets).cast("i")
    content = data[ends[text.offset] : ends[text.offset + len(text)]].to_pybytes()
    if len(content.translate(None, _ESCAPED)) == len(content):
        return None
    return pc.invert(pc.match_substring_regex(text, _ESCAPED_PATTERN))
