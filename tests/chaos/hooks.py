"""Named points of the loop, hooked from outside: the product carries no test code.

A point is armed for one import by a file; who reaches it removes the file and dies as by
`kill -9`, or, where the file says *hold*, waits there until the file is gone.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings

import imports.runner
from connections.bigquery import BigQuery
from imports import sweeps
from imports.clevertap import CleverTap
from imports.models import Run, Shard
from imports.runner import delivery, execute, job, ranges, readers, window
from imports.services import runs
from tests.chaos.points import HALF_RECORDED

FOLDER = Path(os.environ["CHAOS_FOLDER"])
LATE_AT_MOST = 30.0
_SLICE_SECONDS = float(os.environ.get("CHAOS_SLICE", execute.SLICE_SECONDS))
# Runs of imports for which *cut* is armed are cut, however few rows they have.
_CUT_FROM_ROWS = 500
_SHARD_SLICE_SECONDS = 1.0
_SHARDS = 4


class _At:
    """The run that this process works on, or the shard of one."""

    run: Run | Shard | None = None


def install() -> None:
    """Wrap what the points stand at, and keep a journal of who holds which run."""
    _around(Run, "claim", "before_claim", "after_claim", take=True)
    _around(Shard, "claim", "before_claim", "after_claim", take=True)
    _around(BigQuery, "start_query", "job_id_committed", "job_submitted")
    _around(BigQuery, "cancel", "", "in_settle")
    _around(CleverTap, "upload", "intent_committed", "sent")
    CleverTap.upload = _late_if_first(CleverTap.upload)  # type: ignore[method-assign]
    _around(delivery.Delivery, "_write_answers", "", HALF_RECORDED)
    delivery.Delivery._is_plain = _unless_armed(  # type: ignore[method-assign]
        delivery.Delivery._is_plain
    )
    _when(window.Window, "start", lambda one: one.in_flight > 1, "several_in_flight")
    _when(
        delivery.Delivery, "_are_recorded", lambda one: bool(one.position.beyond), "answered_beyond"
    )
    _around(Run, "hand_back", "", "handed_back")
    _around(Shard, "hand_back", "", "handed_back")
    _around(execute, "cut_into_shards", "before_cut", "cut_done")
    execute.is_worth_cutting = _where_armed(execute.is_worth_cutting)
    execute.SHARD_SLICE_SECONDS = _SHARD_SLICE_SECONDS
    _around(Run, "finish", "before_finish", "")
    # The cursor moves in the transaction of the final state: over is what is committed.
    _around(execute, "_succeed", "", "finished")
    _around(job, "_record_bounds", "", "bounds_recorded")
    _around(execute, "choose_reader", "", "reader_chosen")
    _when(Run, "record", lambda run: run.reader == Run.Reader.PROVING, "reader_changed")
    _around(execute, "prove_order", "", "order_proved")
    execute.blocks_of = _blocks(execute.blocks_of)
    # Small batches: as many requests as a large import has, without its rows.
    ranges.RANGE_ROWS = int(os.environ.get("CHAOS_RANGE", ranges.RANGE_ROWS))
    ranges.AT_A_GO = readers.PAGE_ROWS = 10 * ranges.RANGE_ROWS
    readers.FAST_FROM_ROWS = 10 * ranges.RANGE_ROWS
    imports.runner.execute_run = _journaled(imports.runner.execute_run)
    runs.RING_AGAIN_AFTER *= float(os.environ.get("CHAOS_PATIENCE", 1))
    sweeps.STOPS_LEFT_FOR *= float(os.environ.get("CHAOS_PATIENCE", 1))


def reach(point: str) -> None:
    """This process is at the point: what is armed for it happens now."""
    run = _At.run
    if run is None or not point:
        return
    armed = FOLDER / "armed" / f"{point}.{_parent_of(run)}"
    try:
        is_hold = armed.read_text() == "hold"
    except OSError:
        return
    if not is_hold:
        try:
            armed.unlink()
        except FileNotFoundError:  # another thread was there first, and dies
            return
        note("reached", run, point)
        os.kill(os.getpid(), signal.SIGKILL)
    note("reached", run, point)
    while armed.exists():
        time.sleep(0.02)


def _parent_of(work: Run | Shard) -> Any:
    return work.run.parent_id if isinstance(work, Shard) else work.parent_id


def note(event: str, run: Run | Shard, more: str = "") -> None:
    """One line, written at once: it outlives this process."""
    line = f"{time.monotonic():.3f} {os.getpid()} {event} {run.pk} {run.fence} {more}\n"
    handle = os.open(FOLDER / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, line.encode())
    os.close(handle)


def _around(owner: Any, name: str, before: str, after: str, *, take: bool = False) -> None:
    inner = getattr(owner, name)

    @wraps(inner)
    def hooked(self: Any, *args: Any, **options: Any) -> Any:
        if take:
            _At.run = self
        reach(before)
        answer = inner(self, *args, **options)
        if take and answer:
            note("claim", self)
            _set_slice(self)
        if answer is not False:
            reach(after)
        return answer

    setattr(owner, name, hooked)


def _when(owner: type, name: str, is_so: Callable[[Any], bool], point: str) -> None:
    """The point stands behind the function, where the condition holds."""
    inner = getattr(owner, name)

    @wraps(inner)
    def hooked(self: Any, *args: Any, **options: Any) -> Any:
        answer = inner(self, *args, **options)
        if is_so(self):
            reach(point)
        return answer

    setattr(owner, name, hooked)


def _late_if_first(inner: Callable[..., Any]) -> Callable[..., Any]:
    """The first batch of a run that is to die with answers beyond it is answered last."""

    def hooked(self: Any, *args: Any, **options: Any) -> Any:
        answer = inner(self, *args, **options)
        run = _At.run
        armed = FOLDER / "armed" / f"answered_beyond.{run and _parent_of(run)}"
        until = time.monotonic() + LATE_AT_MOST
        while options["batch"] == 0 and armed.exists() and time.monotonic() < until:
            time.sleep(0.02)  # until the others are recorded, and this process dies of it
        return answer

    return hooked


def _unless_armed(inner: Callable[..., bool]) -> Callable[..., bool]:
    """A run that is to die half way writes in steps: one statement is never half there."""

    def hooked(self: Any, *args: Any) -> bool:
        run = self.grip.run
        is_armed = (FOLDER / "armed" / f"{HALF_RECORDED}.{run.parent_id}").exists()
        return not is_armed and inner(self, *args)

    return hooked


def _set_slice(run: Run | Shard) -> None:
    """A run that is to die as it is handed back has no time: it is handed back at once."""
    soon = (FOLDER / "armed" / f"handed_back.{_parent_of(run)}").exists()
    execute.SLICE_SECONDS = 0.0 if soon else _SLICE_SECONDS


def _where_armed(inner: Callable[[Run], bool]) -> Callable[[Run], bool]:
    shipped = settings.RUN_CUT_ROWS

    def hooked(run: Run) -> bool:
        is_armed = (FOLDER / "armed" / f"cut.{run.parent_id}").exists()
        settings.RUN_CUT_ROWS = _CUT_FROM_ROWS if is_armed else shipped
        settings.RUN_SHARDS = _SHARDS if is_armed else 1
        return inner(run)

    return hooked


def _blocks(inner: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def hooked(*args: Any, **options: Any) -> Iterator[Any]:
        for position, item in enumerate(inner(*args, **options)):
            if position:
                reach("between_ranges")
            yield item

    return hooked


def _journaled(inner: Callable[..., float | None]) -> Callable[..., float | None]:
    def hooked(**options: Any) -> float | None:
        try:
            return inner(**options)
        finally:
            if _At.run is not None and _At.run.fence:
                note("release", _At.run)
            _At.run = None

    return hooked
