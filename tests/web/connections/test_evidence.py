"""The evidence page: from the first second, until the key is gone, and ever after."""

import pytest
from django.db import connection as database

from connections.deletion import finish_deletion
from connections.evidence import evidence_of
from connections.models import Connection
from connections.services import deletion
from connections.services.deletion import Decision
from connections.services.move_targets import Target
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, UserFactory


@pytest.fixture
def connection(db):
    return ConnectionFactory(name="Warehouse")


@pytest.fixture
def begun(connection):
    run = RunFactory(parent=ImportFactory(connection=connection, nickname="Begun"))
    run.claim(owner="worker")
    run.record(job_id="clevertap_bq_7", job_state="running", read_count=1200, accepted_count=1200)
    return run


def delete(connection, choice="stop", target=None):
    review = deletion.review_deletion(connection)
    decision = Decision(
        token=review.token,
        typed_name=connection.name,
        choice=choice,
        target=target and Target(target.pk, target.version),
    )
    by = UserFactory(admin=True, email=f"{choice}@shop.example")
    deletion.delete_connection(
        connection=connection, decision=decision, by=by, now=connection.created_at
    )


def page(client, connection):
    return " ".join(client.get(connection.get_absolute_url()).content.decode().split())


def test_says_who_when_and_what_was_chosen(as_member, connection, begun, bells):
    delete(connection, "finish")
    text = page(as_member, connection)
    assert "finish@shop.example" in text
    assert "Let current runs finish" in text
    assert "1 run goes on to the end; then the key is destroyed." in text


def test_shows_rows_job_and_what_becomes_of_it(as_member, connection, begun, bells):
    delete(connection)
    text = page(as_member, connection)
    assert "1,200" in text
    assert "clevertap_bq_7" in text
    assert "Being cancelled" in text
    assert "Cancelled, seen done" not in text


def test_calls_a_job_done_only_when_google_has_said_so(as_member, connection, begun, bells):
    delete(connection)
    begun.record(job_state=Run.JobState.CANCELLED, bytes_billed=10_485_760)
    text = page(as_member, connection)
    assert "Cancelled, seen done" in text
    assert "10.0 MiB" in text


def test_admits_what_could_not_be_confirmed(as_member, connection, begun, bells):
    delete(connection)
    begun.record(job_state=Run.JobState.UNKNOWN)
    begun.finish(Run.State.STOPPED)
    finish_deletion(connection_id=connection.pk)
    text = page(as_member, connection)
    assert "could not be confirmed; look at them in Google Cloud: clevertap_bq_7" in text
    assert "every BigQuery job is done" not in text


def test_polls_until_the_key_is_gone(as_member, connection, begun, bells):
    delete(connection)
    assert 'data-poll="1"' in page(as_member, connection)
    begun.finish(Run.State.STOPPED)
    finish_deletion(connection_id=connection.pk)
    text = page(as_member, connection)
    assert "data-poll" not in text
    assert "Every run is stopped, every BigQuery job is done, and the key is destroyed." in text


def test_a_run_that_ends_while_it_is_counted_goes_on_nowhere(connection, begun, bells):
    delete(connection)
    connection.refresh_from_db()

    def ends_after(execute, sql, *more):
        answer = execute(sql, *more)
        if "COUNT(" in sql and Run.objects.active().exists():
            begun.finish(Run.State.STOPPED)
        return answer

    with database.execute_wrapper(ends_after):
        evidence = evidence_of(connection)
    assert Run.objects.get().is_final
    assert evidence.going_on == 0
    assert evidence.ended in {"0 of 1", "1 of 1"}


def test_looks_less_often_while_runs_are_let_finish(as_member, connection, begun, bells):
    delete(connection, "finish")
    assert 'data-poll="5"' in page(as_member, connection)


def test_a_run_that_was_let_finish_stays_in_the_evidence(as_member, connection, begun, bells):
    delete(connection, "finish")
    begun.finish(Run.State.SUCCEEDED)
    finish_deletion(connection_id=connection.pk)
    text = page(as_member, connection)
    assert "Runs that were at work" in text
    assert "Begun" in text
    assert "Every run has ended, every BigQuery job is done, and the key is destroyed." in text


def test_lists_the_imports_that_were_moved_and_where_they_are(as_member, connection, bells):
    ImportFactory(connection=connection, nickname="Travelling")
    delete(connection, "move", target=ConnectionFactory(name="Lake"))
    text = page(as_member, connection)
    assert "Imports that were moved" in text
    assert "Travelling" in text
    assert "Lake" in text


def test_leaves_out_runs_that_ended_before(as_member, connection, bells):
    RunFactory(
        parent=ImportFactory(connection=connection, nickname="Long ago"),
        succeeded=True,
        finished_at="2026-01-01T00:00:00Z",
    )
    delete(connection)
    assert "Runs that were stopped" not in page(as_member, connection)


def test_says_of_a_deletion_of_an_older_version_what_is_known(as_member, connection):
    now = connection.created_at
    Connection.objects.update(state="deleted", deletion_requested_at=now, deleted_at=now)
    assert "On the server" in page(as_member, connection)


def test_is_absent_from_a_connection_that_nobody_deleted(as_member, connection, begun):
    assert 'id="deletion"' not in page(as_member, connection)
