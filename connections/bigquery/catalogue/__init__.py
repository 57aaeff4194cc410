"""Every failure that we know by name, in order: the first entry that fits gives the answer.

From Google's table (https://cloud.google.com/bigquery/docs/error-messages) and from bodies
seen in the field; the tests keep, for each entry, the body that it was written from.
Limits stand before permissions: BigQuery answers both with 403.
"""

from typing import Final

from connections.bigquery.catalogue import (
    jobs,
    limits,
    missing,
    permissions,
    project,
    sql,
    token,
    wire,
)
from connections.bigquery.entry import Entry

CATALOGUE: Final[tuple[Entry, ...]] = (
    *wire.ENTRIES,
    *token.ENTRIES,
    *project.ENTRIES,
    *limits.ENTRIES,
    *permissions.ENTRIES,
    *missing.ENTRIES,
    *sql.ENTRIES,
    *jobs.ENTRIES,
)
