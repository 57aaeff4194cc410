"""Tables as BigQuery describes them: in a list, and one by one."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from google.cloud import bigquery

from connections.bigquery import checks, pages
from connections.bigquery.deadline import Deadline
from connections.bigquery.shapes import Table
from connections.bigquery.transport import NO_RETRY

_PAGE: Final = 1_000
# What a table without a column of its own to be partitioned by is filtered on.
_INGESTION: Final = "_PARTITIONTIME"


def tables(
    client: bigquery.Client, dataset: bigquery.DatasetReference, limit: int, deadline: Deadline
) -> list[Table]:
    """By id, at most ``limit``; a list gives neither columns nor sizes."""
    listed = client.list_tables(dataset, page_size=_PAGE, retry=NO_RETRY, timeout=deadline.left)
    found = (_listed(one) for one in listed)
    others = (table for table in found if not table.id.startswith(checks.CHECK_PREFIX))
    return sorted(islice(others, limit), key=lambda table: table.id)


def to_table(found: bigquery.Table) -> Table:
    """One table with all that is known of it."""
    kind = found.table_type or "TABLE"
    is_stored = kind != "VIEW"
    described = found.to_api_repr()
    return Table(
        id=found.table_id,
        kind=kind,
        rows=found.num_rows if is_stored else None,
        bytes=found.num_bytes if is_stored else None,
        modified_at=found.modified,
        location=found.location or "",
        columns=pages.columns_of(described.get("schema")),
        partition=_partition(described),
        needs_filter=_needs_filter(described),
    )


def _listed(one: bigquery.table.TableListItem) -> Table:
    described = one._properties
    return Table(
        one.table_id,
        one.table_type or "TABLE",
        partition=_partition(described),
        needs_filter=_needs_filter(described),
    )


def _partition(described: Mapping[str, Any]) -> str:
    """https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TimePartitioning"""
    by_range = described.get("rangePartitioning") or {}
    if by_range:
        return str(by_range.get("field") or "")
    by_time = described.get("timePartitioning")
    return "" if by_time is None else str(by_time.get("field") or _INGESTION)


def _needs_filter(described: Mapping[str, Any]) -> bool:
    by_time = described.get("timePartitioning") or {}
    return bool(described.get("requirePartitionFilter") or by_time.get("requirePartitionFilter"))
