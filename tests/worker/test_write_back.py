"""Write-back by a worker: only where it is wanted, tried again in measure, never after the key."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.deletion import finish_deletion
from connections.models import Access, Connection
from imports import tasks
from imports.models import REFUSED_TABLE, RUNS_TABLE, Run, WriteBack
from imports.runner import execute, execute_run
from imports.services import runs as run_services
from imports.services import write_backs
from imports.write_back import work, write_run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, UserFactory
from tests.fakes import FakeBigQuery, FakeCleverTap
from tests.refused import person, refuse

pytestmark = pytest.mark.django_db

TROUBLE = BigQueryUnavailable(Reason.SERVER_ERROR, "BigQuery has trouble of its own.")


@pytest.fixture
def google(monkeypatch):
    bigquery = FakeBigQuery([["c1", "c1@shop.example"]])
    bigquery.opened = []

    def opened(key, project):
        bigquery.opened.append((key, project))
        return bigquery

    monkeypatch.setattr(execute, "open_bigquery", opened)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: FakeCleverTap())
    monkeypatch.setattr(work, "open_bigquery", opened)
    monkeypatch.setattr(work, "POLL_SECONDS", 0)
    return bigquery


def ended(*, access=Access.READ_WRITE, deleting=False, **facts):
    connection = ConnectionFactory(access=access, deleting=deleting)
    run = RunFactory(
        parent=ImportFactory(connection=connection, write_back=True), succeeded=True, **facts
    )
    WriteBack.ask_for(run)
    return run


def try_now(run):
    WriteBack.objects.filter(pk=run.pk).update(not_before=None)
    wait = write_run(run_id=run.pk)
    return WriteBack.objects.get(pk=run.pk), wait


def tables(google):
    return [table for table, _ in google.loads.values()]


def started(bells, **about):
    parent = ImportFactory(**about)
    return run_services.start_run(parent=parent, by=parent.created_by, now=timezone.now())


def test_nothing_is_written_unless_it_was_switched_on(google, bells):
    run = started(bells)
    execute_run(run_id=run.pk)
    assert Run.objects.get(pk=run.pk).state == Run.State.SUCCEEDED
    assert not WriteBack.objects.exists()
    assert write_run(run_id=run.pk) is None
    assert google.kept == []


def test_the_end_of_a_run_is_written_once_it_is_final(google, bells):
    run = started(bells, write_back=True)
    execute_run(run_id=run.pk)
    assert google.loads == {}, "the run is over before anything is written"
    found, wait = try_now(run)
    assert (found.state, wait) == ("done", None)
    assert tables(google) == [RUNS_TABLE]
    ((_, line),) = google.loads.values()
    assert json.loads(line)["rows_accepted"] == 1


def test_the_task_of_a_run_rings_for_its_write_back(google, bells, monkeypatch):
    run = started(bells, write_back=True)
    rung = []
    monkeypatch.setattr(tasks, "ring", lambda task, **ids: rung.append((task.name, ids)))
    tasks.execute_run(run_id=str(run.pk))
    assert rung == [("imports.write_back", {"run_id": run.pk})]


@pytest.mark.parametrize("how", ["failed", "stopped before it began"])
def test_a_run_that_did_not_succeed_is_written_too(how, google, bells):
    run = started(bells, write_back=True)
    if how == "failed":
        google.table_failure = BigQueryRefused(Reason.TABLE_NOT_FOUND, "No such table.")
        execute_run(run_id=run.pk)
    else:
        by = UserFactory(creator=True)
        run_services.stop_run(run=run, by=by, reason="Stopped by hand", now=timezone.now())
    assert try_now(run)[0].state == "done"
    ((_, line),) = google.loads.values()
    written = json.loads(line)
    assert written["state"] == how.split()[0]
    assert written["sentence"] in {"No such table.", "Stopped by hand"}


def test_the_refused_rows_come_before_the_run(google):
    run = ended()
    refuse(run, person(1), person(2))
    assert try_now(run)[0].state == "done"
    assert tables(google) == [REFUSED_TABLE, RUNS_TABLE]


def test_of_a_refused_row_no_cell_leaves(google):
    run = ended()
    refuse(run, person(1, email="secret@shop.example"))
    try_now(run)
    lines = b"".join(lines for _, lines in google.loads.values())
    assert b"customer-1" in lines
    assert b"secret@shop.example" not in lines
    assert run.requested_by.email.encode() not in lines


@pytest.mark.parametrize("at", [0, 1])
def test_a_lost_answer_is_asked_for_under_the_same_id(at, google):
    run = ended()
    refuse(run, person(1))
    google.load_failures = [None] * at + [TROUBLE]
    found, wait = try_now(run)
    assert (found.state, found.code) == ("waiting", "server_error")
    assert 0 < wait <= work.FIRST_SECONDS
    assert try_now(run)[0].state == "done"
    assert len(google.loads) == 2, "a job for each table, however often it was asked for"


def test_trouble_changes_nothing_about_the_run_and_ends_after_eight_tries(google):
    run = ended()
    google.load_failures = [TROUBLE] * 20
    for _ in range(work.TRIES):
        found, _ = try_now(run)
    assert (found.state, found.attempts) == ("failed", work.TRIES)
    assert found.sentence == "BigQuery has trouble of its own. It was tried 8 times."
    assert Run.objects.get(pk=run.pk).state == Run.State.SUCCEEDED
    assert write_run(run_id=run.pk) is None


@pytest.mark.parametrize("reason", ["permission_denied", "key_deleted_or_rotated"])
def test_a_refusal_waits_for_people_and_asks_for_a_test(reason, google):
    run = ended()
    google.load_failures = [BigQueryRefused(Reason(reason), "Grant it.")]
    found, wait = try_now(run)
    assert (found.state, found.code, found.sentence, wait) == ("failed", reason, "Grant it.", None)
    assert Connection.objects.due_for_test(now=timezone.now()).exists()


def test_a_job_that_takes_long_is_come_back_to(google, monkeypatch):
    monkeypatch.setattr(work, "WAIT_SECONDS", -1)
    run = ended()
    google.polls = 1
    assert try_now(run)[0].sentence == "BigQuery is still loading the rows."
    google.polls = 0
    assert try_now(run)[0].state == "done"
    assert len(google.loads) == 1


@pytest.mark.parametrize(
    ("change", "state", "code"),
    [
        ({"access": Access.READ_ONLY}, "failed", "read_only"),
        ({"write_back": False}, "dropped", "switched_off"),
    ],
)
def test_what_is_not_wanted_any_more_is_not_written(change, state, code, google):
    run = ended()
    if "access" in change:
        Connection.objects.filter(pk=run.connection_id).update(**change)
    else:
        type(run.parent).objects.filter(pk=run.parent_id).update(**change)
    found, _ = try_now(run)
    assert (found.state, found.code) == (state, code)
    assert google.opened == []


def test_what_nobody_expected_is_a_failure_of_its_own(google):
    run = ended()
    google.load_failures = [ZeroDivisionError("customer@shop.example")]
    with pytest.raises(ZeroDivisionError):
        try_now(run)
    found = WriteBack.objects.get(pk=run.pk)
    assert (found.state, found.sentence) == ("failed", work.UNEXPECTED)


def test_two_workers_do_not_both_have_it(google):
    run = ended()
    first, second = (WriteBack.objects.get(pk=run.pk) for _ in range(2))
    assert first.claim()
    assert not second.claim()


def test_who_has_lost_it_loads_nothing(google, monkeypatch):
    """Another owner, as when this worker slept longer than its lease."""
    run = ended()
    monkeypatch.setattr(google, "keep_table", lambda *_, **__: WriteBack.objects.update(fence=100))
    assert write_run(run_id=run.pk) is None
    assert google.loads == {}


def test_the_tick_rings_for_what_waits(google, bells, django_capture_on_commit_callbacks):
    run = ended()
    with django_capture_on_commit_callbacks(execute=True):
        assert write_backs.ring_waiting(now=timezone.now()) == 1
        assert write_backs.ring_waiting(now=timezone.now()) == 0, "not at every tick"
    assert bells == [("imports.write_back", {"run_id": str(run.pk)})]


class TestDeletion:
    """The key is destroyed when nothing is to be written with it any more, and soon."""

    def test_waits_for_what_a_run_that_has_just_ended_writes(self, google):
        run = ended(deleting=True)
        assert not finish_deletion(connection_id=run.connection_id)
        assert try_now(run)[0].state == "done"
        assert finish_deletion(connection_id=run.connection_id)

    def test_does_not_wait_for_long(self, google):
        run = ended(deleting=True)
        WriteBack.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
        assert finish_deletion(connection_id=run.connection_id)
        found, _ = try_now(run)
        assert (found.state, found.code) == ("dropped", "connection_deleted")
        assert google.opened == []

    def test_waits_for_who_is_at_it_however_late(self, google):
        run = ended(deleting=True)
        found = WriteBack.objects.get(pk=run.pk)
        assert found.claim()
        WriteBack.objects.update(asked_at=timezone.now() - timedelta(hours=1))
        assert not finish_deletion(connection_id=run.connection_id)
        WriteBack.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert finish_deletion(connection_id=run.connection_id)
        assert not found.record(serial=1), "whoever it was holds nothing any more"

    def test_a_failed_one_is_not_waited_for(self, google):
        run = ended(deleting=True)
        WriteBack.objects.update(state="failed", finished_at=timezone.now())
        assert finish_deletion(connection_id=run.connection_id)


class TestTryAgain:
    def again(self, run):
        write_backs.try_again(run=run, by=UserFactory(creator=True), now=timezone.now())

    def failed(self, **about):
        run = ended(**about)
        WriteBack.objects.update(
            state="failed", finished_at=timezone.now(), attempts=8, serial=2, sentence="No."
        )
        return run

    def test_goes_on_with_the_same_jobs(self, google, bells):
        run = self.failed()
        self.again(run)
        found, _ = try_now(run)
        assert (found.state, found.attempts, found.serial) == ("done", 1, 2)

    @pytest.mark.parametrize(
        ("about", "says"),
        [
            ({"deleting": True}, "is being deleted"),
            ({"access": Access.READ_ONLY}, "is Read only"),
        ],
    )
    def test_is_refused_where_nothing_would_come_of_it(self, about, says, bells):
        run = self.failed(**about)
        with pytest.raises(write_backs.CannotTryAgain, match=says):
            self.again(run)
        assert WriteBack.objects.get().state == "failed"

    def test_is_refused_once_it_is_done(self, google, bells):
        run = ended()
        try_now(run)
        with pytest.raises(write_backs.CannotTryAgain, match="nothing to try again"):
            self.again(run)
