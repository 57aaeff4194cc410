"""A total deadline over calls whose own time-outs count per socket read, and not at all for DNS.

The work is done in a daemon thread. When time is over the caller goes on, the thread's
connection is cut, and nothing more is sent in its name: a query that was given up is not
submitted later, when a slow name server has answered at last.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


class TimeIsOver(Exception):
    """The deadline passed. Whether the call took effect is not known."""


LOOK_SECONDS = 0.2  # how long a call goes on after it was given up


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock, which another thread may bring forward to now."""

    moment: float
    given_up: threading.Event | None = None

    @classmethod
    def after(cls, seconds: float, *, given_up: threading.Event | None = None) -> "Deadline":
        return cls(time.monotonic() + seconds, given_up)

    @property
    def left(self) -> float:
        """Seconds left, for a socket's time-out: never zero, which sockets refuse."""
        return 0.01 if self.is_over else max(0.01, self.moment - time.monotonic())

    @property
    def is_over(self) -> bool:
        is_given_up = self.given_up is not None and self.given_up.is_set()
        return is_given_up or time.monotonic() >= self.moment

    @property
    def next_look(self) -> float:
        """Seconds to wait before asking again whether time is over."""
        return min(LOOK_SECONDS, self.left)


@dataclass
class _Call:
    """One piece of work in its thread: how it ended, and the connection it is using."""

    deadline: Deadline
    answers: list[Any] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    connection: socket.socket | None = None

    def carry_out(self, work: Callable[[], Any]) -> None:
        _here.call = self
        try:
            self.answers.append(work())
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            self.errors.append(error)

    def hang_up(self) -> None:
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


_here = threading.local()


def within(deadline: Deadline, work: Callable[[], T]) -> T:
    """Do ``work`` in a thread of its own and give back its answer.

    Raises:
        TimeIsOver: no answer by then.
        Exception: whatever ``work`` raised.
    """
    call = _Call(deadline)
    thread = threading.Thread(
        target=call.carry_out, args=(work,), name="bigquery-call", daemon=True
    )
    thread.start()
    thread.join(deadline.next_look)
    while thread.is_alive() and not deadline.is_over:
        thread.join(deadline.next_look)
    if call.answers:
        answer: T = call.answers[0]
        return answer
    if call.errors:
        raise call.errors[0]
    call.hang_up()
    raise TimeIsOver


def check_in(used: socket.socket | None = None) -> None:
    """For the transport, before it sends: ``used`` is the connection from now on.

    Raises:
        TimeIsOver: the call of this thread was given up.
    """
    call: _Call | None = getattr(_here, "call", None)
    if call is None:
        return
    # First the connection, then the clock: the caller looks at them the other way round.
    call.connection = used or call.connection
    if call.deadline.is_over:
        raise TimeIsOver
