"""Cuts a page of REST's JSON into columns of text, without an object for each cell.

BigQuery writes rows as ``{"f":[{"v":"a"},{"v":null}]}``. In JSON text a quote inside a string
has a backslash before it, so the words between two cells, and between two rows, cannot stand
inside one: the text is split at them, by Arrow, at some 400 MB a second. Whatever does not come
out as a whole table is not cut, and is read as JSON.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connections.bigquery.shapes import Column

_ROWS, _FIRST, _END = b'"rows":[', b'{"f":[{"v":"', b'"}]}]'
_CELLS, _NEXT_ROW = b'"},{"v":"', b'"}]},{"f":[{"v":"'
_NULL, _AS_CELL = b'{"v":null}', b'{"v":"\x1e"}'  # a raw control character is no JSON text
_MARK = b"\x1e"


def cut(body: bytes) -> tuple[dict[str, Any], bytes] | None:
    """The answer without its rows, and the text of the rows; None when it looks otherwise."""
    begin = body.find(_ROWS + b'{"f":[{"v":')
    if begin < 0:
        return None
    begin += len(_ROWS)
    text = body[begin:].replace(_NULL, _AS_CELL)
    end = text.rfind(_END)
    if end < 0 or not text.startswith(_FIRST):
        return None
    try:
        head = json.loads(body[:begin] + text[end + len(_END) - 1 :])
    except ValueError:
        return None
    return (head, text[len(_FIRST) : end]) if isinstance(head, dict) else None


def columns_of_text(rows: bytes, columns: Sequence[Column]) -> tuple[pa.Array, ...] | None:
    """One array of text for each column, NULLs included; None when it cannot be one."""
    if any(column.mode == "REPEATED" or column.fields for column in columns):
        return None
    lines = pc.split_pattern(pa.array([rows], pa.binary()), _NEXT_ROW).values
    cells = pc.split_pattern(lines, _CELLS)
    lengths = pc.min_max(pc.list_value_length(cells)).as_py()
    if lengths != {"min": len(columns), "max": len(columns)}:
        return None
    found = cells.flatten()
    places = _every(len(columns), len(found))
    try:
        return tuple(_column(found.take(pc.add(places, at))) for at in range(len(columns)))
    except (ValueError, pa.ArrowInvalid):  # half a surrogate pair; not UTF-8; no JSON after all
        return None


@lru_cache(maxsize=4)  # pages of a run are alike
def _every(step: int, end: int) -> pa.Array:
    return pa.array(range(0, end, step), pa.int64())


def _column(cells: pa.Array) -> pa.Array:
    is_null = pc.equal(cells, _MARK)
    if pc.any(is_null).as_py():
        cells = pc.if_else(is_null, pa.scalar(None, pa.binary()), cells)
    if b"\\" in cells.buffers()[2].to_pybytes():
        escaped = pc.match_substring(cells, b"\\")
        read = [json.loads(b'"' + one + b'"') for one in cells.filter(escaped).to_pylist()]
        escaped = pc.fill_null(escaped, False)
        return pc.replace_with_mask(cells.cast(pa.string()), escaped, pa.array(read, pa.string()))
    return cells.cast(pa.string())
