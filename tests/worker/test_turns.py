"""Whose turn it is: places go round the accounts first, then round their runs."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from imports import tasks
from imports.models import Run
from imports.runner import claim_of, next_turn, turn_of
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


class TestShards:
    @pytest.fixture
    def run(self):
        """Cut, and nobody has taken a shard."""
        run = at_work(account(1))
        assert run.cut([(0, 10), (10, 20)])
        return run

    def shards(self, run):
        return list(run.shards.order_by("number"))

    def test_the_first_that_waits_comes_first(self, run):
        first, second = self.shards(run)
        assert turn(second) == first.pk
        first.claim(owner="somebody")
        assert turn(second) == second.pk

    def test_a_run_that_was_not_served_comes_before_the_next_shard(self, run):
        first, second = self.shards(run)
        first.claim(owner="somebody")
        one = waiting(account(1))
        assert turn(second) == one.pk

    def test_each_owner_of_a_shard_is_one_at_work_for_the_account(self, run):
        for shard in self.shards(run):
            shard.claim(owner="somebody")
        at_work(account(2))
        more, one = waiting(account(1), minutes=60), waiting(account(2))
        assert turn(more) == one.pk

    def test_a_stop_of_its_run_is_never_put_off(self, run):
        waiting(account(2), minutes=60)
        Run.objects.filter(pk=run.pk).update(stop_requested_at=timezone.now())
        assert turn(self.shards(run)[1]) == self.shards(run)[1].pk

    def test_old_bells_of_a_shard_are_void(self, run):
        shard = self.shards(run)[0]
        bell = claim_of(shard.pk)
        assert shard.claim(owner="who came")
        assert turn(shard, bell) is None
        shard.hand_back()
        assert turn(shard, claim_of(shard.pk)) == shard.pk


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


class TestWhoComesNext:
    def test_a_place_goes_on_to_who_has_waited_longest(self):
        ended = at_work(account(1))
        waiting(account(1), minutes=1)
        longest = waiting(account(1), minutes=2)
        assert next_turn(after=ended.pk) == longest.pk

    def test_to_nobody_where_nobody_waits(self):
        ended = at_work(account(1))
        waiting(account(1), not_before=timezone.now() + timedelta(minutes=1))
        assert next_turn(after=ended.pk) is None

    def test_what_could_not_be_claimed_is_not_tried_in_a_circle(self):
        waits = waiting(account(1), minutes=2)
        waiting(account(1), minutes=1)
        assert next_turn(after=waits.pk) is None


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

    @pytest.mark.parametrize("ending", ["it ends", "another was quicker"])
    def test_a_bell_that_was_lost_is_rung_by_who_has_nothing_more_to_do(
        self, monkeypatch, rung, ending
    ):
        mine, other = waiting(account(1), minutes=2), waiting(account(1), minutes=1)

        def work(*, run_id):
            assert run_id == mine.pk
            if ending == "it ends":
                assert mine.claim(owner="this one")
                assert mine.finish(Run.State.STOPPED)
            else:
                assert mine.claim(owner="another")

        monkeypatch.setattr("imports.runner.execute_run", work)
        tasks.execute_run(run_id=str(mine.pk), claim_id="0")
        assert rung == [(other.pk, "0")]

    def test_bells_that_are_passed_on_end_once_nobody_waits(self, monkeypatch, rung):
        runs = [waiting(account(1), minutes=number) for number in range(6)]
        served = []

        def work(*, run_id):
            """Two slices for each."""
            run = Run.objects.get(pk=run_id)
            if not run.claim(owner=f"owner {len(served)}"):
                return None
            is_over = run_id in served
            served.append(run_id)
            run.finish(Run.State.STOPPED) if is_over else run.hand_back()
            return None if is_over else 0

        monkeypatch.setattr("imports.runner.execute_run", work)
        rung += [(run.pk, "") for run in runs]
        taken = 0
        while rung and taken < 100:
            run_id, claim_id = rung.pop(0)
            tasks.execute_run(run_id=str(run_id), claim_id=claim_id)
            taken += 1
        assert not Run.objects.active().exists()
        assert (rung, len(served)) == ([], 12)
        assert taken <= 3 * len(served)

    def test_who_goes_on_rings_for_nobody_else(self, worked, rung):
        mine, _ = waiting(account(1), minutes=2), waiting(account(1), minutes=1)
        tasks.execute_run(run_id=str(mine.pk), claim_id="0")
        assert rung == [(mine.pk, "0")]

    def test_an_old_bell_makes_nobody_work(self, worked, rung):
        run = waiting(account(1))
        Run.objects.update(fence=3)
        tasks.execute_run(run_id=str(run.pk), claim_id="2")
        assert (worked, rung) == ([], [])

    def test_all_shards_of_a_run_that_was_cut_are_rung_for(self, monkeypatch, rung):
        run = waiting(account(1))

        def cut(*, run_id):
            assert run.claim(owner="cutter")
            assert run.cut([(0, 10), (10, 20)])
            return 0

        monkeypatch.setattr("imports.runner.execute_run", cut)
        tasks.execute_run(run_id=str(run.pk))
        assert rung == [(shard.pk, "0") for shard in run.shards.order_by("number")]
