"""Jobs under ids of ours, of whatever kind: found again, told from others', and judged."""

from collections.abc import Mapping
from typing import Final, Protocol, TypeVar

from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from connections.bigquery.deadline import Deadline
from connections.bigquery.diagnosis import Asked, judge
from connections.bigquery.errors import (
    BigQueryError,
    BigQueryRefused,
    BigQueryUnavailable,
    Reason,
)
from connections.bigquery.shapes import State
from connections.bigquery.symptoms import symptom_of_job
from connections.bigquery.transport import NO_RETRY

Kind = TypeVar("Kind", bigquery.QueryJob, bigquery.LoadJob)
_IS_NOT: Final = {bigquery.QueryJob: "is not a query", bigquery.LoadJob: "loads nothing"}


class Submitted(Protocol):
    """What a job is known by."""

    @property
    def job_id(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def labels(self) -> Mapping[str, str]: ...


def get(
    client: bigquery.Client, job_id: str, location: str, kind: type[Kind], deadline: Deadline
) -> Kind:
    """The job as it is now.

    Raises:
        BigQueryRefused: job_conflict, if it is of another kind.
    """
    job = client.get_job(job_id, location=location, retry=NO_RETRY, timeout=deadline.left)
    if isinstance(job, kind):
        return job
    raise BigQueryRefused(
        Reason.JOB_CONFLICT, f"The job {job_id} in {location} {_IS_NOT[kind]}. Start again."
    )


def of_an_earlier_try(
    client: bigquery.Client,
    wanted: Submitted,
    kind: type[Kind],
    asked: Asked,
    deadline: Deadline,
) -> Kind:
    """The job that has the id already.

    Raises:
        BigQueryUnavailable: BigQuery does not show it yet.
        BigQueryRefused: job_conflict, if it is not ours.
    """
    try:
        job = get(client, wanted.job_id, wanted.location, kind, deadline)
    except NotFound:
        job = None
    if job is None:
        # Seen in the field: https://github.com/googleapis/python-bigquery/issues/2134
        raise BigQueryUnavailable(
            Reason.SERVER_ERROR,
            f"BigQuery has the job but does not show it yet ({asked.shown}). It is tried again.",
            resource=asked.where,
        )
    if wanted.labels.items() <= (job.labels or {}).items():
        return job
    raise BigQueryRefused(
        Reason.JOB_CONFLICT,
        f"Another job already has the id of this one ({asked.shown}). Start again.",
        resource=asked.where,
    )


def failure_of(job: Kind, asked: Asked) -> BigQueryError | None:
    """Why a job that is done has failed."""
    error = job.error_result if job.state == State.DONE else None
    return judge(symptom_of_job(error), asked) if error else None
