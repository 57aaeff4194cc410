"""Table schemas: BigQuery's fields, and what they are in DuckDB.

DuckDB has no BIGNUMERIC: DECIMAL(38,20) stands for it, any other DECIMAL is NUMERIC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google.errors import invalid

NUMERIC = "DECIMAL(38,9)"
BIGNUMERIC = "DECIMAL(38,20)"

_DUCKDB = {
    "STRING": "VARCHAR", "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "BOOLEAN": "BOOLEAN",
    "BYTES": "BLOB", "DATE": "DATE", "DATETIME": "TIMESTAMP", "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMPTZ", "NUMERIC": NUMERIC, "BIGNUMERIC": BIGNUMERIC, "JSON": "JSON",
    "GEOGRAPHY": "VARCHAR",
}  # fmt: skip

_OTHER_NAMES = {
    "INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD",
    "DECIMAL": "NUMERIC", "BIGDECIMAL": "BIGNUMERIC", "INT": "INTEGER", "BIGINT": "INTEGER",
}  # fmt: skip

_FROM_DUCKDB = {
    "boolean": "BOOLEAN", "tinyint": "INTEGER", "smallint": "INTEGER", "integer": "INTEGER",
    "bigint": "INTEGER", "hugeint": "INTEGER", "utinyint": "INTEGER", "usmallint": "INTEGER",
    "uinteger": "INTEGER", "ubigint": "INTEGER", "uhugeint": "INTEGER", "float": "FLOAT",
    "double": "FLOAT", "varchar": "STRING", "blob": "BYTES", "date": "DATE", "time": "TIME",
    "timestamp": "DATETIME", "timestamp_s": "DATETIME", "timestamp_ms": "DATETIME",
    "timestamp_ns": "DATETIME", "timestamp with time zone": "TIMESTAMP", "uuid": "STRING",
    "interval": "STRING", "json": "JSON", "null": "INTEGER", "enum": "STRING",
}  # fmt: skip

_SIZES = {"BOOLEAN": 1, "NUMERIC": 16, "BIGNUMERIC": 32}
_BY_LENGTH = frozenset({"STRING", "BYTES", "JSON", "GEOGRAPHY"})
_MODES = frozenset({"NULLABLE", "REQUIRED", "REPEATED"})
MOST_FIELDS = 10_000


@dataclass(frozen=True)
class Field:
    """One column or nested field; `type` is the REST API's (legacy) name."""

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: tuple["Field", ...] = ()
    description: str | None = None

    def as_json(self) -> dict[str, Any]:
        """A `TableFieldSchema`."""
        answer: dict[str, Any] = {"name": self.name, "type": self.type, "mode": self.mode}
        if self.fields:
            answer["fields"] = [field.as_json() for field in self.fields]
        if self.description is not None:
            answer["description"] = self.description
        return answer

    def element(self) -> "Field":
        """One element of a repeated field."""
        return Field(self.name, self.type, "NULLABLE", self.fields)

    def duckdb_type(self) -> str:
        """Its type in DuckDB's SQL."""
        if self.type == "RECORD":
            inner = ", ".join(f"{quoted(one.name)} {one.duckdb_type()}" for one in self.fields)
            base = f"STRUCT({inner})"
        else:
            base = _DUCKDB[self.type]
        return f"{base}[]" if self.mode == "REPEATED" else base

    def bytes_sql(self, value: str, depth: int = 0) -> str:
        """SQL for the logical bytes of one value, as BigQuery counts them."""
        if self.mode == "REPEATED":
            inner = self.element().bytes_sql(f"b{depth}", depth + 1)
            return f"coalesce(list_sum(list_transform({value}, lambda b{depth}: {inner})), 0)"
        if self.type == "RECORD":
            parts = (one.bytes_sql(f"{value}.{quoted(one.name)}", depth) for one in self.fields)
            return "(" + " + ".join(parts) + ")"
        if self.type in _BY_LENGTH:
            length = "octet_length" if self.type == "BYTES" else "strlen"
            cast = value if self.type == "BYTES" else f"CAST({value} AS VARCHAR)"
            return f"coalesce({length}({cast}) + 2, 0)"
        return f"(CASE WHEN {value} IS NULL THEN 0 ELSE {_SIZES.get(self.type, 8)} END)"


def quoted(name: str) -> str:
    """An identifier as DuckDB reads it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal as DuckDB reads it."""
    return "'" + text.replace("'", "''") + "'"


def schema_json(fields: Iterable[Field]) -> dict[str, Any]:
    """A `TableSchema`."""
    return {"fields": [field.as_json() for field in fields]}


def read_schema(document: Any) -> tuple[Field, ...]:
    """Fields from a `TableSchema`. Raises: ApiError for what is not one."""
    items = document.get("fields", []) if isinstance(document, Mapping) else None
    if not isinstance(items, list) or len(items) > MOST_FIELDS:
        raise invalid("Invalid schema: fields must be a list.")
    return tuple(_read_field(item) for item in items)


def _read_field(item: Any) -> Field:
    if not isinstance(item, Mapping) or not item.get("name") or not item.get("type"):
        raise invalid("Invalid schema: every field needs a name and a type.")
    kind = type_name(str(item["type"]))
    mode = str(item.get("mode") or "NULLABLE").upper()
    if mode not in _MODES or (kind != "RECORD" and kind not in _DUCKDB):
        raise invalid(f"Invalid value for type or mode of field {item['name']}.")
    nested = read_schema(item) if kind == "RECORD" else ()
    if kind == "RECORD" and not nested:
        raise invalid(f"Field {item['name']} is type RECORD but has no schema")
    description = item.get("description")
    return Field(
        str(item["name"]), kind, mode, nested, None if description is None else str(description)
    )


def selected(fields: tuple[Field, ...], paths: Iterable[str]) -> tuple[Field, ...]:
    """The fields that the paths name, `a.b` for nested ones. Raises: ApiError."""
    nested: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.strip().partition(".")
        nested.setdefault(name.lower(), []).append(rest)
    known = {one.name.lower() for one in fields}
    if unknown := [name for name in nested if name not in known]:
        raise invalid(f"Selected field {unknown[0]} does not exist in the table.")
    chosen = []
    for one in fields:
        below = nested.get(one.name.lower())
        if below is None:
            continue
        inner = one.fields if "" in below else selected(one.fields, below)
        chosen.append(Field(one.name, one.type, one.mode, inner))
    return tuple(chosen)


def type_name(name: str) -> str:
    """The REST API's name of a type, from either of its names."""
    upper = name.upper()
    return _OTHER_NAMES.get(upper, upper)


def fields_of(description: Iterable[Any]) -> tuple[Field, ...]:
    """Fields from a DuckDB cursor's `description`."""
    return tuple(field_of(str(column[0]), column[1]) for column in description)


def field_of(name: str, kind: Any) -> Field:
    """The field for a DuckDB type object."""
    if kind.id in ("list", "array"):
        inner = field_of(name, kind.children[0][1])
        return Field(name, inner.type, "REPEATED", inner.fields)
    if kind.id == "struct":
        nested = tuple(field_of(child, inner) for child, inner in kind.children)
        return Field(name, "RECORD", "NULLABLE", nested)
    if kind.id == "decimal":
        scale = dict(kind.children)["scale"]
        return Field(name, "BIGNUMERIC" if scale == 20 else "NUMERIC")
    text = str(kind).lower()
    return Field(name, _FROM_DUCKDB.get(text, _FROM_DUCKDB.get(kind.id, "STRING")))
