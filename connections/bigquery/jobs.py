"""Query jobs: submitted once under an id of ours, then looked at.

The library's ``result()`` is never used: it polls for as long as the server likes, and
starts a failed job again under another id.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from google.api_core.exceptions import Conflict, NotFound
from google.cloud import bigquery

from connections.bigquery.deadline import Deadline, TimeIsOver
from connections.bigquery.diagnosis import Asked, judge, reason_of
from connections.bigquery.errors import BigQueryRefused, BigQueryUnavailable, Reason
from connections.bigquery.pages import columns_of, results_page
from connections.bigquery.shapes import Estimate, Job, Parameter, State
from connections.bigquery.symptoms import symptom_of_job
from connections.bigquery.transport import NO_RETRY

CHECK_LABELS: Final = {"clevertap-bq": "check"}
_POLL_SECONDS: Final = (0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class Query:
    """One query job to be. ``max_bytes_billed`` None means no cap."""

    sql: str
    job_id: str
    location: str
    labels: dict[str, str] = field(default_factory=dict)
    max_bytes_billed: int | None = None
    parameters: Sequence[Parameter] = ()


def start(client: bigquery.Client, query: Query, asked: Asked, deadline: Deadline) -> Job:
    """Submit the job, or find it where an earlier try has submitted it.

    Raises:
        BigQueryRefused: job_conflict, if the id belongs to a job that is not ours.
    """
    config = bigquery.QueryJobConfig(
        labels=query.labels,
        use_legacy_sql=False,
        query_parameters=_typed(query.parameters),
    )
    if query.max_bytes_billed is not None:
        config.maximum_bytes_billed = query.max_bytes_billed
    try:
        job = client.query(
            query.sql,
            job_config=config,
            job_id=query.job_id,
            location=query.location,
            retry=NO_RETRY,
            job_retry=None,
            timeout=deadline.left,
        )
    except Conflict:
        job = None
    if job is None:
        job = _submitted_before(client, query, asked, deadline)
    return _to_job(client, job, asked, deadline)


def look(
    client: bigquery.Client, job_id: str, location: str, asked: Asked, deadline: Deadline
) -> Job:
    """The job as it is now; of a finished one also the number of rows."""
    return _to_job(client, _get(client, job_id, location, deadline), asked, deadline)


def cancel(client: bigquery.Client, job_id: str, location: str, deadline: Deadline) -> None:
    """Ask for the job's end; one that is not known needs none."""
    try:
        client.cancel_job(job_id, location=location, retry=NO_RETRY, timeout=deadline.left)
    except NotFound as error:
        if reason_of(error) != Reason.JOB_NOT_FOUND:
            raise


def estimate(
    client: bigquery.Client,
    sql: str,
    location: str,
    deadline: Deadline,
    parameters: Sequence[Parameter] = (),
) -> Estimate:
    """A dry run: nothing is read, nothing is billed."""
    job = client.query(
        sql,
        job_config=bigquery.QueryJobConfig(
            dry_run=True,
            use_query_cache=False,
            use_legacy_sql=False,
            query_parameters=_typed(parameters),
        ),
        location=location,
        retry=NO_RETRY,
        job_retry=None,
        timeout=deadline.left,
    )
    columns = [one.to_api_repr() for one in job.schema or ()]
    return Estimate(int(job.total_bytes_processed or 0), columns_of({"fields": columns}))


def run_nothing(client: bigquery.Client, location: str, asked: Asked, deadline: Deadline) -> str:
    """A real job of no bytes, seen through to its end; gives its id.

    Raises:
        TimeIsOver: it was accepted, but not done by then.
        BigQueryError: it failed, with the reason that its job gives.
    """
    query = Query("SELECT 1", f"clevertap_bq_check_{uuid.uuid4().hex}", location, CHECK_LABELS)
    job = start(client, query, asked, deadline)
    polls = 0
    while job.state != State.DONE:
        time.sleep(min(_POLL_SECONDS[min(polls, len(_POLL_SECONDS) - 1)], deadline.left))
        if deadline.is_over:
            raise TimeIsOver
        job = look(client, query.job_id, location, asked, deadline)
        polls += 1
    if job.failure is not None:
        raise job.failure
    return query.job_id


def result_of(
    client: bigquery.Client, job_id: str, location: str, deadline: Deadline
) -> bigquery.TableReference:
    """The table that holds a finished query's rows: BigQuery's own, unless the query names one."""
    result: bigquery.TableReference = _get(client, job_id, location, deadline).destination
    return result


def _typed(parameters: Sequence[Parameter]) -> list[bigquery.ScalarQueryParameter]:
    return [bigquery.ScalarQueryParameter(one.name, one.type, one.value) for one in parameters]


def _submitted_before(
    client: bigquery.Client, query: Query, asked: Asked, deadline: Deadline
) -> bigquery.QueryJob:
    try:
        job = _get(client, query.job_id, query.location, deadline)
    except NotFound:
        job = None
    if job is None:
        # Seen in the field: https://github.com/googleapis/python-bigquery/issues/2134
        raise BigQueryUnavailable(
            Reason.SERVER_ERROR,
            f"BigQuery has the job but does not show it yet ({asked.shown}). It is tried again.",
            resource=asked.where,
        )
    if query.labels.items() <= job.labels.items():
        return job
    raise BigQueryRefused(
        Reason.JOB_CONFLICT,
        f"Another job already has the id of this one ({asked.shown}). Start again.",
        resource=asked.where,
    )


def _get(
    client: bigquery.Client, job_id: str, location: str, deadline: Deadline
) -> bigquery.QueryJob:
    job = client.get_job(job_id, location=location, retry=NO_RETRY, timeout=deadline.left)
    if isinstance(job, bigquery.QueryJob):
        return job
    raise BigQueryRefused(
        Reason.JOB_CONFLICT, f"The job {job_id} in {location} is not a query. Start again."
    )


def _to_job(
    client: bigquery.Client, job: bigquery.QueryJob, asked: Asked, deadline: Deadline
) -> Job:
    state = State(job.state)
    error = job.error_result if state == State.DONE else None
    failure = judge(symptom_of_job(error), asked) if error else None
    total_rows = None
    if state == State.DONE and failure is None:
        total_rows = results_page(client, job.job_id, job.location, range(0), deadline).total_rows
    return Job(
        id=job.job_id,
        location=job.location,
        state=state,
        failure=failure,
        cancelled=failure is not None and failure.reason == Reason.CANCELLED,
        bytes_billed=job.total_bytes_billed,
        bytes_processed=job.total_bytes_processed,
        total_rows=total_rows,
    )
