"""One query job of a dry run, seen through to its end or cancelled."""

import time

from connections.bigquery import BigQuery, BigQueryRefused, Job, Reason
from imports.models import DryRun

QUERY_SECONDS = 90.0
POLL_SECONDS = 0.5
# BigQuery bills at least 10 MB for each table that a query reads.
HEADROOM_BYTES = 100 * 2**20


class NoSample(Exception):
    """No rows could be read; the message is fit for the user."""


def finished(bigquery: BigQuery, dry_run: DryRun, sql: str, location: str, *, cap: int) -> Job:
    """The job, done; however often it is asked for it is submitted once.

    Raises: NoSample after 90 seconds, BigQueryError.
    """
    job_id = f"clevertap_bq_dry_{dry_run.pk.hex}"
    job = bigquery.start_query(
        sql,
        job_id=job_id,
        location=location,
        labels={
            "clevertap-bq-dry-run": str(dry_run.pk),
            "clevertap-bq-import": str(dry_run.parent_id),
        },
        max_bytes_billed=cap,
        default_dataset=dry_run.parent.connection.dataset_id,
    )
    end = time.monotonic() + QUERY_SECONDS
    while job.state != "DONE":
        if time.monotonic() > end:
            bigquery.cancel(job_id, location=location)
            raise NoSample(
                "BigQuery did not answer within 90 seconds, and the query was cancelled. "
                "Try again later, or with a smaller table or view."
            )
        time.sleep(POLL_SECONDS)
        job = bigquery.job(job_id, location=location)
    if job.cancelled:
        raise BigQueryRefused(Reason.CANCELLED, "The query was cancelled at Google Cloud.")
    if job.failure is not None:
        raise job.failure
    return job
