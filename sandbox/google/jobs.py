"""Query and load jobs: started, run in threads, waited for, cancelled, forgotten after a restart.

Knows no HTTP. A job's result is a table of its own that nothing changes afterwards.
"""

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import duckdb

from sandbox.faults import Call, Faults
from sandbox.google import errors, loading, performing
from sandbox.google.access import Caller
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table, now_ms
from sandbox.google.errors import ApiError
from sandbox.google.sql.failures import explain
from sandbox.google.sql.statement import Analyst, Request, Statement
from sandbox.google.warehouse import Warehouse, place

_WORKERS = 16
_KEPT_RESULTS = 300
_AGAIN_SECONDS = 0.02

CANCELLED = ApiError("stopped", "Job execution was cancelled: User requested cancellation")
_BROKEN = ApiError("internalError", "The sandbox failed; see its log.")


@dataclass
class Job:
    """One query job, or one that loads what `load` holds; then it has no SQL.

    Times are epoch milliseconds; `error` is set when it failed.
    """

    id: str
    location: str
    caller: Caller
    sql: str
    configuration: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)
    created: int = field(default_factory=now_ms)
    started: int | None = None
    ended: int | None = None
    statement: Statement | None = None
    load: loading.Load | None = None
    error: ApiError | None = None
    result: Table | None = None
    outcome: performing.Outcome = field(default_factory=performing.Outcome)
    finished: "Future[None]" = field(default_factory=Future)
    stopping: threading.Event = field(default_factory=threading.Event)
    stop_reason: ApiError = CANCELLED
    cursor: duckdb.DuckDBPyConnection | None = None

    def __post_init__(self) -> None:
        # Who stops waiting must not be able to cancel what others wait for.
        self.finished.set_running_or_notify_cancel()

    @property
    def full_id(self) -> str:
        """As Google writes it in messages."""
        return f"{PROJECT}:{self.location}.{self.id}"

    @property
    def state(self) -> str:
        """PENDING, RUNNING or DONE."""
        if self.finished.done():
            return "DONE"
        return "PENDING" if self.started is None else "RUNNING"

    def as_json(self) -> dict[str, Any]:
        """What `GET /control/jobs` shows of it."""
        return {
            "id": self.id,
            "location": self.location,
            "state": self.state,
            "labels": self.labels,
            "cancelled": self.error is CANCELLED,
            "created": self.created,
            "ended": self.ended,
        }

    def stop(self, reason: ApiError = CANCELLED) -> None:
        """Ask the job to end; it is DONE soon after, unless it was before."""
        if self.finished.done() or self.stopping.is_set():
            return
        self.stop_reason = reason
        self.stopping.set()
        threading.Thread(target=self._interrupt, daemon=True).start()

    def _interrupt(self) -> None:
        """An interrupt before the query has begun is lost, so it is repeated."""
        while not self.finished.done():
            if self.cursor is not None:
                self.cursor.interrupt()
            time.sleep(_AGAIN_SECONDS)


