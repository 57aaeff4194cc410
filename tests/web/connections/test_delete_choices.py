"""The three choices of a deletion, and what each refuses."""

import re

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from connections.models import Connection
from connections.services import deletion
from imports.models import Import, Move, Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

LIST = "/settings/partners/import-connections/"


@pytest.fixture
def connection(db):
    return ConnectionFactory(name="Warehouse")


@pytest.fixture
def target(db):
    return ConnectionFactory(name="Lake", dataset_id="lake")


@pytest.fixture
def begun(connection):
    """A run that a worker has taken."""
    run = RunFactory(parent=ImportFactory(connection=connection, nickname="Begun"))
    run.claim(owner="worker")
    return run


@pytest.fixture
def queued(connection):
    return RunFactory(parent=ImportFactory(connection=connection, nickname="Waiting"))


def answers(connection, choice, **more):
    token = deletion.review_deletion(connection).token
    return {"token": token, "typed_name": connection.name, "choice": choice, **more}


def confirm(client, connection, choice, **more):
    return client.post(f"{LIST}{connection.pk}/delete/", answers(connection, choice, **more))


def to(target):
    return {"target": f"{target.pk}:{target.version}"}


def fresh(row):
    return type(row).objects.get(pk=row.pk)


class TestLettingThemFinish:
    def test_lets_a_run_that_has_begun_go_on(self, as_admin, connection, begun, bells):
        confirm(as_admin, connection, "finish")
        assert fresh(begun).stop_requested_at is None
        assert fresh(begun).state == Run.State.RUNNING
        assert fresh(connection).deletion_choice == "finish"

    def test_stops_a_run_that_no_worker_has_begun(self, as_admin, connection, queued, bells):
        confirm(as_admin, connection, "finish")
        assert fresh(queued).state == Run.State.STOPPED
        assert "was deleted" in fresh(queued).stop_reason

    def test_lets_no_import_start_again(self, as_admin, connection, begun, bells):
        confirm(as_admin, connection, "finish")
        assert not fresh(begun.parent).can_run

    def test_needs_the_typed_name_too(self, as_admin, connection, begun, bells):
        confirm(as_admin, connection, "finish", typed_name="")
        assert fresh(connection).is_active

    def test_offers_to_stop_them_after_all(self, as_admin, as_member, connection, begun, bells):
        confirm(as_admin, connection, "finish")
        assert "Stop them now" in as_admin.get(connection.get_absolute_url()).content.decode()
        assert "Stop them now" not in as_member.get(connection.get_absolute_url()).content.decode()
        as_admin.post(f"{LIST}{connection.pk}/deletion/stop/")
        assert fresh(begun).is_stopping
        assert AuditEntry.objects.filter(action="runs of a deletion stopped").count() == 1

    def test_stopping_them_twice_is_recorded_once(self, as_admin, connection, begun, bells):
        confirm(as_admin, connection, "finish")
        for _ in range(2):
            as_admin.post(f"{LIST}{connection.pk}/deletion/stop/")
        assert AuditEntry.objects.filter(action="runs of a deletion stopped").count() == 1

    def test_nothing_is_stopped_under_a_connection_that_stays(self, as_admin, connection, begun):
        answer = as_admin.post(f"{LIST}{connection.pk}/deletion/stop/", follow=True)
        assert "No run is left that could be stopped" in answer.content.decode()
        assert not fresh(begun).is_stopping

    @pytest.mark.parametrize("who", ["as_creator", "as_member"])
    def test_stopping_them_is_for_admins(self, who, request, connection):
        client = request.getfixturevalue(who)
        assert client.post(f"{LIST}{connection.pk}/deletion/stop/").status_code == 403

    def test_is_not_offered_when_nothing_runs(self, as_admin, connection):
        ImportFactory(connection=connection)
        text = as_admin.get(f"{LIST}{connection.pk}/delete/").content.decode()
        assert "Let current runs finish" not in text
        assert "Move the imports to another connection" in text


