"""Servers that accept a connection and then do not behave."""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
            yield _at(url)
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


def resets(connection: socket.socket, over: threading.Event) -> None:
    """Cuts the connection hard in the middle of an answer."""
    connection.recv(65536)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"access_token": "')
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def heads_without_end(connection: socket.socket, over: threading.Event) -> None:
    """Sends a header letter by letter, and never comes to its end."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
    while not over.wait(0.05):
        connection.sendall(b"x")


def heads_in_a_flood(connection: socket.socket, over: threading.Event) -> None:
    """Sends headers as fast as they are taken."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.is_set():
        connection.sendall(b"X-More: 1\r\n" * 100)


def speaks_ssh(connection: socket.socket, over: threading.Event) -> None:
    """Another protocol on the port."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    over.wait(1)


def answers(status: str, body: str, *headers: str) -> Behaviour:
    """The same answer to every request."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]

    def behave(connection: socket.socket, over: threading.Event) -> None:
        while connection.recv(65536):
            connection.sendall("\r\n".join(lines).encode())

    return behave


def shows(certificate: Path) -> Behaviour:
    """TLS with a certificate that nobody has signed; the file holds its key, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)

    return behave


@contextmanager
def nobody() -> Iterator[Endpoints]:
    """A port where nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield _at(f"http://127.0.0.1:{held.getsockname()[1]}")


@contextmanager
def black_hole() -> Iterator[Endpoints]:
    """A port where a connection is neither taken nor refused, as behind a firewall that drops.

    The queue of those that wait to be accepted is full, so Linux drops the next ones.
    """
    waiting: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        while not waiting or select.select([], waiting[-1:], [], 0.1)[1]:
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(address)
        try:
            yield _at(f"http://127.0.0.1:{address[1]}")
        finally:
            for one in waiting:
                one.close()


def _at(url: str) -> Endpoints:
    return Endpoints(f"{url}/token", url, is_google=False)


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
