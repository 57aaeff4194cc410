"""Rows as REST gives them. No Row objects are built: they cost more than all else together.

Positions are row numbers in the finished result, so they outlive the process that reads.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from google.cloud import bigquery

from connections.bigquery.deadline import Deadline
from connections.bigquery.errors import BigQueryUnavailable, Reason
from connections.bigquery.shapes import Cell, Column, Page

# TIMESTAMP as whole microseconds; the default is seconds in floating point.
_FORMAT = {"formatOptions.useInt64Timestamp": "true"}


def results_page(
    client: bigquery.Client, job_id: str, location: str, span: range, deadline: Deadline
) -> Page:
    """Rows of a finished query: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults

    Raises:
        BigQueryUnavailable: job_not_done.
    """
    answer = _get(
        client,
        f"/projects/{quote(client.project)}/queries/{quote(job_id)}",
        {
            "location": location,
            "startIndex": span.start,
            "maxResults": len(span),
            "timeoutMs": 0,
        },
        deadline,
    )
    if not answer.get("jobComplete"):
        raise BigQueryUnavailable(
            Reason.JOB_NOT_DONE, "The query is still running, so its rows cannot be read yet."
        )
    return Page(
        columns=columns_of(answer.get("schema")),
        rows=_rows(answer),
        start_row=span.start,
        total_rows=int(answer.get("totalRows") or 0),
    )


def table_page(
    client: bigquery.Client, table: bigquery.Table, span: range, deadline: Deadline
) -> Page:
    """Rows of a stored table, without a query and without cost.

    https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list
    """
    asked = {"startIndex": span.start, "maxResults": len(span)}
    answer = _get(client, f"{table.path}/data", asked, deadline)
    return Page(
        columns=columns_of(table.to_api_repr().get("schema")),
        rows=_rows(answer),
        start_row=span.start,
        total_rows=int(answer.get("totalRows") or 0),
    )


def columns_of(schema: Mapping[str, Any] | None) -> tuple[Column, ...]:
    """Read a TableSchema; an absent one has no columns."""
    return tuple(Column.from_rest(field) for field in (schema or {}).get("fields", ()))


def _get(
    client: bigquery.Client, path: str, query: dict[str, Any], deadline: Deadline
) -> dict[str, Any]:
    connection: Any = client._connection
    answer: dict[str, Any] = connection.api_request(
        method="GET", path=path, query_params=query | _FORMAT, timeout=deadline.left
    )
    return answer


def _rows(answer: Mapping[str, Any]) -> list[list[Cell]]:
    return [[cell["v"] for cell in row["f"]] for row in answer.get("rows", ())]
