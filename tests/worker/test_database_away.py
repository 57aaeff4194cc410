"""A database that goes away in the middle of a run is no failure of the run."""

import time
from datetime import timedelta

import pytest
from django.db import (
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone

from imports.models import Batch, Run
from imports.runner import delivery, execute, execute_run
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


@pytest.fixture
def clevertap(monkeypatch):
    sink = FakeCleverTap()
    rows = [[f"c{number}", f"c{number}@shop.example"] for number in range(2_000)]
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: FakeBigQuery(rows))
    monkeypatch.setattr(execute, "open_clevertap", lambda account: sink)
    return sink


@pytest.fixture
def lose(monkeypatch):
    """``lose(error)``: the first answer cannot be written, and this is raised instead."""
    told, errors = delivery.Delivery._told, []

    def failing(self, answered, refused):
        if answered and errors:
            raise errors.pop()
        return told(self, answered, refused)

    monkeypatch.setattr(delivery.Delivery, "_told", failing)
    return errors.append


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed"),
        InterfaceError("closed"),
        InternalError("terminating connection due to idle-in-transaction timeout"),
    ],
)
def test_the_run_is_left_as_by_a_worker_that_died(error, lose, clevertap):
    run = RunFactory()
    lose(error)
    assert execute_run(run_id=run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (Run.State.RUNNING, "")
    assert run.lease_until is not None


def test_the_next_owner_sends_the_open_batch_again_and_finishes(lose, clevertap):
    run = RunFactory()
    lose(OperationalError("database is locked"))
    execute_run(run_id=run.pk)
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, 2_000)
    assert clevertap.bodies[0] == clevertap.bodies[1], "the same bytes, or it is another batch"


def test_an_answer_that_cannot_be_stored_is_a_failure(lose, clevertap):
    run = RunFactory()
    lose(DataError("value too long"))
    with pytest.raises(DataError):
        execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (Run.State.FAILED, "unexpected")


def stand_still_after_writing(batch):
    with transaction.atomic():
        Batch.objects.intend_all([batch])
        Batch.objects.record_all([batch])
        time.sleep(0.5)
        Batch.objects.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a lock there is everybody's")
def test_the_server_ends_a_session_that_stands_still_after_it_wrote_batches():
    run = RunFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 100")
    try:
        with pytest.raises(InternalError, match="idle-in-transaction"):
            stand_still_after_writing(Batch(run=run, first_row=0, end_row=1, record_count=1))
    finally:
        connection.close()
    assert not Batch.objects.exists()
