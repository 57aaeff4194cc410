"""The phases of a run, and one sentence about what it does or waits for and why.

Pure, but that a run in shards is asked who holds them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from imports.durations import in_words
from imports.models import WAITS_FOR_SLOTS, Batch, Run

NO_WORKERS: Final = (
    "No import worker was seen lately, so this waits. Nothing is lost: it goes on by itself "
    "once one is there. Ask the operator to look at the import worker and at /readyz."
)
# As many troubles in a row end a run (``imports.runner``; a test holds the two together).
TRIES: Final = 8

TITLES: Final = ("Queued", "Query at BigQuery", "Reading and sending", "Finishing")


@dataclass(frozen=True)
class Phase:
    """One of the four: ``done``, ``current``, ``todo``, or where it ``failed`` or ``stopped``."""

    title: str
    state: str
    took: str


def phases_of(run: Run, *, first: Batch | None, last: Batch | None, now: datetime) -> list[Phase]:
    """The four phases and how long each took, or has taken by now.

    ``first`` and ``last``: the batches of the lowest and the highest row, if there are any.
    """
    here = _position(run)
    sent = first.sent_at if first else None
    answered = last.answered_at if last and here >= _FINISHING else None
    begins = (run.queued_at, run.started_at, sent, answered, run.finished_at)
    ended = run.finished_at or now
    return [
        Phase(title, _state(run, number, here), _took(begins, number, here, ended))
        for number, title in enumerate(TITLES)
    ]


_FINISHING: Final = 3


def _position(run: Run) -> int:
    """The phase that it is in, or ended in; 4 once it has succeeded."""
    if run.state == Run.State.SUCCEEDED:
        return len(TITLES)
    if run.started_at is None:
        return 0
    if run.rows_total is None:
        return 1
    return 2 if run.read_count < run.rows_total else _FINISHING


def _state(run: Run, number: int, here: int) -> str:
    if number != here:
        return "done" if number < here else "todo"
    return str(run.state) if run.is_final else "current"


def _took(begins: Sequence[datetime | None], number: int, here: int, ended: datetime) -> str:
    begin = begins[number]
    if begin is None or number > here:
        return ""
    end = begins[number + 1] if number < here else ended
    if end is None:  # a result without rows: nothing was sent
        return ""
    return in_words(max((end - begin).total_seconds(), 0))


def is_troubled(run: Run, *, now: datetime, workers_seen: bool) -> bool:
    """Whether the sentence is about something that is not as it should be."""
    if run.is_final or run.is_stopping:
        return False
    waits_in_vain = not workers_seen and not _is_held(run, now)
    return waits_in_vain or _is_silent(run, now) or run.troubles > 0


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
    return run.held_until is not None and run.held_until >= now


def _is_silent(run: Run, now: datetime) -> bool:
    return run.held_until is not None and run.held_until < now


def _trouble(run: Run, now: datetime) -> str:
    why = run.trouble_sentence or "Something did not answer."
    left = (run.not_before - now).total_seconds() if run.not_before is not None else 0
    when = f" in {in_words(max(1, left))}" if left > 0 else ""
    return f"{why} Trying again{when} (try {run.troubles + 1} of {TRIES})."


def _full(run: Run, now: datetime) -> str:
    most = settings.CLEVERTAP_PARALLEL_REQUESTS
    return f"Waiting: other imports use the {most} requests that this account takes at a time."


def _together(run: Run, now: datetime) -> str:
    return f"Sending rows to CleverTap with {run.owner_count:,} workers."


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
        lambda run, now: run.held_until is None and run.trouble_code == WAITS_FOR_SLOTS,
        _full,
    ),
    (
        lambda run, now: run.held_until is None,
        _always("Waiting for its next slice: other imports share the workers."),
    ),
    (lambda run, now: run.owner_count > 1, _together),
    (lambda run, now: True, _always("Sending rows to CleverTap.")),
)
