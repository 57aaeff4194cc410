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

    urllib3's own time-outs start again with every byte, so a peer that drips never ends.
    No redirect is followed, nothing is retried and no proxy is used at this level.
    """

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        super().__init__(host, port, **options)
        self._deadline = self._used_at = 0.0
        self._pieces: list[Buffer] = []
        self._awaited = 0  # pieces, until all is there that is to be sent at once
        self.response_class = self._response  # type: ignore[assignment]

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
        self.timeout = self.left()

    def left(self) -> float:
        """Seconds until the deadline. Raises: TimeoutError when it has passed."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def send(self, data: Any) -> None:
        """Head and body at once.

        A process that stood still between them would keep half a request open at CleverTap, for
        longer than its lease: others have its place among the 15 then.
        """
        self._pieces.append(data)
        if len(self._pieces) >= self._awaited:
            pieces, self._pieces = self._pieces, []
            self._push(pieces)

    def _push(self, pieces: Sequence[Buffer]) -> None:
        """From where they lie: to put them together first would copy the body."""
        left = [memoryview(piece) for piece in pieces]
        while left:
            self._sock().settimeout(self.left())
            sent = self._sock().sendmsg(left)
            while left and sent >= left[0].nbytes:
                sent -= left.pop(0).nbytes
            if sent:
                left[0] = left[0][sent:]

    def _sock(self) -> socket.socket:
        if self.sock is None:
            raise http.client.NotConnected
        return self.sock

    def exchange(
        self, method: str, path: str, body: Sequence[Buffer], headers: dict[str, str]
    ) -> Reply:
        """Status and body; the body of a failure is not read, and the connection closed.

        ``body``: its pieces, none of them empty.
        """
        self._pieces, self._awaited = [], 1 + len(body)
        if body:
            headers = headers | {"Content-Length": str(sum(map(len, body)))}
        # Some servers answer before they have read everything: the answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.request(method, path, body=body or None, headers=headers)  # type: ignore[arg-type]
        response = http.client.HTTPConnection.getresponse(self)
        with response:
            if not is_success(response.status):
                self.close()
                return Reply(response.status, b"", response.getheader("Retry-After") or "")
            content = b"".join(_pieces_of(response))
        self._used_at = time.monotonic()
        return Reply(response.status, content)

    def _response(
        self, sock: socket.socket, *args: Any, **options: Any
    ) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_TimedSocket(sock, self), *args, **options)  # type: ignore[arg-type]


class TlsLine(Line, HTTPSConnection):
    """The same over TLS; certificate and host name are verified."""

    def _push(self, pieces: Sequence[Buffer]) -> None:
        """By 64 KB: a TLS socket's time-out begins anew with each record that is sent."""
        view = memoryview(b"".join(pieces))
        for start in range(0, len(view), _PIECE):
            self._sock().settimeout(self.left())
            self._sock().sendall(view[start : start + _PIECE])


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
