"""Whose turn it is: places go round the accounts first, then round their runs."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from imports import tasks
from imports.models import Run
from imports.runner import claim_of, turn_of
from tests.factories import CleverTapAccountFactory, ImportFactory, RunFactory

pytestmark = pytest.mark.django_db


def account(number):
    return CleverTapAccountFactory(account_id=f"ABC-DEF-{number:04}")


def waiting(account, *, minutes=0, **about):
    """A run that has waited for so long."""
    queued_at = timezone.now() - timedelta(minutes=minutes)
    return RunFactory(parent=ImportFactory(account=account), queued_at=queued_at, **about)


def at_work(account):
    run = waiting(account)
    assert run.claim(owner="somebody")
    return run


def turn(run, claim_id=""):
    return turn_of(run_id=run.pk, claim_id=claim_id)


class TestAmongAccounts:
    def test_an_account_with_nothing_at_work_comes_first(self):
        busy, quiet = account(1), account(2)
        at_work(busy)
        many = [waiting(busy, minutes=60) for _ in range(5)]
        one = waiting(quiet)
        assert {turn(run) for run in many} == {one.pk}

    def test_of_accounts_with_as_many_at_work_the_one_served_longest_ago_comes_first(self):
        first, second = account(1), account(2)
        at_work(first).hand_back()
        one = waiting(second)
        many = [waiting(first, minutes=60) for _ in range(3)]
        assert {turn(run) for run in many} == {one.pk}

    def test_two_rows_of_one_account_are_one_account(self):
        busy, same = account(1), account(1)
        at_work(busy)
        quiet = waiting(account(2))
        assert turn(waiting(same, minutes=60)) == quiet.pk

    def test_the_own_turn_is_not_given_away(self):
        busy, quiet = account(1), account(2)
        at_work(busy)
        waiting(busy, minutes=60)
        one = waiting(quiet)
        assert turn(one) == one.pk


class TestWithinAnAccount:
    def test_who_was_served_longest_ago_comes_first(self):
        sink = account(1)
        served = at_work(sink)
        served.hand_back()
        fresh = waiting(sink)
        assert turn(served) == turn(fresh) == fresh.pk

    def test_of_those_that_were_never_served_the_oldest_comes_first(self):
        sink = account(1)
        young, old = waiting(sink), waiting(sink, minutes=5)
        assert turn(young) == old.pk


class TestNobodyElse:
    def test_a_stop_is_never_put_off(self):
        sink = account(1)
        waiting(sink, minutes=60)
        stopping = waiting(sink, stop_requested_at=timezone.now())
        assert turn(stopping) == stopping.pk

    def test_a_run_that_somebody_holds_gives_nothing_away(self):
        sink = account(1)
        waiting(sink, minutes=60)
        held = at_work(sink)
        assert turn(held) == held.pk

    def test_a_run_that_waits_for_its_time_is_not_chosen(self):
        sink = account(1)
        waiting(sink, minutes=60, not_before=timezone.now() + timedelta(minutes=1))
        due = waiting(sink)
        assert turn(due) == due.pk

    def test_a_run_that_is_gone_has_no_turn(self):
        assert turn_of(run_id=uuid.uuid4(), claim_id="") is None


class TestOldBells:
    def test_a_bell_for_an_owner_who_came_is_void(self):
        run = waiting(account(1))
        bell = claim_of(run.pk)
        run.claim(owner="who came")
        run.hand_back()
        assert turn(run, bell) is None

    def test_the_bell_of_the_last_hand_back_counts(self):
        run = waiting(account(1))
        run.claim(owner="who came")
        run.hand_back()
        assert turn(run, claim_of(run.pk)) == run.pk

    def test_a_bell_without_a_claim_always_counts(self):
        run = waiting(account(1))
        run.claim(owner="who came")
        run.hand_back()
        assert turn(run) == run.pk


class TestTask:
    @pytest.fixture
    def worked(self, monkeypatch):
        done = []
        monkeypatch.setattr(
            "imports.runner.execute_run", lambda *, run_id: done.append(run_id) or 0
        )
        return done

    @pytest.fixture
    def rung(self, monkeypatch):
        bells = []
        monkeypatch.setattr(
            tasks,
            "ring",
            lambda task, *, wait_seconds=0, **ids: bells.append((ids["run_id"], ids["claim_id"])),
        )
        return bells

    def test_the_bell_of_who_gives_way_goes_on_and_the_other_is_rung_again(self, worked, rung):
        busy = account(1)
        at_work(busy)
        many, one = waiting(busy), waiting(account(2))
        tasks.execute_run(run_id=str(many.pk))
        assert worked == [one.pk]
        assert rung == [(many.pk, ""), (one.pk, "0")]

    def test_an_old_bell_makes_nobody_work(self, worked, rung):
        run = waiting(account(1))
        Run.objects.update(fence=3)
        tasks.execute_run(run_id=str(run.pk), claim_id="2")
        assert (worked, rung) == ([], [])
