"""Tables of our own in somebody's dataset, and the load jobs that append to them.

A load job costs nothing, takes all of its rows or none, and is submitted under an id of
ours, so that it is found and never doubled. Streaming inserts are billed, and are not used.
Specification: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

from google.api_core.exceptions import Conflict, NotFound
from google.cloud import bigquery

from connections.bigquery import submitted
from connections.bigquery.deadline import Deadline
from connections.bigquery.diagnosis import Asked, reason_of
from connections.bigquery.errors import BigQueryRefused, Reason
from connections.bigquery.pages import columns_of
from connections.bigquery.shapes import Job, OwnTable, State
from connections.bigquery.transport import NO_RETRY

_NO_TRIES: Final = 0  # of the uploading library: the worker decides


@dataclass(frozen=True)
class Load:
    """One load job to be: lines of JSON for a table that is there."""

    lines: bytes
    job_id: str
    location: str
    labels: dict[str, str]


def keep(
    client: bigquery.Client,
    dataset: bigquery.DatasetReference,
    wanted: OwnTable,
    asked: Asked,
    deadline: Deadline,
) -> None:
    """See that the table is there and is ours; one that is not there is made.

    Raises:
        BigQueryRefused: table_not_ours, if it lacks our label; table_differs, if it lacks a
            column of ours. Nothing is changed then.
    """
    reference = dataset.table(wanted.id)
    try:
        found = client.get_table(reference, retry=NO_RETRY, timeout=deadline.left)
    except NotFound as error:
        if reason_of(error) != Reason.TABLE_NOT_FOUND:
            raise
        found = _made(client, reference, wanted, deadline)
    _check(found, wanted, asked)


def start(
    client: bigquery.Client,
    reference: bigquery.TableReference,
    load: Load,
    asked: Asked,
    deadline: Deadline,
) -> Job:
    """Submit the job, or find it where an earlier try has submitted it.

    Raises:
        BigQueryRefused: job_conflict, if the id belongs to a job that is not ours.
    """
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
        create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
        labels=load.labels,
    )
    try:
        job = client.load_table_from_file(
            BytesIO(load.lines),
            reference,
            size=len(load.lines),
            num_retries=_NO_TRIES,
            job_id=load.job_id,
            location=load.location,
            job_config=config,
            timeout=deadline.left,
        )
    except Conflict:
        job = None
    if job is None:
        job = submitted.of_an_earlier_try(client, load, bigquery.LoadJob, asked, deadline)
    return _to_job(job, asked)


def look(
    client: bigquery.Client, job_id: str, location: str, asked: Asked, deadline: Deadline
) -> Job:
    """The job as it is now."""
    return _to_job(submitted.get(client, job_id, location, bigquery.LoadJob, deadline), asked)


def _made(
    client: bigquery.Client,
    reference: bigquery.TableReference,
    wanted: OwnTable,
    deadline: Deadline,
) -> bigquery.Table:
    table = bigquery.Table(
        reference,
        schema=[
            bigquery.SchemaField(one.name, one.type, one.mode, description=one.description)
            for one in wanted.columns
        ],
    )
    table.description = wanted.description
    table.labels = dict(wanted.labels)
    table.time_partitioning = bigquery.TimePartitioning(
        type_=bigquery.TimePartitioningType.DAY,
        field=wanted.partition,
        expiration_ms=int(timedelta(days=wanted.days_kept).total_seconds() * 1000),
    )
    try:
        return client.create_table(table, retry=NO_RETRY, timeout=deadline.left)
    except Conflict:  # another run made it meanwhile
        return client.get_table(reference, retry=NO_RETRY, timeout=deadline.left)


def _check(found: bigquery.Table, wanted: OwnTable, asked: Asked) -> None:
    """A column more does no harm, so that people may add one."""
    if not wanted.labels.items() <= (found.labels or {}).items():
        raise BigQueryRefused(
            Reason.TABLE_NOT_OURS,
            f"There is another {asked.shown}, without the label of this program. Nothing was "
            "changed. Rename it or drop it.",
            resource=asked.where,
        )
    columns = {one.name: one for one in columns_of(found.to_api_repr().get("schema"))}
    for one in wanted.columns:
        there = columns.get(one.name)
        if there is None or (there.type, there.mode) != (one.type, one.mode):
            raise BigQueryRefused(
                Reason.TABLE_DIFFERS,
                f"The {asked.shown} was changed: column {one.name} is missing or of another type. "
                "Nothing was written. Rename the table, and a new one is made.",
                resource=asked.where,
            )


def _to_job(job: bigquery.LoadJob, asked: Asked) -> Job:
    state = State(job.state)
    failure = submitted.failure_of(job, asked)
    return Job(
        id=job.job_id,
        location=job.location,
        state=state,
        failure=failure,
        cancelled=failure is not None and failure.reason == Reason.CANCELLED,
        bytes_billed=0 if state == State.DONE else None,
        bytes_processed=None,
        total_rows=job.output_rows if state == State.DONE and failure is None else None,
    )
