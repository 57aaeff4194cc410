"""Requests under way, each in a thread of its own. Threads only exchange bytes with CleverTap.

Everything else (rows, the database, what follows from an answer) is the owner's: one
thread, which starts flights here and takes what has landed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from types import TracebackType
from typing import Protocol, Self

from imports.clevertap import Answer, CleverTap
from imports.models import Batch
from imports.runner.lanes import Lane
from imports.runner.parcels import Parcel


class NotBegun(Exception):
    """This process stood still: the request was not sent, because the lease may be another's."""


@dataclass
class Flight:
    """One request: what it carries, and how it ended."""

    lane: Lane
    parcel: Parcel
    batch: Batch
    not_after: float
    sent_at: float = field(default_factory=time.monotonic)
    answer: Answer | None = None
    error: BaseException | None = None


class Pool(Protocol):
    """Does in other threads what it is given."""

    def submit(self, work: "Callable[[Flight], None]", flight: "Flight", /) -> object:
        """Do it soon; ``work`` raises nothing."""

    def shutdown(self) -> None:
        """Wait until all is done."""


class Threads:
    """A thread for each request under way; they start when they are needed.

    Python's own pool makes a future for each piece of work, with locks, which nobody looks at here.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._work: SimpleQueue[tuple[Callable[[Flight], None], Flight] | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._threads: list[Thread] = []

    def submit(self, work: "Callable[[Flight], None]", flight: "Flight", /) -> None:
        self._work.put((work, flight))
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._size:
            name = f"clevertap_{len(self._threads)}"
            thread = Thread(target=self._serve, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def shutdown(self) -> None:
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while (task := self._work.get()) is not None:
            work, flight = task
            work(flight)
            del task, work, flight  # its bytes are let go of now, not with the next one
            self._idle.release()


class Window:
    """The flights of one owner. Leaving it waits for all, at most a request's deadline."""

    def __init__(self, clevertap: CleverTap, *, run: str, pool: Pool) -> None:
        self._clevertap, self._run, self._pool = clevertap, run, pool
        self._landed: SimpleQueue[Flight | None] = SimpleQueue()  # None: look elsewhere
        self.in_flight = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def start(self, flight: Flight) -> None:
        """Send its parcel; it is given back by ``landed``."""
        flight.lane.is_under_way = True
        self.in_flight += 1
        self._pool.submit(self._fly, flight)

    def landed(self, *, seconds: float = 0.0) -> Flight | None:
        """One that has ended, if there is one or comes within so many seconds, or before ``wake``."""
        try:
            flight = self._landed.get(block=seconds > 0, timeout=seconds or None)
            while flight is None and not seconds:
                flight = self._landed.get(block=False)
        except Empty:
            return None
        if flight is None:
            return None
        flight.lane.is_under_way = False
        self.in_flight -= 1
        return flight

    def wake(self) -> None:
        """Let whoever waits for one to land look at what else there is to do. For any thread."""
        self._landed.put(None)

    def give_back(self, flight: Flight) -> None:
        """One that was taken and could not be dealt with now: it has landed still."""
        flight.lane.is_under_way = True
        self.in_flight += 1
        self._landed.put(flight)

    def _fly(self, flight: Flight) -> None:
        try:
            if time.monotonic() > flight.not_after:
                raise NotBegun
            flight.answer = self._clevertap.upload(
                flight.parcel.pieces,
                count=len(flight.parcel.records),
                run=self._run,
                batch=flight.parcel.first_row,
            )
        except BaseException as error:  # noqa: BLE001 - the owner's to judge, in its own thread
            flight.error = error
        self._landed.put(flight)
