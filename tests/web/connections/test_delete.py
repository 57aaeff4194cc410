"""Deleting a connection: review, confirm, refuse what is out of date."""

import re

import pytest

from connections.models import Connection
from connections.services import deletion
from imports.models import Import, Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory


@pytest.fixture
def connection(db):
    return ConnectionFactory(name="Warehouse")


def url(connection):
    return f"/settings/partners/import-connections/{connection.pk}/delete/"


def confirm(connection, **changes):
    token = deletion.review_deletion(connection).token
    return {"token": token, "typed_name": connection.name, **changes}


def test_the_review_lists_running_and_other_imports(as_admin, connection):
    RunFactory(parent=ImportFactory(connection=connection, nickname="Daily"))
    ImportFactory(connection=connection, nickname="Idle", draft=True)
    text = as_admin.get(url(connection)).content.decode()
    assert "1 import is running" in text
    assert re.search(r"<h2>Draft \(1\)</h2>\s*<ul>\s*<li>\s*<a [^>]*>Idle</a>", text)


def test_marks_it_as_deleting_and_stops_its_runs(as_admin, admin, connection, bells):
    queued = RunFactory(parent=ImportFactory(connection=connection))
    as_admin.post(url(connection), confirm(connection))
    connection.refresh_from_db()
    queued.refresh_from_db()
    assert connection.state == Connection.State.DELETING
    assert connection.deletion_requested_by == admin
    assert queued.state == Run.State.STOPPED


def test_asks_a_running_run_to_stop_and_leaves_the_end_to_its_worker(as_admin, connection, bells):
    run = RunFactory(parent=ImportFactory(connection=connection))
    assert run.claim(owner="worker")
    as_admin.post(url(connection), confirm(connection))
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    assert run.stop_requested_at is not None
    assert "Warehouse" in run.stop_reason


def test_makes_its_imports_stopped_for_good(as_admin, connection, bells):
    found = ImportFactory(connection=connection)
    as_admin.post(url(connection), confirm(connection))
    found.refresh_from_db()
    assert found.status == Import.Status.STOPPED


def test_leaves_other_connections_alone(as_admin, connection, bells):
    other = RunFactory()
    as_admin.post(url(connection), confirm(connection))
    other.refresh_from_db()
    assert other.state == Run.State.QUEUED


def test_rings_for_the_deletion(as_admin, connection, bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        as_admin.post(url(connection), confirm(connection))
    assert ("connections.finish_deletion", {"connection_id": str(connection.pk)}) in bells


def test_shows_the_evidence_for_every_run_that_it_stopped(as_admin, as_member, connection, bells):
    RunFactory(parent=ImportFactory(connection=connection, nickname="Queued one"))
    running = RunFactory(parent=ImportFactory(connection=connection, nickname="Running one"))
    running.claim(owner="worker")
    running.record(job_id="clevertap_bq_run_7", job_state="running")
    RunFactory(parent=ImportFactory(connection=connection, nickname="Ended before"), stopped=True)
    as_admin.post(url(connection), confirm(connection))
    page = as_member.get(connection.get_absolute_url()).content.decode()
    text = page.partition('id="deletion"')[2].partition("</section>")[0]
    assert "Queued one" in text
    assert "Running one" in text
    assert "clevertap_bq_run_7" in text
    assert "Ended before" not in text


def test_refuses_when_the_list_changed_since_the_review(as_admin, connection, bells):
    answers = confirm(connection)
    RunFactory(parent=ImportFactory(connection=connection))
    text = as_admin.post(url(connection), answers).content.decode()
    connection.refresh_from_db()
    assert "changed since the list was shown" in text
    assert connection.state == Connection.State.ACTIVE


def test_refuses_without_the_typed_name_while_something_runs(as_admin, connection, bells):
    RunFactory(parent=ImportFactory(connection=connection))
    text = as_admin.post(url(connection), confirm(connection, typed_name="no")).content.decode()
    connection.refresh_from_db()
    assert "Type the name of the connection" in text
    assert connection.state == Connection.State.ACTIVE


def test_needs_no_typed_name_when_nothing_runs(as_admin, connection, bells):
    as_admin.post(url(connection), confirm(connection, typed_name=""))
    connection.refresh_from_db()
    assert connection.state == Connection.State.DELETING


def test_a_second_confirmation_changes_nothing(as_admin, connection, bells):
    answers = confirm(connection)
    as_admin.post(url(connection), answers)
    version = Connection.objects.get(pk=connection.pk).version
    assert as_admin.post(url(connection), answers).status_code == 302
    assert Connection.objects.get(pk=connection.pk).version == version


@pytest.mark.parametrize("who", ["as_creator", "as_member"])
def test_refuses_who_is_no_admin(who, request, connection, bells):
    client = request.getfixturevalue(who)
    assert client.post(url(connection), confirm(connection)).status_code == 403
    connection.refresh_from_db()
    assert connection.state == Connection.State.ACTIVE


def test_the_name_is_free_again_once_it_is_deleted(connection, bells):
    Connection.objects.update(
        state="deleted",
        deletion_requested_at=connection.created_at,
        deleted_at=connection.created_at,
    )
    ConnectionFactory(name="Warehouse")
    assert Connection.objects.filter(name="Warehouse").count() == 2
