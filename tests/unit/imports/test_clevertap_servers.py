"""The gateway against servers that drip, break, lie or never answer; and its passcode."""

import contextlib
import logging
import socket
import threading
import time

import pytest

from imports.clevertap import (
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)
from imports.clevertap.wire import Line
from tests.unit.imports.fake_clevertap import (
    BODY,
    PASSCODE,
    FakeCleverTap,
    clevertap,
    failure,
    gateway_to,
    send,
    success,
)


def drip(opening):
    """Sends ``opening``, then one byte at a time for as long as anybody reads."""

    def answer(handler):
        with contextlib.suppress(OSError):
            handler.connection.sendall(opening)
            while not handler.server.stopping.wait(0.05):
                handler.connection.sendall(b"a")

    return answer


def silent(handler):
    handler.server.stopping.wait(5)


def reset(handler):
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # close with RST, as a dying server does
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_short(handler):
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"processed": 4')


def not_http(handler):
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


SLOW = [
    silent,
    drip(b""),
    drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
    drip(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: "),
]


@pytest.mark.parametrize("answer", SLOW)
def test_the_whole_answer_must_arrive_within_the_time_out(answer):
    started = time.monotonic()
    error = failure(answer, timeout=0.4)
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.TIMED_OUT
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("answer", [reset, hang_up, not_http])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(answer):
    error = failure(answer)
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.CONNECTION_LOST


def test_an_answer_that_is_cut_short_leaves_the_outcome_unknown():
    assert isinstance(failure(cut_short), CleverTapOutcomeUnknown)


def test_after_a_lost_answer_the_next_request_has_a_connection_of_its_own():
    with clevertap(reset, success(4)) as (gateway, fake):
        with pytest.raises(CleverTapOutcomeUnknown):
            send(gateway)
        assert send(gateway).processed == 4
    assert fake.connections == 2


def test_an_answer_without_end_is_not_read_without_end(monkeypatch):
    monkeypatch.setattr("imports.clevertap.wire._MAX_ANSWER_BYTES", 100_000)
    error = failure((200, b"x" * 200_000))
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert error.reason == Reason.UNREADABLE


def test_a_request_leaves_in_one_piece(monkeypatch):
    """A process that is frozen between head and body keeps half a request open at CleverTap."""
    sent, inner = [], Line._push
    monkeypatch.setattr(
        Line, "_push", lambda line, pieces: inner(line, sent.append(b"".join(pieces)) or pieces)
    )
    with clevertap(success(4)) as (gateway, _):
        send(gateway)
        gateway.check()
    assert [one[:4] for one in sent] == [b"POST", b"GET "]
    assert sent[0].endswith(b"\r\n\r\n" + BODY)


def test_a_body_in_pieces_arrives_as_one():
    with clevertap(success(4)) as (gateway, fake):
        gateway.upload((BODY[:6], memoryview(BODY)[6:]), count=4, run="r", batch=0)
        send(gateway)
    assert [body for *_, body in fake.requests] == [BODY, BODY]


def test_who_stood_still_beyond_the_time_out_sends_nothing(monkeypatch):
    now, late = time.monotonic, []
    monkeypatch.setattr("time.monotonic", lambda: now() + sum(late))
    with clevertap(success(4)) as (gateway, fake):
        inner = gateway._free_line
        monkeypatch.setattr(gateway, "_free_line", lambda: late.append(60) or inner())
        with pytest.raises(CleverTapUnavailable):
            send(gateway)
    assert fake.requests == []


@contextlib.contextmanager
def server_that(behaves):
    """The address of a server that does ``behaves(connection)`` with its first connection."""

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            behaves(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_a_server_that_reads_slowly_cannot_hold_the_sender():
    done = threading.Event()

    def read_slowly(connection):
        while not done.wait(0.05):
            connection.recv(20_000)

    started = time.monotonic()
    with server_that(read_slowly) as url, gateway_to(url, timeout=0.5) as gateway:
        with pytest.raises(CleverTapOutcomeUnknown) as caught:
            gateway.upload(b"x" * 50_000_000, count=1, run="r", batch=0)
        done.set()
    assert caught.value.reason == Reason.TIMED_OUT
    assert time.monotonic() - started < 3


def test_an_answer_before_the_body_was_read_is_heard():
    def refuse_early(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

    with (
        server_that(refuse_early) as url,
        gateway_to(url) as gateway,
        pytest.raises(CleverTapRefused) as caught,
    ):
        gateway.upload(b"x" * 50_000_000, count=1, run="r", batch=0)
    assert caught.value.reason == Reason.TOO_LARGE


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://no-such-host.invalid"]
)
def test_what_never_connected_was_not_sent(url):
    with pytest.raises(CleverTapUnavailable) as caught:
        send(gateway_to(url, timeout=2))
    assert type(caught.value) is CleverTapUnavailable
    assert caught.value.reason == Reason.NO_CONNECTION
    assert caught.value.was_sent is False


def test_a_server_without_tls_behind_https_was_not_sent_anything():
    with FakeCleverTap(success(4)) as fake:
        with pytest.raises(CleverTapUnavailable) as caught:
            send(gateway_to(fake.url.replace("http:", "https:"), timeout=2))
        assert fake.requests == []
    assert caught.value.was_sent is False


@pytest.mark.parametrize("base_url", ["ftp://x", "api.clevertap.com", "https://", ""])
def test_refuses_an_address_that_is_not_http(base_url):
    with pytest.raises(ValueError, match="http or https"):
        gateway_to(base_url)


# The passcode


@pytest.mark.parametrize("passcode", ["", "CANARY\r\nX-Evil: 1", "CANARY\u20ac", b"CANARY\xff"])
def test_a_passcode_that_no_header_can_carry_is_refused_without_being_shown(passcode):
    with FakeCleverTap(success(4)) as fake:
        gateway = gateway_to(fake.url, passcode=passcode)
        with pytest.raises(CleverTapRefused) as caught:
            send(gateway)
        assert fake.requests == []
    assert caught.value.reason == Reason.CREDENTIALS
    assert "CANARY" not in f"{caught.value!r} {caught.value} {gateway!r}"


@pytest.mark.parametrize("answer", [(401, {}), reset, (500, {}), (200, b"junk")])
def test_the_passcode_is_in_no_error_and_no_log(answer, caplog):
    caplog.set_level(logging.DEBUG)
    error = failure(answer)
    chain = [error, error.__cause__, error.__context__]
    assert PASSCODE not in f"{chain!r} {caplog.text}"
    assert error.__suppress_context__ or error.__context__ is None
