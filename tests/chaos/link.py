"""A wire between a host and a server, which can be cut as a network partition cuts it.

While it is cut nothing passes and nothing is said: both ends keep their connections and wait,
and a new connection is taken up and left without an answer.
"""

import socket
import threading
from contextlib import suppress
from typing import Self

LOOPBACK = "127.0.0.1"


class Link:
    """Use it in a ``with``: its port leads to ``target``, as long as it is not cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._passes = threading.Event()
        self._passes.set()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._door = socket.create_server((LOOPBACK, 0))
        self.port: int = self._door.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._admit, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        _shut(self._door)
        self._drop()
        self._passes.set()

    def cut(self) -> None:
        self._passes.clear()

    def mend(self, *, reset: bool) -> None:
        """``reset``: what was connected before is gone, as after a long time."""
        if reset:
            self._drop()
        self._passes.set()

    def _admit(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._keep(near)
        self._passes.wait()
        try:
            far = socket.create_connection((LOOPBACK, self.target), timeout=10)
        except OSError:
            _shut(near)
            return
        far.settimeout(None)
        self._keep(far)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._passes.wait()
                sink.sendall(data)
        self._passes.wait()
        _shut(source)
        _shut(sink)

    def _keep(self, one: socket.socket) -> None:
        with self._lock:
            self._sockets.add(one)

    def _drop(self) -> None:
        with self._lock:
            gone, self._sockets = self._sockets, set()
        for one in gone:
            _shut(one)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
