"""SQL that writes rows in the wire form of BigQuery's REST API, whole columns at a time.

A row is `{"f":[{"v":...}]}`; every scalar is a JSON string or null. DuckDB does the encoding,
so no cell becomes a Python object.
"""

from collections.abc import Iterable

from sandbox.google.schema import Field, quoted

_TRIMMED = "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')"

# The text of a value that is not NULL, without quotes; none of it needs escaping.
_TEXT = {
    "INTEGER": "CAST({0} AS VARCHAR)",
    "BOOLEAN": "CAST({0} AS VARCHAR)",
    "NUMERIC": _TRIMMED.format("CAST({0} AS DECIMAL(38,9))"),
    "BIGNUMERIC": _TRIMMED,
    "BYTES": "to_base64({0})",
    "DATE": "strftime({0}, '%Y-%m-%d')",
    "DATETIME": "replace(strftime({0}, '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '')",
    "TIME": "replace(strftime(DATE '1970-01-01' + {0}, '%H:%M:%S.%f'), '.000000', '')",
    "FLOAT": "CASE WHEN isnan({0}) THEN 'NaN' WHEN isinf({0}) AND {0} > 0 THEN 'Infinity' "
    "WHEN isinf({0}) THEN '-Infinity' ELSE CAST({0} AS VARCHAR) END",
}
_SECONDS = (
    r"replace(regexp_replace(printf('%.15E', epoch_us({0}) / 1000000.0), "
    r"'(\.\d+?)0*E([+-])0*(\d+)', '\1E\2\3'), '+', '')"
)
_MICROSECONDS = "CAST(epoch_us({0}) AS VARCHAR)"


def row_sql(fields: Iterable[Field], *, timestamps_as_int: bool) -> str:
    """SQL for the JSON of one row over columns of these names."""
    cells = [_cell(field, quoted(field.name), timestamps_as_int, 0) for field in fields]
    return "concat(" + ", ".join(["'{\"f\":['", *_joined(cells), "']}'"]) + ")"


def _cell(field: Field, value: str, as_int: bool, depth: int) -> str:
    return f"concat('{{\"v\":', {_value(field, value, as_int, depth)}, '}}')"


def _value(field: Field, value: str, as_int: bool, depth: int) -> str:
    if field.mode == "REPEATED":
        item = f"x{depth}"
        inner = _cell(field.element(), item, as_int, depth + 1)
        cells = f"list_transform({value}, lambda {item}: {inner})"
        return f"concat('[', coalesce(array_to_string({cells}, ','), ''), ']')"
    return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {_present(field, value, as_int, depth)} END"


def _present(field: Field, value: str, as_int: bool, depth: int) -> str:
    if field.type == "RECORD":
        cells = [
            _cell(one, f"struct_extract({value}, '{one.name.replace(chr(39), chr(39) * 2)}')",
                  as_int, depth)
            for one in field.fields
        ]  # fmt: skip
        return "concat(" + ", ".join(["'{\"f\":['", *_joined(cells), "']}'"]) + ")"
    if field.type in ("STRING", "GEOGRAPHY", "JSON"):
        text = f"json({value})" if field.type == "JSON" else value
        return f"CAST(to_json(CAST({text} AS VARCHAR)) AS VARCHAR)"
    if field.type == "TIMESTAMP":
        text = _MICROSECONDS if as_int else _SECONDS
    else:
        text = _TEXT[field.type]
    return f"concat('\"', {text.replace('{0}', value)}, '\"')"


def _joined(cells: list[str]) -> list[str]:
    parts: list[str] = []
    for cell in cells:
        parts += [cell, "','"]
    return parts[:-1]
