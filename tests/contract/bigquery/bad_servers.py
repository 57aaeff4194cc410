"""Servers that accept a connection and then do not behave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from connections.bigquery import Endpoints

Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def bad_server(behave: Behaviour, scheme: str = "http") -> Iterator[Endpoints]:
    """Token and API address of a server on a loopback port."""
    over = threading.Event()
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_accept, args=(listening, behave, over, taken))
        thread.start()
        url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield Endpoints(f"{url}/token", url, is_google=False)
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for one in taken:
                one.close()


def says_nothing(connection: socket.socket, over: threading.Event) -> None:
    """Takes the request and never answers."""
    over.wait()


def drips(connection: socket.socket, over: threading.Event) -> None:
    """Sends a byte now and then, so that no single read ever times out."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        connection.sendall(b" ")


def hangs_up(connection: socket.socket, over: threading.Event) -> None:
    """Closes without an answer."""
    connection.recv(65536)


def stops_half_way(connection: socket.socket, over: threading.Event) -> None:
    """Announces more than it sends."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def _accept(
    listening: socket.socket, behave: Behaviour, over: threading.Event, taken: list[socket.socket]
) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listening.accept()
            taken.append(connection)
            threading.Thread(target=_serve, args=(connection, behave, over), daemon=True).start()


def _serve(connection: socket.socket, behave: Behaviour, over: threading.Event) -> None:
    with suppress(OSError), connection:
        behave(connection, over)
