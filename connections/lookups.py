"""Worker half of the questions that pages ask of BigQuery: answer into the row."""

from typing import Any
from uuid import UUID

import structlog

from connections.bigquery import BigQuery, BigQueryError, Column
from connections.models import Lookup
from connections.source import SourceUnavailable, open_bigquery

logger = structlog.get_logger(__name__)

PREVIEW_ROWS = 10


def answer_lookup(*, lookup_id: UUID) -> None:
    """Ask BigQuery and store the answer, or our sentence why there is none; once."""
    lookup = Lookup.objects.select_related("key").filter(pk=lookup_id).first()
    if lookup is None or not lookup.claim():
        logger.info("lookup gone or taken", lookup=str(lookup_id))
        return
    try:
        with open_bigquery(lookup.key, project=lookup.project_id) as bigquery:
            lookup.answered(_ANSWERS[Lookup.Kind(lookup.kind)](bigquery, lookup))
    except SourceUnavailable as error:
        lookup.failed(str(error))
    except BigQueryError as error:
        lookup.failed(error.sentence)


def _datasets(bigquery: BigQuery, lookup: Lookup) -> list[dict[str, str]]:
    return [{"id": found.id, "location": found.location} for found in bigquery.datasets()]


def _tables(bigquery: BigQuery, lookup: Lookup) -> list[dict[str, Any]]:
    return [{"id": table.id, "kind": table.kind} for table in bigquery.tables(lookup.dataset_id)]


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
}
