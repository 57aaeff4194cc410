"""A sink that answers every upload as stored after so many seconds: `python -m bench._quick_sink 0.05`.

It counts records by a byte pattern and judges nothing, so that its processor time does not
stand in the way; prints its port. Not a CleverTap: the sandbox is.

One loop over its sockets by `select`, whose time-outs are microseconds: asyncio's are whole
milliseconds, rounded up, and made an answer after 50 ms one after 52. A connection's room grows as
it has to: 8 MB for each kept the first request of fifteen connections waiting for 65 ms in all.
"""

import selectors
import socket
import sys
import time
from collections import deque

RECORD = b'"type":"'  # of a profile or an event
_ROOM = 512 * 1024


class Line:
    """One connection: what has arrived of a request."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = bytearray(_ROOM)
        self._size = self._end = self._start = 0

    def take(self) -> tuple[float, int] | None:
        """When a request was whole, and how many records it has. None: it is not. Raises: OSError."""
        if self._size == len(self._buffer):
            self._buffer.extend(bytes(self._size))
        size = self.sock.recv_into(memoryview(self._buffer)[self._size :])
        if not size:
            raise ConnectionError
        self._size += size
        if not self._end and (start := self._buffer.find(b"\r\n\r\n", 0, self._size)) >= 0:
            head = bytes(self._buffer[:start]).lower() + b"\r\n"
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            self._start, self._end = start + 4, start + 4 + length
        if not self._end or self._size < self._end:
            return None
        whole_at = time.perf_counter()
        count = self._buffer.count(RECORD, self._start, self._end)
        self._size = self._end = 0  # the next one is sent when this one is answered
        return whole_at, count


class Sink:
    """All of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._selector = selectors.SelectSelector()
        self._due: deque[tuple[float, Line, int]] = deque()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._door, selectors.EVENT_READ)
        self.port: int = self._door.getsockname()[1]

    def serve(self) -> None:
        """Until it is killed."""
        while True:
            left = max(0.0, self._due[0][0] - time.perf_counter()) if self._due else None
            for key, _ in self._selector.select(left):
                if key.data is None:
                    self._open()
                else:
                    self._take(key.data)
                self._answer_due()
            self._answer_due()

    def _open(self) -> None:
        sock, _ = self._door.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ, Line(sock))

    def _take(self, line: Line) -> None:
        try:
            taken = line.take()
        except OSError:
            self._close(line)
            return
        if taken:
            whole_at, count = taken
            self._due.append((whole_at + self._seconds, line, count))

    def _answer_due(self) -> None:
        while self._due and self._due[0][0] <= time.perf_counter():
            _, line, count = self._due.popleft()
            self._answer(line, count)

    def _answer(self, line: Line, count: int) -> None:
        body = b'{"processed":%d,"unprocessed":[]}' % count
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        try:
            line.sock.sendall(head + body)
        except OSError:
            self._close(line)

    def _close(self, line: Line) -> None:
        if line.sock.fileno() >= 0:
            self._selector.unregister(line.sock)
            line.sock.close()


if __name__ == "__main__":
    sink = Sink(float(sys.argv[1]))
    print(sink.port, flush=True)
    sink.serve()
