"""Arrow values as the cells that BigQuery's REST API would give: what converters take."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from imports.mapping.columns import ColumnLike
from imports.mapping.dates import datetime_cell, time_cell
from imports.mapping.values import float_cell

Spell = Callable[[Any], Any]


def rows_of(columns: Sequence[pa.Array]) -> list[list[Any]]:
    """The columns as rows of raw cells. Costs more than all else together: for a few rows."""
    return [list(row) for row in zip(*map(cells_of, columns), strict=True)]


def cells_of(array: pa.Array) -> list[Any]:
    """None or text for each value; lists and records as REST nests them."""
    plain = _plain(array)
    spell = _spell(array.type)
    values = plain.to_pylist()
    if spell is None:
        return list(values)
    return [None if value is None else spell(value) for value in values]


def speakable(kind: pa.DataType, column: ColumnLike) -> bool:
    """Whether values of this Arrow type have one spelling that both readers agree on."""
    if (column.mode.upper() == "REPEATED") != pa.types.is_list(kind):
        return False
    if pa.types.is_list(kind):
        kind = kind.value_type
    if pa.types.is_struct(kind):
        fields = {field.name: field for field in column.fields}
        return all(one.name in fields and speakable(one.type, fields[one.name]) for one in kind)
    wanted = _ARROW.get(column.type.upper())
    return wanted is not None and wanted(kind)


def _is_moment(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind)) and kind.unit == "us" and kind.tz is not None


def _is_local(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind)) and kind.unit == "us" and kind.tz is None


# Types of REST beside what the Storage Read API must send for them:
# https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details
_ARROW: dict[str, Callable[[pa.DataType], bool]] = {
    "STRING": pa.types.is_string,
    "JSON": pa.types.is_string,
    "GEOGRAPHY": pa.types.is_string,
    "INTEGER": pa.types.is_int64,
    "INT64": pa.types.is_int64,
    "FLOAT": pa.types.is_float64,
    "FLOAT64": pa.types.is_float64,
    "BOOLEAN": pa.types.is_boolean,
    "BOOL": pa.types.is_boolean,
    "BYTES": pa.types.is_binary,
    "DATE": pa.types.is_date32,
    "DATETIME": _is_local,
    "TIMESTAMP": _is_moment,
    "TIME": pa.types.is_time64,
    "NUMERIC": pa.types.is_decimal128,
    "BIGNUMERIC": pa.types.is_decimal256,
}


def _plain(array: pa.Array) -> pa.Array:
    """Moments as whole numbers: Python's own would need time zones, and end with the year 9999."""
    if pa.types.is_timestamp(array.type) or pa.types.is_time64(array.type):
        return array.cast(pa.int64())
    if pa.types.is_list(array.type) or pa.types.is_struct(array.type):
        return array.cast(_plain_type(array.type))
    return array


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([one.with_type(_plain_type(one.type)) for one in kind])
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return pa.int64()
    return kind


def _spell(kind: pa.DataType) -> Spell | None:
    """How a value is written as a cell; None when it is one already."""
    if pa.types.is_list(kind):
        return _list(_spell(kind.value_type) or _same)
    if pa.types.is_struct(kind):
        return _record([(one.name, _spell(one.type) or _same) for one in kind])
    return next((spell for is_kind, spell in _SPELLINGS if is_kind(kind)), None)


def _same(value: Any) -> Any:
    return value


def _list(spell: Spell) -> Spell:
    return lambda values: [{"v": None if one is None else spell(one)} for one in values]


def _record(fields: list[tuple[str, Spell]]) -> Spell:
    def write(value: dict[str, Any]) -> dict[str, Any]:
        found = ((value[name], spell) for name, spell in fields)
        return {"f": [{"v": None if one is None else spell(one)} for one, spell in found]}

    return write


def _decimal(value: Decimal) -> str:
    """Without the zeros at the end that its scale would add."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


_SPELLINGS: tuple[tuple[Callable[[pa.DataType], bool], Spell], ...] = (
    (pa.types.is_integer, str),
    (pa.types.is_boolean, lambda value: "true" if value else "false"),
    (pa.types.is_floating, float_cell),
    (pa.types.is_date32, lambda value: value.isoformat()),
    (_is_moment, str),
    (_is_local, datetime_cell),
    (pa.types.is_time64, time_cell),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_binary, lambda value: b64encode(value).decode()),
)
