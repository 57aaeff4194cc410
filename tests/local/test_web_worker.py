"""Requests that begin and do not end: each gives its thread back."""

import socket
import threading
import time
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from clevertap_bq.web_worker import READ_SECONDS, ReadInTime

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na="


@pytest.fixture
def worker():
    settings = Config()
    log = SimpleNamespace(debug=lambda *_: None)
    made = ReadInTime(1, 1, [], None, 30, settings, log)
    yield made
    made.tmp.close()


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_head_that_never_ends_gives_its_thread_back(worker, pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    answered = []
    conn = TConn(worker.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
    thread = threading.Thread(target=lambda: answered.append(worker.handle(conn)))
    thread.start()
    while not worker._due:
        time.sleep(0.001)

    worker.end_late(now=time.monotonic())
    assert thread.is_alive()
    worker.end_late(now=time.monotonic() + READ_SECONDS + 1)
    thread.join(30)
    assert answered == [False]


def test_a_body_that_never_ends_is_what_has_come_and_is_answered(worker, pair, monkeypatch):
    ours, theirs = pair
    theirs.sendall(HEAD)

    def app(request, conn):
        worker.end_late(now=time.monotonic() + READ_SECONDS + 1)
        conn.sock.sendall(b"answer to " + request.body.read())
        return False

    monkeypatch.setattr(worker, "handle_request", app)
    worker.handle(TConn(worker.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2)))
    assert theirs.recv(99) == b"answer to a="
    assert worker._due == {}
