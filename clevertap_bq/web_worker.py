"""The web server's worker, with an end to how long a request may take to arrive.

Behind a proxy that reads requests whole first, as nginx does, this never strikes. Elsewhere a few
connections that begin a request and do not end it would hold every thread for good.
"""

import contextlib
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

# From its first byte to the end of its body; the largest body that is read has 512 KB.
READ_SECONDS = 10


class ReadInTime(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's threads, each of which waits so long for a request, and no longer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """One request, in a thread. What has arrived when its time is over is all there is of it."""
        self._due[conn] = time.monotonic() + READ_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._due.pop(conn, None)

    def murder_keepalived(self, *args: Any, **kwargs: Any) -> None:
        """Called every second by the main thread: there the late ones end, too."""
        self.end_late(now=time.monotonic())
        super().murder_keepalived(*args, **kwargs)

    def end_late(self, *, now: float) -> None:
        """Close the way in of what is late; an answer that is being made still goes out."""
        for conn, due in list(self._due.items()):
            if due < now and self._due.pop(conn, None) is not None:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
