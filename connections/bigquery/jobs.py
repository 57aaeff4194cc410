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

from connections.bigquery import submitted
from connections.bigquery.deadline import Deadline, TimeIsOver
from connections.bigquery.diagnosis import Asked, reason_of
from connections.bigquery.errors import Reason
from connections.bigquery.pages import columns_of, results_page
from connections.bigquery.shapes import Estimate, Job, Parameter, State
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
    # "project.dataset", where names without a dataset are looked up.
    default_dataset: str | None = None


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
    if query.default_dataset is not None:
        config.default_dataset = query.default_dataset
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
        job = submitted.of_an_earlier_try(client, query, bigquery.QueryJob, asked, deadline)
    return _to_job(client, job, asked, deadline)


def look(
    client: bigquery.Client, job_id: str, location: str, asked: Asked, deadline: Deadline
) -> Job:
    """The job as it is now; of a finished one also the number of rows."""
    job = submitted.get(client, job_id, location, bigquery.QueryJob, deadline)
    return _to_job(client, job, asked, deadline)


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
    default_dataset: str | None = None,
) -> Estimate:
    """A dry run: nothing is read, nothing is billed."""
    config = bigquery.QueryJobConfig(
        dry_run=True,
        use_query_cache=False,
        use_legacy_sql=False,
        query_parameters=_typed(parameters),
    )
    if default_dataset is not None:
        config.default_dataset = default_dataset
    job = client.query(
        sql,
        job_config=config,
        location=location,
        retry=NO_RETRY,
        job_retry=None,
        timeout=deadline.left,
    )
    columns = [one.to_api_repr() for one in job.schema or ()]
    return Estimate(
        bytes=int(job.total_bytes_processed or 0),
        columns=columns_of({"fields": columns}),
        statement=job.statement_type or "SELECT",
        tables=max(1, len(job.referenced_tables)),
    )


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
    job = submitted.get(client, job_id, location, bigquery.QueryJob, deadline)
    result: bigquery.TableReference = job.destination
    return result


def _typed(parameters: Sequence[Parameter]) -> list[bigquery.ScalarQueryParameter]:
    return [bigquery.ScalarQueryParameter(one.name, one.type, one.value) for one in parameters]


def _to_job(
    client: bigquery.Client, job: bigquery.QueryJob, asked: Asked, deadline: Deadline
) -> Job:
    state = State(job.state)
    failure = submitted.failure_of(job, asked)
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
