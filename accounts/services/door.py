"""Refuses the tries of a flood where they come in: without a body, a session or the database (ADR 39).

A process remembers for a second which limits it saw reached, and refuses by that. One try a
second looks again, and writes down how many were refused meanwhile. So a limit that opens opens
a second late at most, and the numbers of the trail are those of all tries.

It also has passwords of browsers that are not known judged one after the other: each takes a
processor for a third of a second, and all of them at once would take it from everybody.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError

from accounts.services import tallies
from accounts.services.tallies import Limit, TooManyTries

logger = structlog.get_logger(__name__)

_MOST_REMEMBERED = 1_000
_MOST_IN_LINE = 4  # of the eight threads of a process


@dataclass
class _Shut:
    """A limit that refuses, until somebody looks again."""

    until: float
    refused: int = 0


_shut: dict[str, _Shut] = {}
_shut_lock = threading.Lock()
_line, _turn = threading.BoundedSemaphore(_MOST_IN_LINE), threading.Lock()


def is_any_shut() -> bool:
    """Whether there is anything to ask ``refusing`` for."""
    return bool(_shut)


def refusing(limits: Iterable[Limit]) -> Limit | None:
    """The first of them that this process saw reached a moment ago; the try is counted.

    None also for the one try that has to look again. Asks for no more limits than it needs.
    """
    for limit in limits:
        with _shut_lock:
            found = _shut.get(limit.key)
            if found is None:
                continue
            moment = time.monotonic()
            if found.until <= moment:
                found.until = moment + settings.SIGN_IN_REMEMBERED_SECONDS  # others need not look
                return None
            found.refused += 1
            return limit
    return None


def count(limits: Iterable[Limit], *, now: datetime) -> None:
    """As ``tallies.count``; what refuses is remembered.

    Raises:
        TooManyTries: one of them was reached already; nothing must be judged any more.
    """
    limits = list(limits)
    write_down()
    try:
        tallies.count(limits, now=now)
    except TooManyTries as refusal:
        _remember(refusal.limit)
        raise
    _forget(limits)


def write_down(*, what_is_due: bool = False) -> None:
    """Put the number of tries that were refused here to their limits; never raises.

    Called by tries that look, and by any later request of this process for what is left.
    """
    taken = _take(time.monotonic() if what_is_due else None)
    if not taken:
        return
    refused = sum(taken.values())
    logger.warning("tries to sign in refused at the door", count=refused)
    try:
        tallies.add_refused(taken)
    except DatabaseError:
        logger.warning("the trail will not hold their number: the database is away")


@contextmanager
def in_turn() -> Iterator[None]:
    """One after the other in this process; who would be too far back in the line is refused.

    Raises:
        TooManyTries: so many wait already that others' pages would.
    """
    if not _line.acquire(blocking=False):
        raise TooManyTries(tallies.everybody_limit(), is_first=False)
    try:
        with _turn:
            yield
    finally:
        _line.release()


def _remember(limit: Limit) -> None:
    until = time.monotonic() + settings.SIGN_IN_REMEMBERED_SECONDS
    with _shut_lock:
        if settings.SIGN_IN_REMEMBERED_SECONDS and len(_shut) < _MOST_REMEMBERED:
            _shut[limit.key] = _Shut(until)


def _forget(limits: list[Limit]) -> None:
    with _shut_lock:
        for limit in limits:
            _shut.pop(limit.key, None)


def _take(due_at: float | None) -> dict[str, int]:
    """How many of each are not written down yet; who is past its second is forgotten with it."""
    taken = {}
    with _shut_lock:
        for key, one in list(_shut.items()):
            is_over = due_at is not None and one.until <= due_at
            if one.refused and (due_at is None or is_over):
                taken[key], one.refused = one.refused, 0
            if is_over:
                del _shut[key]
    return taken
