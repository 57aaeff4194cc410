"""Pure: what a run looks like to people: its badge, its outcome, its pace.

"Nothing new" and "could not connect" are never the same blank (product §9).
"""

from dataclasses import dataclass
from datetime import datetime

from imports.models import Run

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
    return Outcome(run.state, Run.State(run.state).label)


def _success(run: Run) -> Outcome:
    if run.read_count == 0:
        return Outcome("succeeded", "Nothing new")
    if run.refused_count or run.unknown_count:
        return Outcome("partly", "Partly")
    return Outcome("succeeded", "Succeeded")


def health_of(run: Run) -> Outcome:
    """CleverTap's health: share of the rows read that CleverTap accepted."""
    return health_of_rows(read=run.read_count, accepted=run.accepted_count)


def health_of_rows(*, read: int, accepted: int) -> Outcome:
    """The health of any number of rows, of one run or of many."""
    if not read:
        return Outcome("none", "No rows")
    share = 100 * accepted / read
    if accepted == read:
        return Outcome("green", "100 %")
    word = f"{min(share, 99.99):.2f} %"
    return Outcome("yellow" if share >= 50 else "red", word)


def progress_of(run: Run) -> str:
    """How many rows of how many, or nothing while the number of rows is not known."""
    return "" if run.rows_total is None else f"{run.read_count:,} of {run.rows_total:,} rows"


def rows_per_second(run: Run, *, now: datetime) -> float | None:
    """Rows accounted for in a second since the start, or None before there are any."""
    if run.started_at is None or not run.read_count:
        return None
    seconds = ((run.finished_at or now) - run.started_at).total_seconds()
    return run.read_count / seconds if seconds > 0.5 else None


def seconds_left(run: Run, *, now: datetime) -> float | None:
    """How long the rest takes at this pace, or None when that cannot be said."""
    pace = rows_per_second(run, now=now)
    if run.is_final or not pace or run.rows_total is None:
        return None
    return (run.rows_total - run.read_count) / pace