class Jobs:
    """All jobs of this start of the sandbox."""

    def __init__(self, warehouse: Warehouse, faults: Faults) -> None:
        self._warehouse = warehouse
        self._faults = faults
        self._analyst = Analyst(warehouse)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._asked: dict[tuple[str, str], Job] = {}
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="job")

    def dry_run(self, job: Job, request: Request) -> Statement:
        """What the job would do. Raises: ApiError when it would not run."""
        try:
            job.statement = self._analyst.analyse(request)
        finally:
            job.location = request.location or job.location
        job.location = job.statement.location
        return job.statement

    def start(self, job: Job, request: Request) -> Job:
        """Take the job up and run it. Raises: ApiError (duplicate); a bad query is a failed job."""
        self._take_up(job)
        try:
            statement = self.dry_run(job, request)
            _need_cap(job, statement)
        except ApiError as refused:
            self._finish(job, refused)
            return job
        except Exception:
            self._finish(job, _BROKEN)
            raise
        self._pool.submit(self._run, job, statement)
        return job

    def start_load(self, job: Job) -> Job:
        """Take up a job that loads rows. Raises: ApiError (duplicate)."""
        self._take_up(job)
        self._pool.submit(self._run, job, None)
        return job

    def once(self, account: str, request_id: str, make: Callable[[], Job]) -> Job:
        """The job of a request id, made the first time it is asked for."""
        key = (account, request_id)
        with self._lock:
            known = self._asked.get(key)
        if known is None:
            known = make()
            with self._lock:
                self._asked[key] = known
        return known

    def find(self, job_id: str, location: str | None) -> Job:
        """Raises: ApiError (notFound), also for another location."""
        job = self._jobs.get(job_id)
        if job is None or (location and location.upper() != job.location.upper()):
            where = location or "US"
            raise errors.not_found("Job", f"{PROJECT}:{where}.{job_id}")
        return job

    def all(self) -> list[Job]:
        """Newest first."""
        with self._lock:
            return list(self._jobs.values())[::-1]

    def forget(self, job: Job) -> None:
        """Delete a finished job and its result."""
        with self._lock:
            self._jobs.pop(job.id, None)
        self._drop_result(job)

    def result_table(self, table_id: str) -> Job | None:
        """The job whose anonymous result has this id."""
        with self._lock:
            return next(
                (one for one in self._jobs.values() if one.result and one.result.id == table_id),
                None,
            )

    def clear(self) -> None:
        """Stop and forget all jobs."""
        with self._lock:
            jobs = list(self._jobs.values())
            self._jobs.clear()
            self._asked.clear()
        for job in jobs:
            job.stop()
            job.finished.add_done_callback(partial(self._drop_result_of, job))

    def close(self) -> None:
        """Stop all jobs and wait for them shortly."""
        for job in self.all():
            job.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _take_up(self, job: Job) -> None:
        with self._lock:
            if job.id in self._jobs:
                raise errors.duplicate("Job", self._jobs[job.id].full_id)
            self._jobs[job.id] = job

    def _run(self, job: Job, statement: Statement | None) -> None:
        job.started = now_ms()
        timer = _timer(job)
        try:
            self._wait_if_slow(job)
            job.cursor = self._warehouse.cursor()
            _need_go(job)
            if statement is None:
                loading.perform(self._warehouse, job)
            else:
                performing.perform(self._warehouse, job, statement)
            _need_go(job)
            self._finish(job, None)
        except ApiError as refused:
            self._finish(job, refused)
        except duckdb.Error as failure:
            stopped = job.stopping.is_set()
            tree = statement.tree if statement else None
            reason = job.stop_reason if stopped else explain(failure, job.sql, tree)
            self._finish(job, reason)
        except Exception:
            self._finish(job, _BROKEN)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        self._drop_oldest()

    def _wait_if_slow(self, job: Job) -> None:
        call = Call("bigquery", account=job.caller.email)
        rule = self._faults.take("slow_job", call)
        if rule is not None:
            rule.hold(job.stopping)

    def _finish(self, job: Job, error: ApiError | None) -> None:
        job.started = job.started or now_ms()
        job.ended = now_ms()
        job.error = error
        job.finished.set_result(None)

    def _drop_oldest(self) -> None:
        with self._lock:
            holding = [one for one in self._jobs.values() if one.result and one.finished.done()]
        for job in holding[:-_KEPT_RESULTS]:
            self._drop_result(job)

    def _drop_result_of(self, job: Job, _: "Future[None]") -> None:
        self._drop_result(job)

    def _drop_result(self, job: Job) -> None:
        result, job.result = job.result, None
        if result is not None and performing.is_anonymous(result):
            self._warehouse.cursor().execute(f"DROP TABLE IF EXISTS {place(result)}")


def new_job_id() -> str:
    """An id such as Google makes when the client gives none."""
    return "job_" + secrets.token_urlsafe(21).replace("-", "x").replace("_", "y")


def _need_go(job: Job) -> None:
    if job.stopping.is_set():
        raise job.stop_reason


def _need_cap(job: Job, statement: Statement) -> None:
    cap = job.configuration.get("query", {}).get("maximumBytesBilled")
    if cap is not None and statement.bytes_billed > int(cap):
        raise ApiError(
            "bytesBilledLimitExceeded",
            f"Query exceeded limit for bytes billed: {int(cap)}. {statement.bytes_billed} or "
            "higher required.",
        )


def _timer(job: Job) -> threading.Timer | None:
    limit = int(job.configuration.get("jobTimeoutMs") or 0)
    if limit <= 0:
        return None
    seconds = limit / 1000
    reason = ApiError(
        "stopped", f"Job execution was cancelled: Job timed out after {seconds:g} sec"
    )
    timer = threading.Timer(seconds, job.stop, [reason])
    timer.daemon = True
    timer.start()
    return timer
