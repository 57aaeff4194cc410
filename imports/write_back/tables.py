"""The two tables as they are made: a schema that is fixed, and documented in docs/write-back.md."""

from typing import Final

from django.conf import settings

from connections.bigquery import OwnColumn, OwnTable
from imports.models import REFUSED_TABLE, RUNS_TABLE

LABELS: Final = {"clevertap-bq": "write-back"}
RUNS_DAYS: Final = 400
_NEEDED: Final = "REQUIRED"

_RUN_COLUMNS: Final = (
    OwnColumn("run_id", "STRING", "The run.", _NEEDED),
    OwnColumn("import_id", "STRING", "The import that was run.", _NEEDED),
    OwnColumn("import_name", "STRING", "Its nickname when this was written."),
    OwnColumn("connection_id", "STRING", "The connection that the run read from.", _NEEDED),
    OwnColumn("connection_name", "STRING", "Its name when this was written."),
    OwnColumn("clevertap_account", "STRING", "The CleverTap account that the rows went to."),
    OwnColumn("kind", "STRING", "profile or event."),
    OwnColumn("source", "STRING", "query, or refused or held rows of an earlier run."),
    OwnColumn("replay_of", "STRING", "The earlier run whose rows were sent again."),
    OwnColumn("started_by", "STRING", "manual or schedule."),
    OwnColumn("queued_at", "TIMESTAMP", "When it was asked for."),
    OwnColumn("started_at", "TIMESTAMP", "When a worker began; NULL if none did."),
    OwnColumn("finished_at", "TIMESTAMP", "When it was over.", _NEEDED),
    OwnColumn("state", "STRING", "succeeded, failed or stopped.", _NEEDED),
    OwnColumn("reason", "STRING", "Why it failed, as a code."),
    OwnColumn("sentence", "STRING", "Why it failed or was stopped, in words."),
    OwnColumn("rows_total", "INTEGER", "Rows that there were to read; NULL if nobody knew."),
    OwnColumn("rows_read", "INTEGER", "accepted + refused + skipped + unknown."),
    OwnColumn("rows_accepted", "INTEGER", "CleverTap took them."),
    OwnColumn("rows_refused", "INTEGER", "Refused by the rules or by CleverTap."),
    OwnColumn("rows_skipped", "INTEGER", "Sent by an earlier run."),
    OwnColumn("rows_unknown", "INTEGER", "CleverTap’s answer was lost."),
    OwnColumn("refused_rows_written", "INTEGER", f"How many of them are in {REFUSED_TABLE}."),
    OwnColumn("requests", "INTEGER", "Requests to CleverTap."),
    OwnColumn("requests_sent_again", "INTEGER", "How many of them repeated another."),
    OwnColumn("bytes_billed", "INTEGER", "Bytes that BigQuery billed its queries for."),
    OwnColumn("job_id", "STRING", "The query job of the run."),
    OwnColumn("job_location", "STRING", "Where that job ran."),
)
_REFUSED_COLUMNS: Final = (
    OwnColumn("run_id", "STRING", "The run.", _NEEDED),
    OwnColumn("import_id", "STRING", "The import that was run.", _NEEDED),
    OwnColumn("import_name", "STRING", "Its nickname when this was written."),
    OwnColumn("run_finished_at", "TIMESTAMP", "When the run was over.", _NEEDED),
    OwnColumn("row_position", "INTEGER", "Its place in what the run read, from 0.", _NEEDED),
    OwnColumn("identity", "STRING", "Whose row it is, as far as it could be read."),
    OwnColumn("refused_by", "STRING", "rules or clevertap.", _NEEDED),
    OwnColumn("reason_code", "STRING", "The reason, as a code.", _NEEDED),
    OwnColumn("clevertap_code", "STRING", "CleverTap’s own code, where it has one."),
    OwnColumn("reason", "STRING", "The reason in a few words."),
    OwnColumn("source_column", "STRING", "The column at fault, where it is one."),
    OwnColumn("sentence", "STRING", "What is wrong, and what to do."),
)

RUNS: Final = OwnTable(
    id=RUNS_TABLE,
    description="How the runs of imports into CleverTap ended: one row for each.",
    labels=LABELS,
    columns=_RUN_COLUMNS,
    partition="finished_at",
    days_kept=RUNS_DAYS,
)


def refused_rows() -> OwnTable:
    """Kept as long as the refused rows are kept here, as it is when the table is made."""
    return OwnTable(
        id=REFUSED_TABLE,
        description="Rows that did not reach CleverTap, each with the reason.",
        labels=LABELS,
        columns=_REFUSED_COLUMNS,
        partition="run_finished_at",
        days_kept=max(1, settings.RUN_DETAILS_DAYS),
    )
