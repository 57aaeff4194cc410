"""Bells: ids only, after the commit, and never a failure of the request."""

import uuid

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from connections import bell, tasks

RUN = uuid.uuid4()


class Task:
    name = "imports.execute_run"

    def __init__(self, error=None):
        self.error, self.sent = error, []

    def apply_async(self, **options):
        if self.error:
            raise self.error
        self.sent.append(options)


def test_sends_ids_as_text():
    task = Task()
    assert bell.ring(task, run_id=RUN)
    assert task.sent[0]["kwargs"] == {"run_id": str(RUN)}


@pytest.mark.parametrize("error", [OperationalError("away"), ConnectionRefusedError()])
def test_a_broker_that_is_away_is_no_error(error):
    assert not bell.ring(Task(error), run_id=RUN)


def test_a_real_broker_that_is_away_is_no_error(settings):
    """The suite's own broker is not at this address: nothing listens there."""
    unreachable = tasks.beat.app.connection_for_write("redis://127.0.0.1:1/0")
    with unreachable as connection, pytest.raises(OperationalError):
        tasks.beat.apply_async(connection=connection, retry=False)


@pytest.mark.django_db(transaction=True)
def test_rings_after_the_commit_only():
    task = Task()
    with transaction.atomic():
        bell.ring_on_commit(task, run_id=RUN)
        assert task.sent == []
    assert len(task.sent) == 1


@pytest.mark.django_db(transaction=True)
def test_does_not_ring_when_it_was_rolled_back():
    task = Task()
    with transaction.atomic():
        bell.ring_on_commit(task, run_id=RUN)
        transaction.set_rollback(True)
    assert task.sent == []
