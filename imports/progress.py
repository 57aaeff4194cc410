"""Pure: what a run looks like to people: its badge, its outcome, its pace.

"Nothing new" and "could not connect" are never the same blank (product §9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from imports.cursor_values import Scale
from imports.durations import about
from imports.models import Batch, Run

COULD_NOT_CONNECT = {
    # of the key or the passcode
    "key_unreadable",
    "account_unreadable",
    "key_unusable",
    "token_rejected",
    "key_deleted_or_rotated",
    "account_not_found",
    "account_disabled",
    "credentials",
    # of the way there
    "network",
    "timeout",
    "tls",
    "no_connection",
    "timed_out",
}
# The reason of a run that ended before it sent anything, because its table is another one.
SCHEMA_CHANGED = "schema_changed"
# A run younger than so many seconds is looked at every so many seconds.
_LOOKS = ((120, 1), (900, 2), (float("inf"), 5))


@dataclass(frozen=True)
class Outcome:
    """A state value (also the badge's modifier) and its word."""

    state: str
    word: str


def outcome_of(run: Run) -> Outcome:
    """The run's state as people read it."""
    if run.is_stopping:
        return Outcome("stopping", "Stopping")
    if run.state == Run.State.SUCCEEDED:
        return _success(run)
    if run.state == Run.State.FAILED and run.failure_code in COULD_NOT_CONNECT:
        return Outcome("failed", "Could not connect")
    if run.state == Run.State.FAILED and run.failure_code == SCHEMA_CHANGED:
        return Outcome("failed", "Schema changed")
    return Outcome(run.state, Run.State(run.state).label)


def _success(run: Run) -> Outcome:
    if not judged_count(run):
        return Outcome("succeeded", "Nothing new")
    if run.refused_count or run.unknown_count:
        return Outcome("partly", "Partly")
    return Outcome("succeeded", "Succeeded")


def judged_count(run: Run) -> int:
    """Rows that were read and not skipped: those that say how well the run went."""
    return run.read_count - run.skipped_count


def health_of(run: Run) -> Outcome:
    """CleverTap's health: share of the rows read, and not skipped, that CleverTap accepted.

    Without such a row it says why: *Nothing new* and *Could not connect* are never the same blank.
    """
    if not judged_count(run):
        return Outcome("none", outcome_of(run).word)
    return health_of_rows(read=judged_count(run), accepted=run.accepted_count)


def health_of_rows(*, read: int, accepted: int) -> Outcome:
    """The health of any number of rows, of one run or of many."""
    if not read:
        return Outcome("none", "No rows")
    share = 100 * accepted / read
    if accepted == read:
        return Outcome("green", "100 %")
    word = f"{min(share, 99.99):.2f} %"
    return Outcome("yellow" if share >= 50 else "red", word)


def sums_agree(run: Run) -> bool:
    """Whether every row that was read, and that there was to read, is accounted for."""
    parts = run.accepted_count + run.refused_count + run.skipped_count + run.unknown_count
    complete = run.state != Run.State.SUCCEEDED or run.read_count == run.rows_total
    return parts == run.read_count and complete and run.failure_code != "sums"


def progress_of(run: Run) -> str:
    """How many rows of how many, as far as that is known."""
    if run.rows_total is None:
        return "The number of rows is not known yet"
    return f"{run.read_count:,} of {run.rows_total:,} row{'' if run.rows_total == 1 else 's'}"


def span_of(run: Run) -> str:
    """Between which values of its Updated On column it read; nothing if it read all rows."""
    bounds = run.bounds
    if not bounds.get("high"):
        return ""
    scale = Scale(bounds["type"], bounds["unit"])
    low, high = scale.words(bounds["low"]), scale.words(bounds["high"])
    return f"{low} to {high}" if low else f"all up to {high}"


def pace_of(recent: Sequence[Batch]) -> float | None:
    """Rows in a second now, from the newest answered batches; None before there are any."""
    answered = [batch for batch in recent if batch.answered_at is not None]
    if not answered:
        return None
    end = max(batch.answered_at for batch in answered if batch.answered_at is not None)
    seconds = (end - min(batch.sent_at for batch in answered)).total_seconds()
    rows = sum(batch.end_row - batch.first_row for batch in answered)
    return rows / seconds if seconds > 0 else None


def figures_of(run: Run, pace: float | None) -> str:
    """``4,100 rows a second, about 2 minutes left``, or nothing when that cannot be said."""
    if run.is_final or run.is_stopping or not pace or run.rows_total is None:
        return ""
    speed = f"{pace:,.0f} rows a second" if pace >= 1 else "less than a row a second"
    left = run.rows_total - run.read_count
    return f"{speed}, {about(left / pace)} left" if left > 0 else speed


def seconds_between_looks(run: Run, *, now: datetime) -> int:
    """How often an open page asks: a long run is looked at less often than a young one."""
    if run.is_stopping:
        return 1
    age = (now - run.queued_at).total_seconds()
    return next(seconds for until, seconds in _LOOKS if age < until)