class TestMoving:
    def test_takes_every_import_along_drafts_too(self, as_admin, admin, connection, target, bells):
        ready = ImportFactory(connection=connection)
        draft = ImportFactory(connection=connection, draft=True)
        confirm(as_admin, connection, "move", **to(target))
        assert {fresh(ready).connection, fresh(draft).connection} == {target}
        assert (fresh(ready).status, fresh(draft).status) == ("ready", "draft")
        assert fresh(connection).moved_to == target
        assert Move.objects.filter(from_connection=connection, moved_by=admin).count() == 2

    def test_leaves_a_run_that_has_begun_with_its_key_and_place(
        self, as_admin, connection, target, begun, bells
    ):
        confirm(as_admin, connection, "move", **to(target))
        run = fresh(begun)
        assert run.parent.connection == target
        assert (run.connection, run.key_in_use) == (connection, connection.key)
        assert not run.is_stopping

    def test_lets_a_queued_run_read_from_the_new_place(
        self, as_admin, connection, target, queued, bells
    ):
        confirm(as_admin, connection, "move", **to(target))
        run = fresh(queued)
        assert (run.state, run.connection, run.key_in_use) == ("queued", target, target.key)
        assert (run.snapshot["dataset_id"], run.dataset_id) == ("lake", "lake")

    def test_leaves_finished_runs_under_the_name_they_had(
        self, as_admin, connection, target, bells
    ):
        old = RunFactory(parent=ImportFactory(connection=connection), succeeded=True)
        confirm(as_admin, connection, "move", **to(target))
        text = as_admin.get(old.get_absolute_url()).content.decode()
        assert re.search(r">Warehouse</a> \(\w+\), table <code>customers</code>", text)

    def test_records_each_import_in_the_trail(self, as_admin, connection, target, bells):
        ImportFactory.create_batch(2, connection=connection)
        confirm(as_admin, connection, "move", **to(target))
        entries = AuditEntry.objects.filter(action="import moved")
        assert entries.count() == 2
        assert entries[0].before["connection"] == "Warehouse"
        assert entries[0].after == {
            "connection": "Lake", "project_id": "shop-4711", "dataset_id": "lake"
        }  # fmt: skip

    def test_shows_place_and_verdict_of_each_target(self, as_admin, connection, target):
        ConnectionFactory(name="Twin")
        ImportFactory(connection=connection)
        text = as_admin.get(f"{LIST}{connection.pk}/delete/").content.decode()
        assert "Lake (shop-4711.lake), Not verified" in text
        other = text.index("Other place: the tables must exist there")
        assert text.index("Twin (shop-4711.shop)") < other < text.index("Lake (shop-4711.lake)")

    def test_says_so_when_there_is_nowhere_to_go(self, as_admin, connection, bells):
        ImportFactory(connection=connection)
        answer = confirm(as_admin, connection, "move")
        assert "There is no other connection" in answer.content.decode()
        assert fresh(connection).is_active

    @pytest.mark.parametrize("value", ["", "x", "1:1", "../..", "\x00", "nobody:1", "a" * 5000])
    def test_refuses_a_target_that_is_none(self, value, as_admin, connection, target, bells):
        ImportFactory(connection=connection)
        answer = confirm(as_admin, connection, "move", target=value)
        assert answer.status_code == 200
        assert "Connection to move to" in answer.content.decode()
        assert fresh(connection).is_active

    def test_refuses_itself(self, as_admin, connection, target, bells):
        found = ImportFactory(connection=connection)
        confirm(as_admin, connection, "move", **to(connection))
        assert (fresh(connection).is_active, fresh(found).connection) == (True, connection)

    def test_refuses_a_target_that_is_being_deleted(self, as_admin, connection, bells):
        found = ImportFactory(connection=connection)
        leaving = ConnectionFactory(name="Leaving", deleting=True)
        answer = confirm(as_admin, connection, "move", **to(leaving))
        assert "was changed or deleted since the list was shown" in answer.content.decode()
        assert fresh(found).connection == connection

    def test_refuses_a_target_that_reads_elsewhere_by_now(
        self, as_admin, connection, target, bells
    ):
        ImportFactory(connection=connection)
        Connection.objects.filter(pk=target.pk).update(dataset_id="other", version=2)
        answer = confirm(as_admin, connection, "move", **to(target))
        assert "was changed or deleted since the list was shown" in answer.content.decode()
        assert fresh(connection).is_active

    def test_keeps_what_was_chosen_when_it_asks_again(self, as_admin, connection, target, begun):
        answer = confirm(as_admin, connection, "move", typed_name="no", **to(target))
        text = answer.content.decode()
        assert f'value="{target.pk}:1" selected' in text
        assert "Type the name of the connection" in text

    def test_a_second_time_moves_nothing(self, as_admin, connection, target, bells):
        ImportFactory(connection=connection)
        again = answers(connection, "move", **to(target))
        for _ in range(2):
            assert as_admin.post(f"{LIST}{connection.pk}/delete/", again).status_code == 302
        assert Move.objects.count() == 1


class TestChoosing:
    def test_no_answer_means_to_stop_them_now(self, as_admin, connection, begun, bells):
        posted = answers(connection, "")
        del posted["choice"]
        as_admin.post(f"{LIST}{connection.pk}/delete/", posted)
        assert (fresh(connection).deletion_choice, fresh(begun).is_stopping) == ("stop", True)

    @pytest.mark.parametrize("choice", ["keep", "STOP", "<b>", "stop,finish", "\x00"])
    def test_refuses_a_choice_that_there_is_not(self, choice, as_admin, connection, begun, bells):
        answer = confirm(as_admin, connection, choice)
        assert "Choose what becomes of the imports" in answer.content.decode()
        assert fresh(connection).is_active

    def test_a_target_is_of_no_matter_to_the_other_choices(self, as_admin, connection, bells):
        ImportFactory(connection=connection)
        confirm(as_admin, connection, "stop", target="x")
        assert fresh(connection).deletion_choice == "stop"

    def test_sixty_imports_stand_under_their_headings(self, as_admin, connection):
        for status in Import.Status.values:
            ImportFactory.create_batch(12, connection=connection, status=status)
        text = as_admin.get(f"{LIST}{connection.pk}/delete/").content.decode()
        for heading in ("Scheduled", "Ready", "Paused", "Draft", "Stopped"):
            assert f"<h2>{heading} (12)</h2>" in text

    def test_fifty_runs_are_stopped_with_one_confirmation(self, as_admin, connection, bells):
        for found in ImportFactory.create_batch(50, connection=connection):
            RunFactory(parent=found, queued_at=timezone.now())
        text = as_admin.get(f"{LIST}{connection.pk}/delete/").content.decode()
        assert "50 imports are running" in text
        confirm(as_admin, connection, "stop")
        assert not Run.objects.active().exists()
