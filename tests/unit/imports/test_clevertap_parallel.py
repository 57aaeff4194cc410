"""One gateway in several threads, and what an answer says about when to come again."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from imports.clevertap import CleverTapOutcomeUnknown, CleverTapUnavailable
from imports.clevertap.answers import failure_of
from tests.unit.imports.fake_clevertap import clevertap, send, success


def held_until(barrier):
    """An answer that comes when as many requests are under way as the barrier waits for."""

    def answer(handler):
        barrier.wait(10)
        body = b'{"processed": 4, "unprocessed": []}'
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return answer


def test_requests_of_several_threads_have_connections_of_their_own():
    with (
        clevertap(held_until(threading.Barrier(6))) as (gateway, fake),
        ThreadPoolExecutor(6) as threads,
    ):
        answers = [threads.submit(send, gateway) for _ in range(6)]
        assert [one.result(10).processed for one in answers] == [4] * 6
        assert fake.connections == 6


def test_connections_are_kept_and_used_again():
    with clevertap(success(4)) as (gateway, fake):
        for _ in range(20):
            send(gateway)
        assert (len(fake.requests), fake.connections) == (20, 1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 30 ", 30),
        ("86400", 300),
        ("", 0),
        ("-1", 0),
        ("1.5", 0),
        ("٣", 0),
        ("9" * 400, 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0),
    ],
)
def test_a_wait_in_seconds_is_honoured_within_reason(status, header, seconds):
    error = failure_of(status, retry_after=header)
    assert isinstance(error, CleverTapUnavailable)
    assert (error.wait_seconds, error.is_busy) == (seconds, True)


def test_a_failure_with_an_unknown_outcome_says_nothing_about_when():
    error = failure_of(502, retry_after="7")
    assert isinstance(error, CleverTapOutcomeUnknown)
    assert (error.wait_seconds, error.is_busy) == (0, False)
