"""The end of a deletion: the key goes last, whoever finishes it and however often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import deletion
from connections.deletion import finish_deletion
from connections.models import Connection
from connections.services import deletion as deletion_services
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

pytestmark = pytest.mark.django_db


def test_keeps_the_key_while_a_run_is_at_work():
    run = RunFactory(parent=ImportFactory(connection=ConnectionFactory(deleting=True)))
    run.claim(owner="worker")
    connection = run.parent.connection
    assert not finish_deletion(connection_id=connection.pk)
    connection.key.refresh_from_db()
    assert connection.key.sealed_key


def test_destroys_the_key_when_the_last_run_has_ended():
    connection = ConnectionFactory(deleting=True)
    RunFactory(parent=ImportFactory(connection=connection), stopped=True)
    assert finish_deletion(connection_id=connection.pk)
    connection.refresh_from_db()
    connection.key.refresh_from_db()
    assert connection.state == Connection.State.DELETED
    assert connection.key.sealed_key is None
    assert connection.key.destroyed_at is not None


def test_keeps_the_history():
    connection = ConnectionFactory(deleting=True)
    run = RunFactory(parent=ImportFactory(connection=connection), stopped=True)
    finish_deletion(connection_id=connection.pk)
    assert Run.objects.get(pk=run.pk).parent.connection.name == connection.name


def test_a_second_time_changes_nothing():
    connection = ConnectionFactory(deleting=True)
    finish_deletion(connection_id=connection.pk)
    before = Connection.objects.get(pk=connection.pk).deleted_at
    assert finish_deletion(connection_id=connection.pk)
    assert Connection.objects.get(pk=connection.pk).deleted_at == before


def test_never_touches_a_connection_that_nobody_deleted():
    connection = ConnectionFactory()
    assert finish_deletion(connection_id=connection.pk)
    connection.key.refresh_from_db()
    assert connection.key.sealed_key


def test_the_tick_rings_for_every_unfinished_deletion(bells, django_capture_on_commit_callbacks):
    connection = ConnectionFactory(deleting=True)
    ConnectionFactory()
    with django_capture_on_commit_callbacks(execute=True):
        assert deletion_services.ring_unfinished_deletions() == 1
    assert bells == [("connections.finish_deletion", {"connection_id": str(connection.pk)})]


def test_many_bells_for_one_deletion_come_back_once():
    """Each tick rings too: for a deletion that takes hours the bells must not add up."""
    run = RunFactory(parent=ImportFactory(connection=ConnectionFactory(deleting=True)))
    run.claim(owner="worker")
    connection_id = run.parent.connection_id
    waits = [deletion.work_on(connection_id=connection_id) for _ in range(5)]
    assert waits == [1.0, None, None, None, None]


def test_a_bell_comes_back_when_the_last_one_is_a_second_old():
    run = RunFactory(parent=ImportFactory(connection=ConnectionFactory(deleting=True)))
    run.claim(owner="worker")
    connection = run.parent.connection
    assert deletion.work_on(connection_id=connection.pk) == 1.0
    Connection.objects.update(finish_rung_at=timezone.now() - timedelta(seconds=1))
    assert deletion.work_on(connection_id=connection.pk) == 1.0


def test_no_bell_comes_back_for_what_is_over():
    connection = ConnectionFactory(deleting=True)
    assert deletion.work_on(connection_id=connection.pk) is None
    assert deletion.work_on(connection_id=connection.pk) is None
