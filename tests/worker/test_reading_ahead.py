"""The thread that reads ahead: order, bounds, what it raises, and that it always ends."""

import os
import sys
import threading
from collections import Counter

import pytest
import structlog
from django.utils import timezone

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from imports.clevertap import Answer
from imports.mapping import Made
from imports.models import Run
from imports.runner import ahead, execute, execute_run, leaving, ranges, readers, sending, share
from imports.runner.ahead import Ahead, ReaderGone
from imports.runner.delivery import Delivery
from imports.runner.groups import Groups
from imports.runner.lanes import Lanes, lanes_of
from imports.runner.parcels import whole_of
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

SECONDS = 20.0  # nothing here takes so long; a thread that hangs fails its test
EXPIRED = BigQueryRefused(Reason.RESULT_EXPIRED, "The result has expired.")


def block(first_row, rows=2):
    record = b'{"identity":"a","profileData":{"X":"x"}}'
    made = Made([record] * rows, list(range(first_row, first_row + rows)), [])
    return lanes_of([whole_of(made, first_row=first_row, end_row=first_row + rows)], Groups())


class Reading:
    """What a thread reads: it says where it is, and waits where it is told to."""

    def __init__(self, *items):
        self.items, self.read, self.ended = items, [], threading.Event()
        self.woken, self.given_up = threading.Semaphore(0), threading.Event()

    def __iter__(self):
        try:
            for item in self.items:
                self.read.append(item)
                if isinstance(item, BaseException):
                    raise item
                yield item() if callable(item) else item
        finally:
            self.ended.set()

    def ahead(self):
        return Ahead(iter(self), wake=self.woken.release, give_up=self.given_up.set)

    def next(self, source):
        """The next lanes, as an owner takes them who has nothing else to do."""
        while (lanes := source.take()) is not None and not lanes:
            assert self.woken.acquire(timeout=SECONDS)
        return lanes


def nobody_reads():
    return all(thread.name != "read-ahead" for thread in threading.enumerate())


def test_gives_what_was_read_in_order_and_then_the_end():
    reading = Reading(block(0), [], block(2), block(4))
    with reading.ahead() as source:
        rows = [reading.next(source)[0].parcel.first_row for _ in range(3)]
        assert (rows, reading.next(source)) == ([0, 2, 4], None), "what is empty is left out"
    assert nobody_reads()
    assert not reading.given_up.is_set(), "it had ended"


