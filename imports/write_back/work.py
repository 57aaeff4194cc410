"""One attempt to write the end of a run: see that the tables are there, load, see it done.

Whoever holds the row may load; before each call it is asked whether that is still so. The
refused rows go first, so that a run that is in its table has all of them in theirs.
"""

import random
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from connections.bigquery import (
    BigQuery,
    BigQueryError,
    BigQueryUnavailable,
    Job,
    OwnTable,
    Reason,
    State,
)
from connections.models import Access
from connections.source import SourceUnavailable, open_bigquery
from imports.contents import ContentsUnreadable
from imports.models import SOURCE_FAILURES, WriteBack
from imports.write_back.lines import refused_lines, run_line
from imports.write_back.tables import LABELS, RUNS, refused_rows

logger = structlog.get_logger(__name__)

TRIES: Final = 8
FIRST_SECONDS, LONGEST_SECONDS = 15.0, 1_800.0
UPLOAD_SECONDS = 45.0
WAIT_SECONDS = 30.0  # for a job that was submitted; then somebody comes back
POLL_SECONDS = 0.5

UNEXPECTED: Final = "Something failed that should not have. The log says what."
_DATABASE_AWAY = (OperationalError, InterfaceError)


class Lost(Exception):
    """Somebody else holds it by now, or it is over: write nothing more."""


class StillLoading(Exception):
    """The job was submitted, and is not done yet."""


class NotPossible(Exception):
    """It cannot be written as things stand; the message is fit for the user."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


# What says no, with a sentence that is fit for the user; a code where it has none of its own.
_REFUSED_HERE: Final[dict[type[Exception], str]] = {
    BigQueryError: "",
    NotPossible: "",
    SourceUnavailable: "key_unreadable",
    ContentsUnreadable: "kept_unreadable",
}


def is_due(*, run_id: UUID) -> bool:
    """Whether the run's end waits to be written, and may be now."""
    return WriteBack.objects.claimable().filter(pk=run_id).exists()


def write_run(*, run_id: UUID) -> float | None:
    """Take up what waits and try once.

    Returns the seconds after which to come back, or None: it is over, or somebody else's.
    """
    found = WriteBack.objects.filter(pk=run_id).first()
    if found is None or not found.claim():
        return None
    with structlog.contextvars.bound_contextvars(run=str(run_id), fence=found.fence):
        try:
            return _supervised(found)
        except _DATABASE_AWAY:
            logger.warning("write-back left: the database is away or busy")
            return None


def _supervised(found: WriteBack) -> float | None:
    """Every way in which an attempt can end."""
    try:
        _write(found)
    except Lost:
        logger.info("write-back lost to another worker, or over")
    except StillLoading:
        return _come_back(found, "", "BigQuery is still loading the rows.")
    except BigQueryUnavailable as error:
        return _come_back(found, error.reason, error.sentence)
    except tuple(_REFUSED_HERE) as error:
        _fail(found, _code_of(error), str(error))
    except _DATABASE_AWAY:
        raise
    except Exception:
        _fail(found, "unexpected", UNEXPECTED)
        raise
    return None


def _code_of(error: Exception) -> str:
    """The reason as a code: the error's own, or what this kind of it is called."""
    said = getattr(error, "reason", "") or getattr(error, "code", "")
    return str(
        said or next(code for kind, code in _REFUSED_HERE.items() if isinstance(error, kind))
    )


def _write(found: WriteBack) -> None:
    run = found.run
    if not run.parent.write_back:
        found.finish(WriteBack.State.DROPPED, code="switched_off", sentence="It was switched off.")
        return
    _refuse(found)
    with open_bigquery(run.connection.key, project=run.project_id) as bigquery:
        if not found.location:
            _hold(found, location=bigquery.dataset(run.dataset_id).location)
        for table in (refused_rows(), RUNS):
            _hold(found)
            bigquery.keep_table(run.dataset_id, table)
        if found.rows_written is None:
            _hold(found, rows_written=_load_refused(found, bigquery))
        line = run_line(run, rows_written=found.rows_written or 0)
        _load(found, bigquery, RUNS, line)
    found.finish(WriteBack.State.DONE)
    logger.info("write-back done", refused_rows=found.rows_written)


def _refuse(found: WriteBack) -> None:
    """Raises: NotPossible, with the reason why nothing may be written there."""
    connection = found.run.connection
    if connection.access != Access.READ_WRITE:
        raise NotPossible(
            "read_only",
            f"The connection “{connection.name}” is Read only. Change its access to Read and "
            "write, or switch write-back off for this import.",
        )


def _load_refused(found: WriteBack, bigquery: BigQuery) -> int:
    """Load the refused rows, if there are any; returns how many are there now."""
    lines, count = refused_lines(found.run)
    if not count:
        return 0
    job = _load(found, bigquery, refused_rows(), lines)
    return count if job.total_rows is None else job.total_rows


def _load(found: WriteBack, bigquery: BigQuery, table: OwnTable, lines: bytes) -> Job:
    """The job at its end, well done: found again, or submitted under its id."""
    run = found.run
    job_id = found.job_id("run" if table is RUNS else "rows")
    _hold(found)
    job = bigquery.start_load(
        run.dataset_id,
        table.id,
        lines,
        job_id=job_id,
        location=found.location,
        labels=_labels(found),
        seconds=UPLOAD_SECONDS,
    )
    end = time.monotonic() + WAIT_SECONDS
    while job.state != State.DONE:
        if time.monotonic() > end:
            raise StillLoading
        time.sleep(POLL_SECONDS)
        _hold(found)
        job = bigquery.load(run.dataset_id, table.id, job_id=job_id, location=found.location)
    if job.failure is not None:
        # A load job that failed has written nothing: the next try is another job.
        _hold(found, serial=found.serial + 1)
        raise job.failure
    return job


def _labels(found: WriteBack) -> dict[str, str]:
    """What marks the job as ours, and as this run's."""
    run = found.run
    return {
        **LABELS,
        "clevertap-bq-run": str(run.pk),
        "clevertap-bq-import": str(run.parent_id),
    }


def _hold(found: WriteBack, **values: object) -> None:
    if not found.record(**values):
        raise Lost


def _come_back(found: WriteBack, reason: str, sentence: str) -> float | None:
    """Full jitter, doubling; after eight tries it is for people to say when."""
    if found.attempts >= TRIES:
        _fail(found, reason or Reason.TIMEOUT, f"{sentence} It was tried {TRIES} times.")
        return None
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (found.attempts - 1))
    wait = random.uniform(1.0, longest)  # noqa: S311 - no secret
    found.hand_back(wait=timedelta(seconds=wait), code=reason, sentence=sentence)
    logger.info("write-back waits", reason=reason, seconds=round(wait, 1))
    return wait


def _fail(found: WriteBack, reason: str, sentence: str) -> None:
    if reason == Reason.JOB_CONFLICT:
        found.record(serial=found.serial + 1)  # the id is somebody else's
    found.finish(WriteBack.State.FAILED, code=reason, sentence=sentence)
    if reason in SOURCE_FAILURES:
        found.run.connection.test_soon()
    logger.warning("write-back failed", reason=reason)
