"""What the mapping needs to know of a BigQuery column. No client library here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol, Self

# Of one source, fields of STRUCTs counted: CleverTap takes 256 properties, and each column
# is a line of one form.
MOST_COLUMNS: Final = 600
# What REST calls otherwise than GoogleSQL does, in which people write.
STANDARD: Final = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}


class ColumnLike(Protocol):
    """The shape of ``connections.bigquery.Column``; the mapping stays importable alone."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def fields(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column as BigQuery's REST API names it; ``fields`` are those of a RECORD."""

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: tuple[Any, ...] = ()

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """A column as an import, a run or a lookup keeps it."""
        fields = tuple(cls.from_json(inner) for inner in stored.get("fields") or ())
        return cls(stored["name"], stored["type"], stored["mode"], fields)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain JSON values; ``from_json`` gives the equal column back."""
        fields = [inner.to_json() for inner in self.fields]
        return {"name": self.name, "type": self.type, "mode": self.mode, "fields": fields}


class Family(Enum):
    """Column types that are read in the same way."""

    TEXT = "text"
    WHOLE = "whole number"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DATETIME = "datetime"
    DATE = "date"
    OPAQUE = "text only"
    NESTED = "nested"


# Standard SQL names and the older names that the REST API answers with.
_FAMILIES = {
    "STRING": Family.TEXT,
    "INTEGER": Family.WHOLE,
    "INT64": Family.WHOLE,
    "FLOAT": Family.FLOAT,
    "FLOAT64": Family.FLOAT,
    "NUMERIC": Family.DECIMAL,
    "BIGNUMERIC": Family.DECIMAL,
    "BOOLEAN": Family.BOOLEAN,
    "BOOL": Family.BOOLEAN,
    "TIMESTAMP": Family.TIMESTAMP,
    "DATETIME": Family.DATETIME,
    "DATE": Family.DATE,
    "RECORD": Family.NESTED,
    "STRUCT": Family.NESTED,
}


def family_of(column: ColumnLike) -> Family:
    """The family of the column's type, or of its elements when it is repeated.

    TIME, BYTES, JSON, GEOGRAPHY, INTERVAL, RANGE and types of tomorrow are text only.
    """
    return _FAMILIES.get(column.type.upper(), Family.OPAQUE)


def is_repeated(column: ColumnLike) -> bool:
    """Whether a cell holds a list of values of the column's type."""
    return column.mode.upper() == "REPEATED"


def shown_type(column: ColumnLike) -> str:
    """The type as people write it in GoogleSQL, not as REST calls it: ``ARRAY<INT64>``."""
    name = STANDARD.get(column.type, column.type)
    return f"ARRAY<{name}>" if is_repeated(column) else name


def too_many(count: int, *, is_query: bool) -> str:
    """Why so many columns cannot be mapped, and what to do; empty if they can."""
    if count <= MOST_COLUMNS:
        return ""
    cure = (
        "Name fewer columns behind SELECT."
        if is_query
        else "Choose SQL as the Query Type, and SELECT the columns that you need."
    )
    return (
        f"It has {count:,} columns, and at most {MOST_COLUMNS:,} can be mapped: CleverTap takes "
        f"256 properties. {cure}"
    )
