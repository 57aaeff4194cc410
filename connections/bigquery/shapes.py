"""What the gateway answers with: plain values, no object of Google's library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from connections.bigquery.errors import BigQueryError

# A cell as REST gives it: None, text (numbers and times too), {"f": [...]} for a RECORD,
# [{"v": ...}] for a REPEATED column. TIMESTAMP is whole microseconds since 1970 UTC.
Cell = str | list[Any] | dict[str, Any] | None


class State(StrEnum):
    """States of a BigQuery job. DONE says nothing about success."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"


@dataclass(frozen=True)
class Endpoints:
    """Which Google is asked: addresses of the server's own table, never of a key.

    ``storage_endpoint`` is the Storage Read API's, as a URL; only host and port count. Where it
    is empty, fast reads find nobody.
    """

    token_uri: str
    api_endpoint: str
    is_google: bool
    storage_endpoint: str = ""


@dataclass(frozen=True)
class Column:
    """``type`` and ``mode`` as REST names them; ``fields`` are those of a RECORD."""

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: tuple["Column", ...] = ()

    @classmethod
    def from_rest(cls, field: Mapping[str, Any]) -> Self:
        """Read one TableFieldSchema."""
        return cls(
            name=str(field["name"]),
            type=str(field["type"]),
            mode=str(field.get("mode") or "NULLABLE"),
            fields=tuple(cls.from_rest(inner) for inner in field.get("fields", ())),
        )


@dataclass(frozen=True)
class Dataset:
    """``default_expiration`` is the life of new tables; None when they live on."""

    id: str
    location: str
    default_expiration: timedelta | None = None


@dataclass(frozen=True)
class Table:
    """A table or view. ``kind`` is TABLE, VIEW, MATERIALIZED_VIEW, EXTERNAL or SNAPSHOT.

    A list of tables gives only id, kind and partition; ``rows`` and ``bytes`` are None for a
    view. ``partition`` names the column that the table is partitioned by, where it is;
    ``needs_filter``: a query is refused unless it filters on that column.
    """

    id: str
    kind: str
    rows: int | None = None
    bytes: int | None = None
    modified_at: datetime | None = None
    location: str = ""
    columns: tuple[Column, ...] = ()
    partition: str = ""
    needs_filter: bool = False


@dataclass(frozen=True)
class OwnColumn:
    """A column of a table that we make; ``type`` and ``mode`` as REST names them."""

    name: str
    type: str
    description: str
    mode: str = "NULLABLE"


@dataclass(frozen=True)
class OwnTable:
    """A table that we make in somebody's dataset, known by its ``labels``.

    ``partition`` is the column whose day a row belongs to; a day is dropped after ``days_kept``.
    """

    id: str
    description: str
    labels: Mapping[str, str]
    columns: tuple[OwnColumn, ...]
    partition: str
    days_kept: int


@dataclass(frozen=True)
class Parameter:
    """A value that a query names as ``@name``. ``value`` is text, as REST writes such a type."""

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Measure:
    """How large a stored table is, and when it last changed."""

    rows: int
    bytes: int
    modified_at: datetime | None


@dataclass(frozen=True)
class Estimate:
    """What a query would scan, in bytes, and the columns of its result.

    ``statement`` is BigQuery's word for what it is: SELECT, SCRIPT, INSERT and so on.
    ``tables`` is how many tables it reads: each is billed for 10 MiB at least.
    """

    bytes: int
    columns: tuple[Column, ...]
    statement: str = "SELECT"
    tables: int = 1


@dataclass(frozen=True)
class Job:
    """A query job. ``failure`` and ``total_rows`` stay None until it is DONE.

    ``total_rows`` is None also for a statement without rows, a failed job and a
    cancelled one. A cancelled job has a failure too, with reason *cancelled*.
    """

    id: str
    location: str
    state: State
    failure: BigQueryError | None
    cancelled: bool
    bytes_billed: int | None
    bytes_processed: int | None
    total_rows: int | None


@dataclass(frozen=True)
class Page:
    """Consecutive rows from ``start_row`` on; fewer than asked for when they are large.

    ``cells`` are the same as Arrow arrays of text, one for each column; ``rows`` is empty then.
    """

    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    start_row: int
    total_rows: int
    cells: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The first rows of a query that was run for them, and what that was billed."""

    page: Page
    bytes_billed: int


@dataclass(frozen=True)
class Stream:
    """The rows of a finished query over the Storage Read API, in one order that does not change.

    ``schema`` is Arrow's; ``name`` is empty for a result without rows.
    """

    name: str
    columns: tuple[Column, ...]
    schema: Any
