"""A run's legal transitions, each stated with its refusals; on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from imports.models import Run
from tests.factories import ImportFactory, RunFactory

pytestmark = pytest.mark.django_db


def lapse(run):
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=60))


class TestClaim:
    def test_takes_a_queued_run_and_raises_the_fence(self):
        run = RunFactory()
        assert run.claim(owner="a")
        assert (run.state, run.fence, run.owner) == (Run.State.RUNNING, 1, "a")

    def test_refuses_while_somebody_holds_it(self):
        run = RunFactory()
        assert run.claim(owner="a")
        assert not Run.objects.get(pk=run.pk).claim(owner="b")

    def test_sees_how_far_the_owner_before_came(self):
        run = RunFactory()
        stale = Run.objects.get(pk=run.pk)
        run.claim(owner="a")
        run.record(next_row=7, job_id="job-1")
        lapse(run)
        assert stale.claim(owner="b")
        assert (stale.next_row, stale.job_id, stale.fence) == (7, "job-1", 2)

    def test_takes_over_when_the_lease_has_ended(self):
        run = RunFactory()
        run.claim(owner="a")
        lapse(run)
        other = Run.objects.get(pk=run.pk)
        assert other.claim(owner="b")
        assert (other.fence, other.takeovers) == (2, 1)

    def test_a_hand_back_is_no_takeover(self):
        run = RunFactory()
        run.claim(owner="a")
        run.hand_back()
        other = Run.objects.get(pk=run.pk)
        assert other.claim(owner="b")
        assert other.takeovers == 0

    def test_waits_until_its_time_has_come(self):
        run = RunFactory()
        run.claim(owner="a")
        run.hand_back(wait=timedelta(minutes=5), troubled=True)
        assert not Run.objects.get(pk=run.pk).claim(owner="b")

    def test_does_not_wait_when_it_is_to_stop(self):
        run = RunFactory()
        run.claim(owner="a")
        run.hand_back(wait=timedelta(minutes=5))
        Run.objects.update(stop_requested_at=timezone.now())
        assert Run.objects.get(pk=run.pk).claim(owner="b")

    @pytest.mark.parametrize("state", Run.State.final())
    def test_never_wakes_a_final_run(self, state):
        run = RunFactory(state=state, finished_at=timezone.now())
        assert not run.claim(owner="a")


class TestFence:
    def test_an_owner_of_before_can_write_nothing(self):
        old = RunFactory()
        old.claim(owner="a")
        lapse(old)
        Run.objects.get(pk=old.pk).claim(owner="b")
        assert not old.record(next_row=5)
        assert not old.extend_lease()
        assert not old.hand_back()
        assert not old.finish(Run.State.SUCCEEDED)
        assert Run.objects.get(pk=old.pk).next_row == 0

    def test_a_lease_is_not_extended_while_a_stop_waits(self):
        run = RunFactory()
        run.claim(owner="a")
        Run.objects.update(stop_requested_at=timezone.now())
        assert not run.extend_lease()
        assert run.hold_lease()

    def test_a_final_state_never_changes(self):
        run = RunFactory()
        run.claim(owner="a")
        assert run.finish(Run.State.STOPPED)
        assert not run.finish(Run.State.SUCCEEDED)
        assert Run.objects.get(pk=run.pk).state == Run.State.STOPPED


class TestConstraints:
    def test_one_active_run_for_an_import(self):
        run = RunFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            RunFactory(parent=run.parent)

    def test_another_one_after_the_first_has_ended(self):
        run = RunFactory(succeeded=True)
        assert RunFactory(parent=run.parent).pk

    def test_one_run_for_a_slot(self):
        parent, slot = ImportFactory(), timezone.now()
        RunFactory(parent=parent, scheduled_for=slot, succeeded=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            RunFactory(parent=parent, scheduled_for=slot)

    def test_refuses_sums_that_disagree(self):
        run = RunFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(read_count=3, accepted_count=2)

    @pytest.mark.parametrize("state", Run.State.final())
    @pytest.mark.parametrize("another", Run.State)
    def test_refuses_another_state_after_a_final_one(self, state, another):
        run = RunFactory(state=state, finished_at=timezone.now())
        found, ended = Run.objects.filter(pk=run.pk), another in Run.State.final()
        if another == state:
            assert found.update(state=another, trouble_code="") == 1
            return
        with pytest.raises(IntegrityError, match="keeps its state"), transaction.atomic():
            found.update(state=another, finished_at=timezone.now() if ended else None)

    def test_refuses_a_final_state_without_its_time(self):
        run = RunFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(state="succeeded")

    def test_refuses_a_negative_count(self):
        run = RunFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(accepted_count=-1, refused_count=1)
