"""A connection to CleverTap with one deadline for a whole exchange.

Knows sockets and bytes, and nothing of what is sent or what an answer means.
"""

import http.client
import io
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from imports.clevertap.answers import is_success

_MAX_ANSWER_BYTES = 32 * 1024 * 1024  # a batch whose records all come back, and their errors
_PIECE = 64 * 1024
_MAX_CONNECT_SECONDS = 4.0  # for each address of the host
_MAX_IDLE_SECONDS = 15.0  # an older connection may be closing just as we write


Buffer = bytes | memoryview


class AnswerTooLong(Exception):
    """The answer is longer than any true one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``retry_after`` is the header's text, or empty."""

    status: int
    content: bytes
    retry_after: str = ""


class Line(HTTPConnection):
    """A connection with one deadline for a whole exchange.

    urllib3 opens it. What goes over it is written and read here: its time-outs start again with
    every byte, so a peer that drips never ends, and it would copy each body. No redirect is
    followed, nothing is retried and no proxy is used at this level.
    """

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        super().__init__(host, port, **options)
        self._deadline = self._used_at = 0.0
        name = f"[{host}]" if ":" in host else host
        is_usual = self.port == self.default_port
        self._host = (name if is_usual else f"{name}:{self.port}").encode("idna").decode()

    def open(self, deadline: float) -> None:
        """Connect, or keep the connection of before if it is fresh and unbroken.

        Raises: OSError, HTTPError; nothing has been sent then.
        """
        self._deadline = deadline
        idle = time.monotonic() - self._used_at
        if not self.is_connected or idle > _MAX_IDLE_SECONDS:
            self.close()
            self.timeout = min(_MAX_CONNECT_SECONDS, self.left())
            self.connect()

    def left(self) -> float:
        """Seconds until the deadline. Raises: TimeoutError when it has passed."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def exchange(
        self, method: str, path: str, body: Sequence[Buffer], headers: dict[str, str]
    ) -> Reply:
        """Status and body; the body of a failure is not read, and the connection closed.

        ``body``: its pieces. Head and body leave at once: a process that stood still between them
        would keep half a request open at CleverTap, for longer than its lease, and others have
        its place among the 15 then.
        """
        # Some servers answer before they have read everything: the answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._push([self._head(method, path, body, headers), *body])
        timed: Any = _TimedSocket(self._socket(), self)
        with http.client.HTTPResponse(timed, method=method) as response:
            response.begin()
            if not is_success(response.status):
                self.close()
                return Reply(response.status, b"", response.getheader("Retry-After") or "")
            content = b"".join(_pieces_of(response))
            if response.will_close:
                self.close()
        self._used_at = time.monotonic()
        return Reply(response.status, content)

    def _head(
        self, method: str, path: str, body: Sequence[Buffer], headers: dict[str, str]
    ) -> bytes:
        """``headers`` must hold no line break."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Accept-Encoding: identity"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {sum(map(len, body))}")
        return "\r\n".join([*lines, "\r\n"]).encode("ascii")

    def _push(self, pieces: Sequence[Buffer]) -> None:
        """From where they lie: to put them together first would copy the body."""
        left = [memoryview(piece) for piece in pieces]
        while left:
            self._socket().settimeout(self.left())
            sent = self._socket().sendmsg(left)
            while left and sent >= left[0].nbytes:
                sent -= left.pop(0).nbytes
            if sent:
                left[0] = left[0][sent:]

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise http.client.NotConnected
        return self.sock


class TlsLine(Line, HTTPSConnection):
    """The same over TLS; certificate and host name are verified."""

    def _push(self, pieces: Sequence[Buffer]) -> None:
        """By 64 KB: a TLS socket's time-out begins anew with each record that is sent."""
        view = memoryview(b"".join(pieces))
        for start in range(0, len(view), _PIECE):
            self._socket().settimeout(self.left())
            self._socket().sendall(view[start : start + _PIECE])


class _TimedSocket:
    """As much of a socket as an HTTP response needs: a file whose reads end at the deadline."""

    def __init__(self, sock: socket.socket, line: Line) -> None:
        self._sock, self._line = sock, line

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._line))


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, line: Line) -> None:
        self._sock, self._line = sock, line
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._line.left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def _pieces_of(response: http.client.HTTPResponse) -> Iterator[bytes]:
    size = 0
    while piece := response.read(_PIECE):
        size += len(piece)
        if size > _MAX_ANSWER_BYTES:
            raise AnswerTooLong
        yield piece
