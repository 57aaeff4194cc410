"""Which reader a run takes, and that no row is lost or sent twice when the fast one is lost."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.models import ConnectionTest, ConnectionTestStep
from imports import contents
from imports.clevertap import Answer, RecordVerdict
from imports.models import Run
from imports.runner import execute, execute_run, readers
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db

DENIED = BigQueryRefused(Reason.PERMISSION_DENIED, "Not any more.")
BROKEN = BigQueryUnavailable(Reason.NETWORK, "The connection broke.")
EXPIRED = BigQueryRefused(Reason.RESULT_EXPIRED, "The result has expired. Run again.")


def people(count):
    return [[f"c{number}", f"c{number}@shop.example"] for number in range(count)]


@pytest.fixture
def world(monkeypatch):
    """A source of 3,500 rows and a sink; results of any size are read fast."""
    bigquery, clevertap = FakeBigQuery(people(3_500)), FakeCleverTap()
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    monkeypatch.setattr(readers, "FAST_FROM_ROWS", 100)
    monkeypatch.setattr("imports.runner.ranges.AT_A_GO", 1_000)
    return bigquery, clevertap


def run_whose_test_says(result):
    run = RunFactory()
    connection = run.connection
    test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        requested_by=connection.created_by,
        verdict="verified",
        finished_at=timezone.now(),
    )
    ConnectionTestStep.objects.create(test=test, position=8, code="fast", result=result)
    type(connection).objects.filter(pk=connection.pk).update(latest_test=test)
    return run


@pytest.fixture
def run(db):
    return run_whose_test_says("passed")


def finish(run):
    for _ in range(12):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        if execute_run(run_id=run.pk) is None:
            break
    run.refresh_from_db()
    return run


def sent(clevertap):
    return Counter(
        record["identity"] for body in clevertap.bodies for record in json.loads(body)["d"]
    )


def assert_each_row_was_sent_once(run, clevertap, count=3_500):
    assert (run.state, run.accepted_count, run.unknown_count) == (Run.State.SUCCEEDED, count, 0)
    found = sent(clevertap)
    assert len(found) == count
    assert set(found.values()) == {1}


def test_reads_fast_when_the_test_says_that_the_key_may(world, run):
    bigquery, clevertap = world
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)
    assert (run.reader, bigquery.streams) == ("storage", [(run.read_stream, 0)])


@pytest.mark.parametrize("result", ["failed", "unknown", "not_needed", "waiting"])
def test_reads_pages_when_the_test_says_anything_else(world, result):
    bigquery, clevertap = world
    run = finish(run_whose_test_says(result))
    assert_each_row_was_sent_once(run, clevertap)
    assert (run.reader, bigquery.streams) == ("rest", [])


def test_a_result_that_one_page_holds_needs_no_session(world, run, monkeypatch):
    monkeypatch.setattr(readers, "FAST_FROM_ROWS", 3_500)
    assert finish(run).reader == "rest"


def test_both_readers_send_the_same_bytes(world, run):
    _, clevertap = world
    finish(run)
    fast, clevertap.bodies = clevertap.bodies, []
    other = RunFactory(queued_at=run.queued_at)
    finish(other)
    assert other.reader == "rest"
    assert clevertap.bodies == fast


def test_a_session_that_is_refused_now_is_no_failure(world, run):
    bigquery, clevertap = world
    bigquery.stream_failures = [DENIED]
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)
    assert run.reader == "rest"


def test_a_stream_that_breaks_goes_on_at_the_row_that_was_reached(world, run):
    bigquery, clevertap = world
    bigquery.stream_failures = [None, None, None, None, BROKEN]
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)
    assert run.reader == "storage"
    assert [row for _, row in bigquery.streams] == [0, 2_000]
    assert len({name for name, _ in bigquery.streams}) == 1


@pytest.mark.parametrize(
    "failures",
    [[DENIED], [BROKEN] * 3],
    ids=["permission lost in mid-run", "not served for long"],
)
def test_a_stream_that_is_lost_goes_on_by_pages(world, run, failures):
    bigquery, clevertap = world
    bigquery.stream_failures = [None, None, None, None, *failures]
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)
    assert (run.reader, run.read_stream) == ("rest", "")


def test_the_rest_of_the_rows_may_come_in_any_order(world, run):
    """Only what was sent must stand where it stood."""
    bigquery, clevertap = world
    bigquery.rows = bigquery.streamed[:2_000] + bigquery.streamed[2_000:][::-1]
    bigquery.stream_failures = [None, None, None, None, DENIED]
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)


@pytest.mark.parametrize("swapped", [0, 1_999])
def test_another_order_of_what_was_sent_ends_the_run(world, run, swapped):
    bigquery, clevertap = world
    bigquery.rows = list(bigquery.streamed)
    bigquery.rows[swapped], bigquery.rows[3_000] = bigquery.rows[3_000], bigquery.rows[swapped]
    bigquery.stream_failures = [None, None, None, None, DENIED]
    finish(run)
    assert (run.state, run.failure_code) == (Run.State.FAILED, "order_differs")
    assert "Run the import again" in run.failure_sentence
    assert set(sent(clevertap).values()) == {1}
    assert run.accepted_count == 2_000


def test_fewer_rows_by_pages_end_the_run(world, run):
    bigquery, _ = world
    bigquery.rows = bigquery.streamed[:1_500]
    bigquery.stream_failures = [None, None, None, None, DENIED]
    announced = bigquery._job
    bigquery._job = lambda *about: replace(announced(*about), total_rows=3_500)
    finish(run)
    assert (run.state, run.failure_code) == (Run.State.FAILED, "order_differs")


def test_a_stop_is_seen_while_the_order_is_proved(world, run, monkeypatch):
    bigquery, clevertap = world
    bigquery.stream_failures = [None, None, None, None, DENIED]
    read_page = bigquery.read_page

    def stopping(*args, **options):
        Run.objects.update(stop_requested_at=timezone.now())
        return read_page(*args, **options)

    execute_run(run_id=run.pk)
    monkeypatch.setattr(bigquery, "read_page", stopping)
    finish(run)
    assert (run.state, run.read_count) == (Run.State.STOPPED, 2_000)
    assert sum(sent(clevertap).values()) == 2_000


def test_a_result_that_expired_before_anything_was_sent_is_made_anew(world):
    bigquery, clevertap = world
    run = RunFactory()
    bigquery.failure = EXPIRED
    execute_run(run_id=run.pk)
    bigquery.failure = None
    finish(run)
    assert_each_row_was_sent_once(run, clevertap)
    assert len({job_id for job_id, *_ in bigquery.started}) == 2


def test_a_result_that_expired_in_mid_run_ends_it(world, monkeypatch):
    bigquery, clevertap = world
    run = RunFactory()
    monkeypatch.setattr(readers, "PAGE_ROWS", 1_000)
    clevertap.on_upload = lambda: setattr(bigquery, "failure", EXPIRED)
    finish(run)
    assert (run.state, run.failure_code) == (Run.State.FAILED, "result_expired")
    assert len(bigquery.started) == 1
    assert set(sent(clevertap).values()) == {1}


def test_a_job_that_keeps_vanishing_is_not_made_for_ever(world):
    bigquery, _ = world
    run = RunFactory()
    bigquery.failure = EXPIRED
    finish(run)
    assert run.state == Run.State.FAILED
    assert len(bigquery.started) == 3


def test_a_row_that_clevertap_refused_is_kept_as_it_was_read_whoever_read_it(world, run):
    _, clevertap = world
    clevertap.answers = [Answer(999, (RecordVerdict(7, 515, "No."),), 3)]
    finish(run)
    (row,) = run.refused_rows.all()
    ((_, content),) = contents.open_rows([row])
    name = f"c{row.row_number}"
    assert (run.reader, row.is_whole) == ("storage", True)
    assert content.cells == {"customer_id": name, "email": f"{name}@shop.example"}
