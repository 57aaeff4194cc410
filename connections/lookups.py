"""Worker half of the questions that pages ask of BigQuery: answer into the row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from connections.bigquery import (
    BigQuery,
    BigQueryError,
    BigQueryRefused,
    Cell,
    Column,
    Estimate,
    Measure,
    Reason,
    Table,
    quoted,
)
from connections.models import Lookup
from connections.source import SourceUnavailable, open_bigquery

logger = structlog.get_logger(__name__)

PREVIEW_ROWS = 10
_LIST_SECONDS = 25.0
_SIZES_SECONDS = 5.0
_ROWS_SECONDS = 45.0
# Of a preview's cell; a row of BigQuery can have megabytes.
_LONGEST_CELL = 10_000
_BASE_GONE = (
    "This view reads a table that is no longer there. Repair the view in BigQuery, or choose "
    "another."
)
_NAME_UNKNOWN = (
    "The query reads a table that is not there, or a view whose own table is gone. Check the "
    "names: write `dataset.table` for another dataset."
)


def answer_lookup(*, lookup_id: UUID) -> None:
    """Ask BigQuery and store the answer, or our sentence why there is none; once."""
    lookup = Lookup.objects.select_related("key", "connection").filter(pk=lookup_id).first()
    if lookup is None or not lookup.claim():
        logger.info("lookup gone or taken", lookup=str(lookup_id))
        return
    try:
        with open_bigquery(lookup.key, project=lookup.project_id) as bigquery:
            lookup.answered(_ANSWERS[Lookup.Kind(lookup.kind)](bigquery, lookup))
    except SourceUnavailable as error:
        lookup.failed(str(error))
    except BigQueryError as error:
        lookup.failed(error.sentence, code=error.reason, place=error.location_in_sql)


def _datasets(bigquery: BigQuery, lookup: Lookup) -> list[dict[str, str]]:
    return [{"id": found.id, "location": found.location} for found in bigquery.datasets()]


def _tables(bigquery: BigQuery, lookup: Lookup) -> list[dict[str, Any]]:
    tables = bigquery.tables(lookup.dataset_id, seconds=_LIST_SECONDS)
    sizes = _sizes(bigquery, lookup) if tables else {}
    return [_listed(table, sizes.get(table.id)) for table in tables]


def _sizes(bigquery: BigQuery, lookup: Lookup) -> dict[str, Measure]:
    """What is nice to know of the tables: without the right to it, nothing."""
    location = _location(bigquery, lookup)
    try:
        return bigquery.sizes(lookup.dataset_id, location=location, seconds=_SIZES_SECONDS)
    except BigQueryError as error:
        logger.info("sizes of tables unknown", reason=error.reason)
        return {}


def _listed(table: Table, measure: Measure | None) -> dict[str, Any]:
    modified = measure.modified_at if measure else None
    return {
        "id": table.id,
        "kind": table.kind,
        "rows": measure.rows if measure else None,
        "bytes": measure.bytes if measure else None,
        "modified": modified.isoformat() if modified else None,
        "partition": table.partition,
        "needs_filter": table.needs_filter,
    }


def _table(bigquery: BigQuery, lookup: Lookup) -> dict[str, Any]:
    table = bigquery.table(lookup.dataset_id, lookup.table_id)
    # A view holds no rows of its own: it can be read by a query only, which is not free.
    rows: list[list[Any]] = []
    if table.kind == "TABLE":
        rows = bigquery.preview(lookup.dataset_id, lookup.table_id, rows=PREVIEW_ROWS).rows
    return {
        "id": table.id,
        "kind": table.kind,
        "rows": table.rows,
        "bytes": table.bytes,
        "columns": [column_to_json(column) for column in table.columns],
        "preview": rows,
    }


def _query(bigquery: BigQuery, lookup: Lookup) -> dict[str, Any]:
    """The dry run: what the query is, what it would read, and the columns of its result."""
    sql = lookup.sql
    known: dict[str, Any] = {"kind": "QUERY", "rows": None}
    if lookup.table_id:
        table = bigquery.table(lookup.dataset_id, lookup.table_id)
        if table.needs_filter:
            raise _needs_filter(table.partition)
        known = {"kind": table.kind, "rows": table.rows}
        sql = f"SELECT * FROM {quoted(bigquery.project, lookup.dataset_id, table.id)}"  # noqa: S608
    found = _estimate(bigquery, lookup, sql)
    if found.statement != "SELECT":
        raise BigQueryRefused(
            Reason.INVALID_QUERY,
            "Only one SELECT can be imported: BigQuery takes this for something else.",
        )
    if not found.columns:
        raise BigQueryRefused(Reason.INVALID_QUERY, "The result of this query has no columns.")
    return {
        **known,
        "bytes": found.bytes,
        "tables": found.tables,
        "columns": [column_to_json(column) for column in found.columns],
    }


def _estimate(bigquery: BigQuery, lookup: Lookup, sql: str) -> Estimate:
    location = _location(bigquery, lookup)
    with _in_the_words_of(lookup):
        return bigquery.estimate(sql, location=location, default_dataset=lookup.dataset_id)


@contextmanager
def _in_the_words_of(lookup: Lookup) -> Iterator[None]:
    """That something it reads is gone is told in the words of what was chosen."""
    try:
        yield
        return
    except BigQueryRefused as error:
        if error.reason != Reason.TABLE_NOT_FOUND:
            raise
        sentence = _BASE_GONE if lookup.table_id else _NAME_UNKNOWN
        place = error.location_in_sql
    raise BigQueryRefused(Reason.INVALID_QUERY, sentence, location_in_sql=place)


def _needs_filter(column: str) -> BigQueryRefused:
    return BigQueryRefused(
        Reason.INVALID_QUERY,
        f"This table may only be read with a filter on its partition column “{column[:100]}”. "
        f"Choose SQL as query type, and filter on it with WHERE.",
    )


def _rows(bigquery: BigQuery, lookup: Lookup) -> dict[str, Any]:
    """First rows: of a stored table at no cost, else by a query under the lookup's cap."""
    known: dict[str, Any] = {"kind": "QUERY", "rows": None}
    source = f"(\n{lookup.sql}\n)"
    if lookup.table_id:
        table = bigquery.table(lookup.dataset_id, lookup.table_id)
        known = {"kind": table.kind, "rows": table.rows}
        if table.kind == "TABLE":
            page = bigquery.preview(lookup.dataset_id, lookup.table_id, rows=PREVIEW_ROWS)
            return known | _preview(page.columns, page.rows, billed=0)
        source = quoted(bigquery.project, lookup.dataset_id, lookup.table_id)
    location = _location(bigquery, lookup)
    with _in_the_words_of(lookup):
        sample = bigquery.sample(
            f"SELECT * FROM {source} LIMIT {PREVIEW_ROWS}",  # noqa: S608 - the user's own query
            location=location,
            rows=PREVIEW_ROWS,
            max_bytes_billed=lookup.bytes_cap or 0,
            default_dataset=lookup.dataset_id,
            seconds=_ROWS_SECONDS,
        )
    return known | _preview(sample.page.columns, sample.page.rows, billed=sample.bytes_billed)


def _preview(columns: tuple[Column, ...], rows: list[list[Cell]], *, billed: int) -> dict[str, Any]:
    return {
        "columns": [column_to_json(column) for column in columns],
        "preview": [[_shortened(cell) for cell in row] for row in rows],
        "billed": billed,
    }


def _shortened(cell: Cell) -> Cell:
    is_long = isinstance(cell, str) and len(cell) > _LONGEST_CELL
    return f"{cell[:_LONGEST_CELL]}…" if is_long and isinstance(cell, str) else cell


def _location(bigquery: BigQuery, lookup: Lookup) -> str:
    known = lookup.connection.location if lookup.connection else ""
    return known or bigquery.dataset(lookup.dataset_id).location


def column_to_json(column: Column) -> dict[str, Any]:
    """A column as it is kept in a lookup's answer and in an import."""
    return {
        "name": column.name,
        "type": column.type,
        "mode": column.mode,
        "fields": [column_to_json(inner) for inner in column.fields],
    }


_ANSWERS = {
    Lookup.Kind.DATASETS: _datasets,
    Lookup.Kind.TABLES: _tables,
    Lookup.Kind.TABLE: _table,
    Lookup.Kind.QUERY: _query,
    Lookup.Kind.ROWS: _rows,
}