@pytest.mark.skipif(sys.platform != "linux", reason="Niceness is a thread's own on Linux only.")
def test_who_reads_lets_the_owner_go_first():
    own = os.getpriority(os.PRIO_PROCESS, 0)
    seen = []
    look = lambda: seen.append(os.getpriority(os.PRIO_PROCESS, 0)) or block(0)  # noqa: E731
    reading = Reading(look)
    with reading.ahead() as source:
        reading.next(source)
    assert seen == [min(own + ahead.STEPS_BACK, 19)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


def test_nothing_is_read_before_it_is_asked_for():
    reading = Reading(block(0))
    with reading.ahead():
        pass
    assert not reading.read
    assert not reading.given_up.is_set()


@pytest.mark.parametrize(("bound", "most"), [("ROWS_AHEAD", 3), ("BYTES_AHEAD", 100)])
def test_waits_when_so_much_is_handed_over(monkeypatch, bound, most):
    monkeypatch.setattr(ahead, bound, most)
    begin = threading.Event()
    first = lambda: begin.wait(SECONDS) and block(0)  # noqa: E731 - waits until it is looked at
    reading = Reading(first, *[block(row) for row in range(2, 40, 2)])
    with reading.ahead() as source:
        assert source.take() == ()
        begin.set()
        for _ in range(2):
            assert reading.woken.acquire(timeout=SECONDS)
        assert not reading.woken.acquire(timeout=0.05), "two blocks fill it"
        assert len(reading.read) == 2
        assert reading.next(source)[0].parcel.first_row == 0
        assert reading.woken.acquire(timeout=SECONDS), "there is room for one more"
    assert nobody_reads()
    assert len(reading.read) == 3


def test_says_how_many_wait_and_whether_more_come(monkeypatch):
    monkeypatch.setattr(ahead, "ROWS_AHEAD", 3)
    reading = Reading(block(0), block(2), block(4))
    with reading.ahead() as source:
        assert (source.waiting, source.is_full) == (0, False)
        source._has_begun = source._thread.start() is None
        assert all(reading.woken.acquire(timeout=SECONDS) for _ in range(2))
        assert (source.waiting, source.is_full) == (2, True), "nobody takes any"
        reading.next(source)
        reading.next(source)
        assert all(reading.woken.acquire(timeout=SECONDS) for _ in range(2)), "one, and the end"
        assert (source.waiting, source.is_full) == (1, True)
    assert nobody_reads()


def test_nobody_waits_for_more_of_what_cannot_be_read():
    with Reading(EXPIRED).ahead() as source:
        source._has_begun = source._thread.start() is None
        source._thread.join(SECONDS)
        assert source.is_full


def test_ends_while_it_waits_for_room(monkeypatch):
    monkeypatch.setattr(ahead, "ROWS_AHEAD", 1)
    reading = Reading(block(0), block(2))
    with reading.ahead() as source:
        source._has_begun = source._thread.start() is None
        assert reading.woken.acquire(timeout=SECONDS)
    assert nobody_reads()
    assert len(reading.read) == 1


@pytest.mark.parametrize("error", [EXPIRED, ZeroDivisionError("bug"), SystemExit("thread")])
def test_what_it_raises_comes_after_what_it_had_read(error):
    reading = Reading(block(0), error)
    with reading.ahead() as source:
        assert reading.next(source)[0].parcel.first_row == 0
        with pytest.raises(type(error)):
            reading.next(source)
        with pytest.raises(type(error)):
            source.take()
    assert nobody_reads()


def test_an_error_waits_until_what_was_read_before_it_has_left():
    """Else a stream that breaks at the same place again would send nothing, however often."""
    reading = Reading(block(0), EXPIRED)
    with reading.ahead() as source:
        source._has_begun = source._thread.start() is None
        source._thread.join(SECONDS)
        lanes = Lanes(source)
        lanes.next_ready(most=15).is_under_way = True
        assert lanes.next_ready(most=15, may_read=False) is None, "another one was chosen already"
        with pytest.raises(BigQueryRefused):
            lanes.next_ready(most=15)


def test_a_thread_that_dies_without_a_word_is_noticed(monkeypatch):
    monkeypatch.setattr(Ahead, "_read_all", lambda self: self._wake())
    reading = Reading(block(0))
    with reading.ahead() as source:
        source._has_begun = source._thread.start() is None
        source._thread.join(SECONDS)
        with pytest.raises(ReaderGone):
            source.take()


def test_a_slow_read_is_given_up_when_the_owner_leaves():
    reading = Reading(lambda: reading.given_up.wait(SECONDS) and [])
    with reading.ahead() as source:
        assert source.take() == ()
    assert reading.given_up.is_set()
    assert nobody_reads()


def test_the_log_of_the_thread_names_the_run():
    seen = []
    reading = Reading(lambda: seen.append(structlog.contextvars.get_contextvars()) or [])
    with structlog.contextvars.bound_contextvars(run="r1"), reading.ahead() as source:
        assert reading.next(source) is None
    assert seen == [{"run": "r1"}]


# With a run


@pytest.fixture
def world(monkeypatch):
    rows = [[f"c{number}", f"c{number}@shop.example"] for number in range(300)]
    bigquery, clevertap = FakeBigQuery(rows), FakeCleverTap()
    monkeypatch.setattr(execute, "Ahead", Ahead)
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    monkeypatch.setattr(ranges, "RANGE_ROWS", 10)
    monkeypatch.setattr(ranges, "AT_A_GO", 50)
    monkeypatch.setattr(readers, "PAGE_ROWS", 50)
    monkeypatch.setattr(readers, "FAST_FROM_ROWS", 10)
    monkeypatch.setattr(ahead, "ROWS_AHEAD", 60)
    monkeypatch.setattr(share, "REFRESH_SECONDS", 0.0)
    yield bigquery, clevertap
    leaving.forget()
    assert nobody_reads()


def executed(run):
    again = execute_run(run_id=run.pk)
    run.refresh_from_db()
    return again


@pytest.mark.django_db
@pytest.mark.parametrize("fast", [True, False])
def test_every_row_is_sent_once_by_either_reader(world, monkeypatch, fast):
    _, clevertap = world
    monkeypatch.setattr(readers, "_may_read_fast", lambda run: fast)
    run = RunFactory()
    executed(run)
    sent = Counter(row for body in clevertap.bodies for row in body.split(b'"identity":"')[1:])
    assert (run.state, run.accepted_count, len(sent)) == (Run.State.SUCCEEDED, 300, 300)
    assert run.reader == ("storage" if fast else "rest")


@pytest.mark.django_db
@pytest.mark.parametrize(("milliseconds", "most"), [(3, 5), (90, 30)])
def test_what_is_answered_at_once_is_written_down_with_the_intents_that_follow(
    world, monkeypatch, milliseconds, most
):
    """Thirty requests, of which about ten are there together. Others do not wait for any."""
    _, clevertap = world
    clevertap.answers = [Answer(10, (), milliseconds)] * 30
    monkeypatch.setattr(sending, "_GATHER_SECONDS", SECONDS)
    monkeypatch.setattr(sending, "TOGETHER", 15)
    writes, write = [], Delivery.record_and_intend
    noted = lambda *args: writes.append(args) or write(*args)  # noqa: E731
    monkeypatch.setattr(Delivery, "record_and_intend", noted)
    run = RunFactory()
    executed(run)
    assert run.accepted_count == 300
    assert len(writes) <= most


@pytest.mark.django_db
def test_rows_before_a_refusal_are_sent_and_the_run_says_why_it_ended(world, monkeypatch):
    bigquery, _ = world
    read_page = bigquery.read_page

    def refused(*args, start_row, **options):
        if start_row >= 100:
            raise EXPIRED
        return read_page(*args, start_row=start_row, **options)

    monkeypatch.setattr(bigquery, "read_page", refused)
    run = RunFactory()
    assert executed(run) is None
    assert (run.state, run.failure_code) == (Run.State.FAILED, EXPIRED.reason)
    assert run.accepted_count == run.next_row == 100


@pytest.mark.django_db
def test_a_stream_is_lost_after_troubles_without_a_row_between_them(world, monkeypatch):
    bigquery, _ = world
    monkeypatch.setattr(readers, "_may_read_fast", lambda run: True)
    broken = BigQueryUnavailable(Reason.NETWORK, "The connection broke.")
    bigquery.batch_rows, run = 50, RunFactory()
    for failures in ([None, None, broken], [broken], [None, broken], [broken]):
        bigquery.stream_failures = failures
        Run.objects.update(not_before=None)
        executed(run)
    assert (run.reader, run.troubles) == ("storage", 2), "rows were read in between"
    bigquery.stream_failures = [broken]
    Run.objects.update(not_before=None)
    executed(run)
    assert run.reader == Run.Reader.PROVING


ENDED = {"stop": (Run.State.STOPPED, 50), "leave": (Run.State.RUNNING, 50)}
WAYS = {
    "stop": lambda: Run.objects.update(stop_requested_at=timezone.now()),
    "leave": leaving.ask,
    "lost": lambda: Run.objects.update(fence=9),
}


def after_five_requests(clevertap, monkeypatch, act):
    """``act`` happens before the sixth one is thought of."""
    refresh = share.Share.refresh

    def refreshed(self, **options):
        if len(clevertap.bodies) == 5:
            act()
        return refresh(self, **options)

    monkeypatch.setattr(share.Share, "refresh", refreshed)


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_who_has_to_go_does_not_wait_for_a_slow_reader(world, monkeypatch, way):
    """The second page does not come; what was read before it is sent and recorded."""
    bigquery, clevertap = world
    read_page, given_up = bigquery.read_page, threading.Event()
    bigquery.on_give_up = given_up.set

    def slow(*args, start_row, **options):
        if start_row == 50:
            assert given_up.wait(SECONDS)
            raise BigQueryUnavailable(Reason.TIMEOUT, "Given up.")
        return read_page(*args, start_row=start_row, **options)

    monkeypatch.setattr(bigquery, "read_page", slow)
    after_five_requests(clevertap, monkeypatch, WAYS[way])
    run = RunFactory()
    executed(run)
    assert given_up.is_set()
    if way in ENDED:
        assert (run.state, run.accepted_count) == ENDED[way]
        assert not run.batches.open().exists()
    assert bool(run.owner) == (way == "lost"), "who lost it writes nothing"
