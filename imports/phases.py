"""Pure: one sentence about what a run is doing, or what it waits for and why."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings

from imports.models import WAITS_FOR_SLOTS, Run

NO_WORKERS: Final = (
    "No import worker was seen lately, so this waits. Nothing is lost: it goes on by itself "
    "once one is there. Ask the operator to look at the import worker and at /readyz."
)
# As many troubles in a row end a run (``imports.runner``; a test holds the two together).
TRIES: Final = 8


def phase_of(run: Run, *, now: datetime, workers_seen: bool) -> str:
    """The sentence, or nothing once the run is final.

    ``workers_seen``: whether any import worker gave a sign of life lately.
    """
    if run.is_final:
        return ""
    if not workers_seen and not _is_held(run, now):
        return NO_WORKERS
    return next(words(run, now) for applies, words in _PHASES if applies(run, now))


def _is_held(run: Run, now: datetime) -> bool:
    return run.lease_until is not None and run.lease_until >= now


def _is_silent(run: Run, now: datetime) -> bool:
    return run.lease_until is not None and run.lease_until < now


def _trouble(run: Run, now: datetime) -> str:
    why = run.trouble_sentence or "Something did not answer."
    left = (run.not_before - now).total_seconds() if run.not_before is not None else 0
    when = f" in {max(1, round(left))} s" if left > 0 else ""
    return f"{why} Trying again{when} (try {run.troubles + 1} of {TRIES})."


def _full(run: Run, now: datetime) -> str:
    most = settings.CLEVERTAP_PARALLEL_REQUESTS
    return f"Waiting: other imports use the {most} requests that this account takes at a time."


def _always(sentence: str) -> Callable[[Run, datetime], str]:
    return lambda run, now: sentence


# The first that applies is said.
_PHASES: Final[
    tuple[tuple[Callable[[Run, datetime], bool], Callable[[Run, datetime], str]], ...]
] = (
    (
        lambda run, now: run.is_stopping,
        _always("Stopping: no further request is sent; the BigQuery job is being cancelled."),
    ),
    (
        lambda run, now: run.state == Run.State.QUEUED,
        _always("Waiting for an import worker."),
    ),
    (
        _is_silent,
        _always("Its worker has fallen silent. Another one takes over, behind the last batch."),
    ),
    (lambda run, now: run.troubles > 0, _trouble),
    (lambda run, now: run.rows_total is None, _always("BigQuery is running the query.")),
    (
        lambda run, now: run.lease_until is None and run.trouble_code == WAITS_FOR_SLOTS,
        _full,
    ),
    (
        lambda run, now: run.lease_until is None,
        _always("Waiting for its next slice: other imports share the workers."),
    ),
    (lambda run, now: True, _always("Sending rows to CleverTap.")),
)
