"""The two checks of Test Connection that touch tables. They leave nothing behind."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery

from connections.bigquery import jobs
from connections.bigquery.deadline import Deadline, within
from connections.bigquery.diagnosis import Asked, diagnose
from connections.bigquery.errors import BigQueryError, Reason
from connections.bigquery.names import quoted
from connections.bigquery.pages import table_page
from connections.bigquery.transport import NO_RETRY

CHECK_PREFIX: Final = "_clevertap_bq_check_"
_CHECK_LIFE: Final = timedelta(hours=1)
_LISTED: Final = 50
_TIDY_SECONDS: Final = 5.0
# Tables tried before the check gives up on rows: others may drop theirs meanwhile.
_TRIED: Final = 3
_STORED: Final = ("TABLE", "SNAPSHOT")


def read_a_row(
    client: bigquery.Client, dataset: bigquery.DatasetReference, location: str, deadline: Deadline
) -> None:
    """List tables and read a row of the first; of a dataset of views, dry-run a query on one.

    An empty dataset passes: there is nothing that could be refused.
    """
    listed = client.list_tables(dataset, max_results=_LISTED, retry=NO_RETRY, timeout=deadline.left)
    tables = [table for table in listed if not table.table_id.startswith(CHECK_PREFIX)]
    tried = _stored_first(tables)[:_TRIED]
    for table in tried:
        try:
            return _read_one(client, table, location, deadline)
        except BigQueryError as error:
            if table is tried[-1] or error.reason != Reason.TABLE_NOT_FOUND:
                raise
    return None


def _stored_first(
    tables: Iterable[bigquery.table.TableListItem],
) -> list[bigquery.table.TableListItem]:
    return sorted(tables, key=lambda table: table.table_type not in _STORED)


def _read_one(
    client: bigquery.Client,
    table: bigquery.Table | bigquery.table.TableListItem,
    location: str,
    deadline: Deadline,
) -> None:
    """Raises: BigQueryError that names the table, where Google's refusal is about one."""
    name = f"{table.project}.{table.dataset_id}.{table.table_id}"
    try:
        if table.table_type in _STORED:
            table_page(client, bigquery.Table(table.reference), range(1), deadline)
            return
        source = quoted(table.project, table.dataset_id, table.table_id)
        jobs.estimate(client, f"SELECT * FROM {source} LIMIT 1", location, deadline)  # noqa: S608
        return
    except GoogleAPICallError as error:
        # Of a view the refusal may be about what it reads: no table of ours to grant on.
        is_stored = table.table_type in _STORED
        kind, stored = ("table", table.table_id) if is_stored else ("view", None)
        failure = diagnose(error, Asked(table.project, f"{kind} {name}", stored))
    # Outside the block, so that Google's exception is not carried along as context.
    raise failure


def unlikely_name() -> str:
    """A name that nobody else gives to a table or dataset."""
    return CHECK_PREFIX + secrets.token_hex(8)


def read_from(
    client: bigquery.Client, reference: bigquery.TableReference, location: str, deadline: Deadline
) -> None:
    """Read a row of this table; of a view, dry-run a query on it."""
    table = client.get_table(reference, retry=NO_RETRY, timeout=deadline.left)
    _read_one(client, table, location, deadline)


def make_and_drop(
    client: bigquery.Client, dataset: bigquery.DatasetReference, deadline: Deadline
) -> None:
    """Create a table that lives for an hour, and drop it.

    It is dropped also when the answer to its creation was lost. The hour is for what
    cannot be dropped: a permission that is missing, a server that dies.
    """
    table = bigquery.Table(
        dataset.table(unlikely_name()),
        schema=[bigquery.SchemaField("nothing", "INTEGER")],
    )
    table.expires = datetime.now(UTC) + _CHECK_LIFE
    creation = Deadline.after(deadline.left * 0.6)
    try:
        client.create_table(table, retry=NO_RETRY, timeout=creation.left)
    except Exception:
        with suppress(Exception):
            _drop(client, table, deadline)
        raise
    _drop(client, table, deadline)


def _drop(client: bigquery.Client, table: bigquery.Table, deadline: Deadline) -> None:
    # Also when nobody waits any more: the thread of a check that was given up tidies up.
    longer = Deadline.after(max(deadline.left, _TIDY_SECONDS))
    within(
        longer,
        lambda: client.delete_table(table, not_found_ok=True, retry=NO_RETRY, timeout=longer.left),
    )
