"""What is read, mapped, cut and hashed before its turn: in a thread of its own, or in turn.

The owner of a run writes and decides in one thread; while it waits for the database or for
answers, the thread here prepares what is to leave next. It only reads and computes: no row
of ours, no state of the run is touched there, so nothing needs a lock but the hand-over.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from types import TracebackType
from typing import Protocol, Self

from django.db import connections

from imports.runner.lanes import BYTES_AHEAD, READ_AHEAD, Lane

ROWS_AHEAD = 12_000  # handed over and not taken: while there are so many, nothing more is read
STEPS_BACK = 3  # of niceness: goes second, and still gets half of what the owner gets (ADR 42)


class ReaderGone(Exception):
    """The thread that reads has ended without saying why."""


class Source(Protocol):
    """Where lanes come from, as many at a go as the reader gives."""

    ahead: int  # lanes: while fewer are taken and not admitted, more are to be taken

    @property
    def is_ready(self) -> bool:
        """Something is there to be taken without waiting for it; an error is not meant."""

    @property
    def waiting(self) -> int:
        """Lanes that are there to be taken."""

    @property
    def is_full(self) -> bool:
        """No more come while nobody takes any: enough wait, those were all, or reading failed."""

    def take(self) -> Sequence[Lane] | None:
        """The next lanes; empty: none is there yet. None: those were all.

        Raises: what reading raised.
        """


class InTurn:
    """Reads when it is asked, in the thread that asks, and waits for it."""

    ahead = READ_AHEAD
    is_ready = False
    waiting = 0
    is_full = True

    def __init__(
        self,
        lanes: Iterator[Sequence[Lane]],
        *,
        wake: Callable[[], None] | None = None,
        give_up: Callable[[], None] | None = None,
    ) -> None:
        self._lanes = lanes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to end."""

    def take(self) -> Sequence[Lane] | None:
        return _next(self._lanes)


class Ahead:
    """Reads in a thread of its own, which begins with the first ``take`` and ends with the block.

    ``wake`` is called, in that thread, when there is something to take. ``give_up`` ends the
    call to BigQuery that it may be waiting for.
    """

    ahead = 1  # the rest waits here

    def __init__(
        self,
        lanes: Iterator[Sequence[Lane]],
        *,
        wake: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        self._lanes, self._wake, self._give_up = lanes, wake, give_up
        self._change = threading.Condition()
        self._waiting: deque[Sequence[Lane] | None] = deque()
        self._rows = self._bytes = self._lanes_waiting = 0
        self._has_ended = False
        self._error: BaseException | None = None
        self._is_closed = False
        # The log's names are those of the owner (structlog keeps them in the context).
        context = copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._read_all,), name="read-ahead", daemon=True
        )
        self._has_begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        with self._change:
            self._is_closed = True
            self._waiting.clear()
            self._change.notify_all()
        if self._has_begun:
            if self._thread.is_alive():
                self._give_up()
            self._thread.join()

    @property
    def is_ready(self) -> bool:
        return bool(self._waiting)

    @property
    def waiting(self) -> int:
        return self._lanes_waiting

    @property
    def is_full(self) -> bool:
        return self._has_ended or not self._has_room

    def take(self) -> Sequence[Lane] | None:
        """As ``Source.take``; never waits, and is empty when nothing is there.

        Raises:
            ReaderGone: the thread died.
            Exception: whatever reading raised, when what was read before it is taken.
        """
        if not self._has_begun:
            self._has_begun = True
            self._thread.start()
        with self._change:
            is_gone = not self._thread.is_alive()  # asked first: it may hand over and end
            if self._waiting:
                return self._taken(self._waiting.popleft())
            if self._error is not None:
                raise self._error
            if is_gone:
                raise ReaderGone("The thread that reads ahead has ended.")
            return ()

    def _taken(self, lanes: Sequence[Lane] | None) -> Sequence[Lane] | None:
        self._rows -= _rows(lanes)
        self._bytes -= _bytes(lanes)
        self._lanes_waiting -= len(lanes or ())
        self._change.notify_all()
        return lanes

    def _read_all(self) -> None:
        _step_back()
        try:
            while self._waits_for_room():
                lanes = _next(self._lanes)
                self._hand_over(lanes)
                if lanes is None:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the owner's thread
            self._error, self._has_ended = error, True
            self._wake()
        finally:
            connections.close_all()  # of this thread; there should be none

    @property
    def _has_room(self) -> bool:
        return self._rows < ROWS_AHEAD and self._bytes < BYTES_AHEAD

    def _waits_for_room(self) -> bool:
        """False: nobody takes anything any more."""
        with self._change:
            self._change.wait_for(lambda: self._is_closed or self._has_room)
            return not self._is_closed

    def _hand_over(self, lanes: Sequence[Lane] | None) -> None:
        with self._change:
            self._waiting.append(lanes)
            self._rows += _rows(lanes)
            self._bytes += _bytes(lanes)
            self._lanes_waiting += len(lanes or ())
            self._has_ended = lanes is None
        self._wake()


def _step_back() -> None:
    """Let the owner's thread go first when both want the processor: requests wait for that one.

    On Linux niceness is a thread's own; elsewhere it would be the whole process's.
    """
    if sys.platform == "linux":
        os.nice(STEPS_BACK)


def _next(lanes: Iterator[Sequence[Lane]]) -> Sequence[Lane] | None:
    """Of a block that was recorded before there is nothing left to send."""
    return next(filter(None, lanes), None)


def _rows(lanes: Sequence[Lane] | None) -> int:
    return sum(lane.parcel.row_count for lane in lanes or ())


def _bytes(lanes: Sequence[Lane] | None) -> int:
    return sum(lane.parcel.size for lane in lanes or ())
