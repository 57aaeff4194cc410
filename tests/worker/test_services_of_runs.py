"""Starting and stopping runs: each refusal stated, and that nothing was written or rung."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Run
from imports.services import runs
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(creator=True)


def start(parent, by):
    return runs.start_run(parent=parent, by=by, now=timezone.now())


class TestStart:
    def test_queues_a_run_with_a_snapshot_and_rings(
        self, by, bells, django_capture_on_commit_callbacks
    ):
        parent = ImportFactory()
        with django_capture_on_commit_callbacks(execute=True):
            run = start(parent, by)
        assert run.snapshot["mapping"] == parent.mapping
        assert bells == [("imports.execute_run", {"run_id": str(run.pk)})]

    @pytest.mark.parametrize(
        ("trait", "sentence"), [("draft", "Map the columns first"), ("stopped", "was stopped")]
    )
    def test_refuses_an_import_that_cannot_run(self, trait, sentence, by, bells):
        with pytest.raises(runs.CannotStart, match=sentence):
            start(ImportFactory(**{trait: True}), by)
        assert not Run.objects.exists()

    def test_refuses_under_a_connection_that_is_being_deleted(self, by, bells):
        parent = ImportFactory(connection=ConnectionFactory(deleting=True))
        with pytest.raises(runs.CannotStart, match="is being deleted"):
            start(parent, by)
        assert not Run.objects.exists()

    def test_refuses_a_second_run_while_one_is_at_work(
        self, by, bells, django_capture_on_commit_callbacks
    ):
        run = RunFactory()
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(runs.CannotStart, match="already at work"),
        ):
            start(run.parent, by)
        assert (Run.objects.count(), bells) == (1, [])


class TestStop:
    def test_ends_a_queued_run_at_once(self, by, bells):
        run = RunFactory()
        runs.stop_run(run=run, by=by, reason="Stopped by hand", now=timezone.now())
        run.refresh_from_db()
        assert (run.state, run.stop_requested_by) == (Run.State.STOPPED, by)

    def test_asks_the_owner_of_a_running_run(self, by, bells):
        run = RunFactory()
        run.claim(owner="worker")
        runs.stop_run(run=run, by=by, reason="Stopped by hand", now=timezone.now())
        run.refresh_from_db()
        assert (run.state, run.is_stopping) == (Run.State.RUNNING, True)

    def test_keeps_the_first_who_asked(self, by, bells):
        run = RunFactory()
        run.claim(owner="worker")
        runs.stop_run(run=run, by=by, reason="First", now=timezone.now())
        runs.stop_run(run=run, by=UserFactory(creator=True), reason="Second", now=timezone.now())
        run.refresh_from_db()
        assert (run.stop_requested_by, run.stop_reason) == (by, "First")

    def test_refuses_a_run_that_has_ended(self, by):
        run = RunFactory(succeeded=True)
        with pytest.raises(runs.AlreadyFinal):
            runs.stop_run(run=run, by=by, reason="Late", now=timezone.now())


class TestRingingAgain:
    @pytest.fixture
    def ring(self, bells, django_capture_on_commit_callbacks):
        def again():
            with django_capture_on_commit_callbacks(execute=True):
                runs.ring_waiting_runs(now=timezone.now())
            return [ids["run_id"] for _, ids in bells]

        return again

    def test_rings_for_a_run_whose_bell_was_lost(self, ring):
        run = RunFactory(rung_at=timezone.now() - timedelta(minutes=1))
        assert ring() == [str(run.pk)]

    def test_rings_for_a_run_whose_worker_died(self, ring):
        run = RunFactory()
        run.claim(owner="dead")
        Run.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
        assert ring() == [str(run.pk)]

    def test_rings_at_once_for_a_lease_that_ended_since_the_last_bell(self, ring):
        run = RunFactory(rung_at=timezone.now() - timedelta(seconds=6))
        run.claim(owner="dead")
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert ring() == [str(run.pk)]

    def test_rings_for_each_shard_that_nobody_holds_and_not_for_its_run(self, ring):
        run = RunFactory(rung_at=timezone.now() - timedelta(minutes=1))
        run.claim(owner="cutter")
        run.cut([(0, 10), (10, 20), (20, 30)])
        held, dead, waiting = run.shards.order_by("number")
        held.claim(owner="alive")
        dead.claim(owner="dead")
        run.shards.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert set(ring()) == {str(dead.pk), str(waiting.pk)}
        assert len(ring()) == 2, "they were rung for just now"

    def test_rings_for_a_run_whose_shards_are_all_sent(self, ring):
        run = RunFactory(rung_at=timezone.now() - timedelta(minutes=1))
        run.claim(owner="cutter")
        run.cut([(0, 10), (10, 20)])
        run.shards.update(next_row=20, end_row=20)
        assert ring() == [str(run.pk)]

    def test_gives_workers_time_once_that_bell_was_rung(self, ring):
        run = RunFactory(rung_at=timezone.now() - timedelta(seconds=3))
        run.claim(owner="dead")
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=4))
        assert ring() == []

    def test_lets_a_living_worker_be(self, ring):
        RunFactory().claim(owner="alive")
        assert ring() == []

    def test_does_not_ring_twice_in_a_row(self, ring):
        RunFactory()
        assert ring() == ring()

    def test_never_rings_for_a_final_run(self, ring):
        RunFactory(succeeded=True)
        assert ring() == []
