"""Small queries that are seen through at once: a preview, the sizes of a dataset's tables.

Each runs under a cap, and is cancelled where nobody waits for it any longer.
"""

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery

from connections.bigquery import jobs, names
from connections.bigquery.deadline import Deadline, TimeIsOver
from connections.bigquery.diagnosis import Asked
from connections.bigquery.pages import results_page
from connections.bigquery.shapes import Cell, Measure, Sample, State

LABELS: Final = {"clevertap-bq": "preview"}
# ``__TABLES__`` is read without a charge; should that change, this stops it.
_SIZES_CAP: Final = 10 * 1024 * 1024
_MOST_SIZES: Final = 10_000
_POLL_SECONDS: Final = 0.1
_TIME_TO_CANCEL: Final = 1.0


@dataclass(frozen=True)
class Trial:
    """A query of which ``rows`` first rows are wanted, billed for ``cap`` bytes at most."""

    sql: str
    location: str
    rows: int
    cap: int
    default_dataset: str | None = None


def run(client: bigquery.Client, trial: Trial, asked: Asked, deadline: Deadline) -> Sample:
    """Run it and read its first rows.

    Raises:
        TimeIsOver: it was not done by then; its job was cancelled.
        BigQueryError: it failed, with the reason that its job gives.
    """
    query = jobs.Query(
        sql=trial.sql,
        job_id=f"clevertap_bq_preview_{uuid.uuid4().hex}",
        location=trial.location,
        labels=LABELS,
        max_bytes_billed=trial.cap,
        default_dataset=trial.default_dataset,
    )
    job = jobs.start(client, query, asked, deadline)
    while job.state != State.DONE:
        if deadline.left < _TIME_TO_CANCEL:
            with suppress(GoogleAPICallError):
                jobs.cancel(client, query.job_id, trial.location, deadline)
            raise TimeIsOver
        time.sleep(_POLL_SECONDS)
        job = jobs.look(client, query.job_id, trial.location, asked, deadline)
    if job.failure is not None:
        raise job.failure
    page = results_page(client, query.job_id, trial.location, range(trial.rows), deadline)
    return Sample(page, job.bytes_billed or 0)


def sizes(
    client: bigquery.Client, dataset_id: str, location: str, asked: Asked, deadline: Deadline
) -> dict[str, Measure]:
    """Rows, bytes and last change of each stored table, by its id; at no cost."""
    source = names.quoted(client.project, dataset_id, "__TABLES__")
    sql = (
        "SELECT table_id, row_count, size_bytes, last_modified_time "  # noqa: S608 - checked names
        f"FROM {source} WHERE type != 2"
    )
    sample = run(client, Trial(sql, location, _MOST_SIZES, _SIZES_CAP), asked, deadline)
    return {str(cells[0]): _measure(cells[1:]) for cells in sample.page.rows}


def _measure(cells: Sequence[Cell]) -> Measure:
    rows, size, modified = (int(str(cell or 0)) for cell in cells)
    changed = datetime.fromtimestamp(modified / 1000, tz=UTC) if modified else None
    return Measure(rows, size, changed)
