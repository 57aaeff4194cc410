"""Cells of BigQuery as people read them, with the names of nested fields. Pure."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from imports.mapping import Column
from imports.mapping.columns import STANDARD

_NUMBERS: Final = {"INTEGER": int, "INT64": int, "FLOAT": float, "FLOAT64": float}
_LONGEST: Final = 400


def type_in_words(column: Column) -> str:
    """As it is written in GoogleSQL: ``ARRAY<STRUCT<sku STRING, price NUMERIC>>``."""
    kind = STANDARD.get(column.type, column.type)
    if column.fields:
        inner = ", ".join(f"{field.name} {type_in_words(field)}" for field in column.fields)
        kind = f"{kind}<{inner}>"
    return f"ARRAY<{kind}>" if column.mode == "REPEATED" else kind


def cell_in_words(column: Column, cell: Any) -> str:
    """One line, cut where it is very long; nested values as JSON with their fields' names."""
    value = _plain(column, cell)
    if value is None:
        return "NULL"
    is_nested = isinstance(value, dict | list | bool)
    text = json.dumps(value, ensure_ascii=False) if is_nested else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain(column: Column, cell: Any) -> Any:
    if cell is None:
        return None
    if column.mode == "REPEATED" and isinstance(cell, list):
        single = Column(column.name, column.type, "NULLABLE", column.fields)
        return [_plain(single, item.get("v")) for item in cell]
    if column.fields and isinstance(cell, dict):
        inner = zip(column.fields, cell.get("f", []), strict=False)
        return {field.name: _plain(field, value.get("v")) for field, value in inner}
    return _scalar(column.type, cell)


def _scalar(kind: str, cell: Any) -> Any:
    try:
        if kind == "TIMESTAMP":
            moment = datetime.fromtimestamp(int(cell) / 1_000_000, tz=UTC)
            return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
        if kind in ("BOOLEAN", "BOOL"):
            return str(cell).lower() == "true"
        if kind == "JSON":
            return json.loads(cell)
        return _NUMBERS[kind](cell) if kind in _NUMBERS else cell
    except (ValueError, OverflowError, OSError):
        return cell
