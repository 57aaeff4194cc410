"""Rows as REST gives them. No Row objects are built: they cost more than all else together.

Positions are row numbers in the finished result, so they outlive the process that reads.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from google.cloud import bigquery

from connections.bigquery.deadline import Deadline
from connections.bigquery.errors import BigQueryUnavailable, Reason
from connections.bigquery.shapes import Cell, Column, Page, Table
from connections.bigquery.text_columns import columns_of_text, cut

# TIMESTAMP as whole microseconds; the default is seconds in floating point.
_FORMAT = {"formatOptions.useInt64Timestamp": "true"}


def results_page(
    client: bigquery.Client,
    job_id: str,
    location: str,
    span: range,
    deadline: Deadline,
    *,
    as_columns: bool = False,
) -> Page:
    """Rows of a finished query: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults

    Raises:
        BigQueryUnavailable: job_not_done.
    """
    path = f"/projects/{quote(client.project)}/queries/{quote(job_id)}"
    asked = {
        "location": location,
        "startIndex": span.start,
        "maxResults": len(span),
        "timeoutMs": 0,
    }
    if as_columns:
        answer, cells = _get_columns(client, path, asked, deadline)
    else:
        answer, cells = _get(client, path, asked, deadline), ()
    if not answer.get("jobComplete"):
        raise BigQueryUnavailable(
            Reason.JOB_NOT_DONE, "The query is still running, so its rows cannot be read yet."
        )
    return Page(
        columns=columns_of(answer.get("schema")),
        rows=_rows(answer),
        start_row=span.start,
        total_rows=int(answer.get("totalRows") or 0),
        cells=cells,
    )


def table_page(
    client: bigquery.Client, table: bigquery.Table, max_rows: int, deadline: Deadline
) -> Page:
    """First rows of a stored table, without a query and without cost.

    https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list
    """
    answer = _get(client, f"{table.path}/data", {"maxResults": max_rows}, deadline)
    return Page(
        columns=columns_of(table.to_api_repr().get("schema")),
        rows=_rows(answer),
        start_row=0,
        total_rows=int(answer.get("totalRows") or 0),
    )


def columns_of(schema: Mapping[str, Any] | None) -> tuple[Column, ...]:
    """Read a TableSchema; an absent one has no columns."""
    return tuple(Column.from_rest(field) for field in (schema or {}).get("fields", ()))


def to_table(found: bigquery.Table) -> Table:
    """Read one table of Google's library."""
    kind = found.table_type or "TABLE"
    is_stored = kind != "VIEW"
    return Table(
        id=found.table_id,
        kind=kind,
        rows=found.num_rows if is_stored else None,
        bytes=found.num_bytes if is_stored else None,
        modified_at=found.modified,
        location=found.location or "",
        columns=columns_of(found.to_api_repr().get("schema")),
        partition=_partition_of(found),
    )


def _partition_of(found: bigquery.Table) -> str:
    parts = found.time_partitioning or found.range_partitioning
    return str(parts.field or "") if parts else ""


def _get(
    client: bigquery.Client, path: str, query: dict[str, Any], deadline: Deadline
) -> dict[str, Any]:
    connection: Any = client._connection
    answer: dict[str, Any] = connection.api_request(
        method="GET", path=path, query_params=query | _FORMAT, timeout=deadline.left
    )
    return answer


def _get_columns(
    client: bigquery.Client, path: str, query: dict[str, Any], deadline: Deadline
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The answer, and its rows as columns of text; where they cannot be cut, as rows within."""
    connection: Any = client._connection
    body: bytes = connection.api_request(
        method="GET",
        path=path,
        query_params=query | _FORMAT,
        timeout=deadline.left,
        expect_json=False,
    )
    found = cut(body)
    if found is not None:
        head, rows = found
        cells = columns_of_text(rows, columns_of(head.get("schema")))
        if cells is not None:
            return head, cells
    answer: dict[str, Any] = json.loads(body)
    return answer, ()


def _rows(answer: Mapping[str, Any]) -> list[list[Cell]]:
    return [[cell["v"] for cell in row["f"]] for row in answer.get("rows", ())]
