"""The BigQuery job of a run: one, with an id that is committed before it is submitted.

A worker that dies leaves a job that the next one finds: the same id never starts a
second job. Its finished result is immutable, so a row number in it is a checkpoint.
"""

import time
from typing import Any

import structlog

from connections.bigquery import BigQuery, BigQueryError, Job
from imports.mapping import Mapping
from imports.models import LogLine, Run
from imports.runner import bounds
from imports.runner.bounds import Asking
from imports.runner.grip import Grip
from imports.runner.query import cap_of, source_sql

logger = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
CANCEL_SECONDS = 20.0

JobState = Run.JobState


class JobVanished(Exception):
    """The job was cancelled outside this run; the message is fit for the user."""


def finish_job(grip: Grip, bigquery: BigQuery, mapping: Mapping) -> None:
    """See the run's query job through to DONE, submitting it if that was not done yet.

    Writes location, state, bytes billed and the number of rows into the run.

    Raises:
        JobVanished: somebody cancelled the job at BigQuery.
        BigQueryError: as the gateway reports it.
        StopAsked, Lost: as ``Grip.confirm``.
    """
    run = grip.run
    source = source_sql(run)
    if run.job_state != JobState.DONE and bounds.are_missing(run):
        ask = bounds.question(run, source)
        seen = _see_through(grip, bigquery, ask, name="_bounds")
        answer = bigquery.read_page(
            run.job_id, location=run.job_location, start_row=0, max_rows=1
        ).rows
        _record_bounds(grip, seen, bounds.fixed(run, mapping, answer[0]))
    if run.job_state == JobState.DONE:
        return
    job = _see_through(grip, bigquery, bounds.selection(run, mapping, source))
    grip.write(
        job_state=JobState.DONE, bytes_billed=billed(run, job), rows_total=job.total_rows or 0
    )
    done = LogLine.What.JOB_DONE
    LogLine.note(run, done, rows=run.rows_total, bytes_billed=run.bytes_billed)


def _see_through(grip: Grip, bigquery: BigQuery, ask: Asking, *, name: str = "") -> Job:
    """The job at its end, well done: found again, or submitted under an id that is committed."""
    run = grip.run
    if not run.job_id:
        location = _location(run, bigquery)
        grip.write(
            job_id=f"clevertap_bq_{run.pk.hex}_{run.fence}{name}",
            job_location=location,
            job_state=JobState.SUBMITTING,
            key=run.key_in_use,
        )
        submitted = LogLine.What.JOB_SUBMITTED
        LogLine.note(run, submitted, location=location, is_bounds=bool(name))
    grip.confirm()
    job = bigquery.start_query(
        ask.sql,
        parameters=ask.parameters,
        job_id=run.job_id,
        location=run.job_location,
        labels=labels_of(run),
        max_bytes_billed=cap_of(run),
        default_dataset=run.dataset_id,
    )
    grip.write(job_state=JobState.RUNNING)
    while job.state != "DONE":
        grip.sleep(POLL_SECONDS)
        job = bigquery.job(run.job_id, location=run.job_location)
    _refuse_bad_end(grip, job)
    return job


def settle_job(run: Run, bigquery: BigQuery) -> None:
    """Cancel the run's job and see it DONE, within ``CANCEL_SECONDS``.

    The run must be held by this worker. Raises BigQueryError as the gateway reports it;
    when time is over without DONE, the job stays *running* in the run and the caller
    comes back.
    """
    bigquery.cancel(run.job_id, location=run.job_location)
    end = time.monotonic() + CANCEL_SECONDS
    while time.monotonic() < end and run.hold_lease():
        try:
            job = bigquery.job(run.job_id, location=run.job_location)
        except BigQueryError as error:
            if error.reason != "job_not_found":
                raise
            _settled(run, JobState.NONE)  # it was never submitted
            return
        if job.state == "DONE":
            state = JobState.CANCELLED if job.cancelled else JobState.DONE
            _settled(run, state, bytes_billed=billed(run, job))
            return
        time.sleep(POLL_SECONDS)


def _settled(run: Run, state: JobState, **values: Any) -> None:
    if run.record(job_state=state, **values):
        LogLine.note(run, LogLine.What.JOB_SETTLED, state=state)


def labels_of(run: Run) -> dict[str, str]:
    """What marks the job as ours, and as this run's."""
    return {"clevertap-bq-run": str(run.pk), "clevertap-bq-import": str(run.parent_id)}


def billed(run: Run, job: Job) -> int | None:
    """What all jobs of the run have cost in bytes, with this one as it is now."""
    return (job.bytes_billed or 0) + run.bounds["bytes"] if run.bounds else job.bytes_billed


def _location(run: Run, bigquery: BigQuery) -> str:
    connection = run.connection
    is_there = (connection.project_id, connection.dataset_id) == (run.project_id, run.dataset_id)
    known = connection.location if is_there else ""
    return known or bigquery.dataset(run.dataset_id).location


def _record_bounds(grip: Grip, job: Job, found: bounds.Bounds) -> None:
    """Let go of the first job: the run's own may be submitted now, if it can give a row."""
    costs = job.bytes_billed or 0
    values: dict[str, Any] = {"job_id": "", "job_state": JobState.NONE}
    if not found.can_give_rows:
        values = {"job_state": JobState.DONE, "rows_total": 0}
    grip.write(bounds=found.to_json(bytes_billed=costs), bytes_billed=costs, **values)


def _refuse_bad_end(grip: Grip, job: Job) -> None:
    if job.cancelled:
        grip.write(job_state=JobState.CANCELLED, bytes_billed=billed(grip.run, job))
        raise JobVanished(
            "The BigQuery job of this run was cancelled at Google Cloud, not from here. "
            "Run the import again."
        )
    if job.failure is not None:
        grip.write(job_state=JobState.FAILED, bytes_billed=billed(grip.run, job))
        raise job.failure
