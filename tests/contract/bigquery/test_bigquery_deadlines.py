"""Whatever the other side does, a call ends within its seconds."""

import socket
import threading
import time

import pytest

from connections.bigquery import BigQueryUnavailable, Reason
from connections.bigquery.deadline import Deadline, TimeIsOver, within
from tests.contract.bigquery.bad_servers import bad_server, drips, says_nothing
from tests.contract.bigquery.stub import DATASET, Answer

SECONDS = 0.3
# Far below the 10 s that a socket would wait, far above what a busy machine adds.
AT_MOST = 3.0

CALLS = {
    "authenticate": lambda bigquery: bigquery.authenticate(seconds=SECONDS),
    "check_project": lambda bigquery: bigquery.check_project(seconds=SECONDS),
    "datasets": lambda bigquery: bigquery.datasets(seconds=SECONDS),
    "dataset": lambda bigquery: bigquery.dataset("shop", seconds=SECONDS),
    "check_jobs": lambda bigquery: bigquery.check_jobs(
        dataset_id="shop", location="EU", seconds=SECONDS
    ),
    "tables": lambda bigquery: bigquery.tables("shop", seconds=SECONDS),
    "table": lambda bigquery: bigquery.table("shop", "customers", seconds=SECONDS),
    "check_read": lambda bigquery: bigquery.check_read(
        dataset_id="shop", location="EU", seconds=SECONDS
    ),
    "check_write": lambda bigquery: bigquery.check_write(dataset_id="shop", seconds=SECONDS),
    "estimate": lambda bigquery: bigquery.estimate("SELECT 1", location="EU", seconds=SECONDS),
    "start_query": lambda bigquery: bigquery.start_query(
        "SELECT 1", job_id="j", location="EU", labels={}, max_bytes_billed=None, seconds=SECONDS
    ),
    "job": lambda bigquery: bigquery.job("j", location="EU", seconds=SECONDS),
    "cancel": lambda bigquery: bigquery.cancel("j", location="EU", seconds=SECONDS),
    "read_page": lambda bigquery: bigquery.read_page(
        "j", location="EU", start_row=0, max_rows=10, seconds=SECONDS
    ),
    "preview": lambda bigquery: bigquery.preview("shop", "customers", seconds=SECONDS),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def assert_times_out(call, bigquery):
    begun = time.monotonic()
    with pytest.raises(BigQueryUnavailable) as caught:
        call(bigquery)
    assert caught.value.reason == Reason.TIMEOUT
    assert time.monotonic() - begun < AT_MOST


@every_call
def test_gives_up_on_a_server_that_says_nothing(open_at, call):
    with bad_server(says_nothing) as endpoints:
        assert_times_out(call, open_at(endpoints))


@every_call
def test_gives_up_on_a_server_that_drips(open_at, call):
    with bad_server(drips) as endpoints:
        assert_times_out(call, open_at(endpoints))


def test_another_thread_ends_a_call_long_before_its_time(open_at):
    with bad_server(says_nothing) as endpoints:
        bigquery = open_at(endpoints)
        later = threading.Timer(0.05, bigquery.give_up)
        later.start()
        begun = time.monotonic()
        with pytest.raises(BigQueryUnavailable) as caught:
            bigquery.read_page("j", location="EU", start_row=0, max_rows=10, seconds=30.0)
        later.join()
        assert caught.value.reason == Reason.TIMEOUT
        assert time.monotonic() - begun < AT_MOST
        with pytest.raises(BigQueryUnavailable):
            bigquery.job("j", location="EU", seconds=30.0)
        assert time.monotonic() - begun < 2 * AT_MOST


def test_gives_up_on_a_name_server_that_says_nothing(open_at, stub, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(1.5))

    assert_times_out(CALLS["dataset"], open_at(stub.endpoints))


def calls_at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "bigquery-call"]


def test_does_not_submit_a_query_that_was_given_up(open_at, stub, monkeypatch):
    """The name server answers at last, and the thread finds that nobody waits any more."""
    bigquery = open_at(stub.endpoints)
    bigquery.authenticate()
    real, answered = socket.getaddrinfo, threading.Event()

    def slow(*args, **options):
        answered.wait(10)
        return real(*args, **options)

    monkeypatch.setattr("socket.getaddrinfo", slow)
    assert_times_out(CALLS["start_query"], bigquery)
    answered.set()
    for thread in calls_at_work():
        thread.join(10)

    assert stub.calls == ["POST /token"]


def test_leaves_no_thread_with_a_server_that_drips(open_at):
    with bad_server(drips) as endpoints:
        assert_times_out(CALLS["dataset"], open_at(endpoints))
        for thread in calls_at_work():
            thread.join(5)

        assert calls_at_work() == []


def test_gives_up_on_an_api_that_drips_after_the_token_was_granted(stub, key, open_at):
    with bad_server(drips) as endpoints:
        mixed = type(endpoints)(f"{stub.url}/token", endpoints.api_endpoint, is_google=False)

        assert_times_out(CALLS["dataset"], open_at(mixed))

    assert stub.calls == ["POST /token"]


def test_gives_up_on_a_job_that_never_ends(stub, bigquery):
    running = Answer(
        body={
            "jobReference": {"projectId": "shop-4711", "jobId": "j", "location": "EU"},
            "configuration": {"jobType": "QUERY", "query": {"query": "SELECT 1"}},
            "status": {"state": "RUNNING"},
        }
    )
    stub.says("POST /jobs", running)
    stub.default = running

    assert_times_out(CALLS["check_jobs"], bigquery)


def test_serves_the_next_call_after_one_that_timed_out(stub, open_at):
    with bad_server(says_nothing) as endpoints:
        mixed = type(endpoints)(endpoints.token_uri, stub.url, is_google=False)
        bigquery = open_at(mixed)
        assert_times_out(CALLS["authenticate"], bigquery)
        assert_times_out(CALLS["dataset"], bigquery)


def test_uses_the_seconds_of_the_gateway_where_a_call_has_none(open_at):
    with bad_server(says_nothing) as endpoints:
        bigquery = open_at(endpoints, call_seconds=SECONDS)

        assert_times_out(lambda one: one.dataset("shop"), bigquery)


def test_answers_well_within_the_deadline(stub, bigquery):
    stub.says("GET /datasets/shop", Answer(body=DATASET))

    assert bigquery.dataset("shop", seconds=5).location == "EU"


def test_raises_what_the_work_raised():
    def work():
        raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        within(Deadline.after(5), work)


def test_says_that_time_is_over_and_not_what_came_later():
    with pytest.raises(TimeIsOver):
        within(Deadline.after(0.01), lambda: time.sleep(0.3))


def test_never_offers_a_socket_no_time_at_all():
    assert Deadline.after(-1).left > 0
