"""The requests of one account, shared by the runs that send to it: never more than 15."""

import random
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from imports.models import Run, Shard
from imports.runner import share as share_module
from imports.runner.grip import Grip, StopAsked
from imports.runner.shards import take
from imports.runner.share import AccountFull, Share, part_of
from tests.factories import CleverTapAccountFactory, ImportFactory, RunFactory

pytestmark = pytest.mark.django_db
TOTAL = 15


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Each refresh asks."""
    monkeypatch.setattr(share_module, "REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(share_module, "HURRY_SECONDS", 0.0)


@pytest.fixture
def account():
    return CleverTapAccountFactory()


def sender(account):
    """The share of a run that is at work, as its owner has it."""
    run = RunFactory(parent=ImportFactory(account=account), job_state=Run.JobState.DONE)
    assert run.claim(owner="me")
    return Share(Grip(run))


def held(account):
    live = Run.objects.sending_to(account)
    return sum(live.values_list("slots", flat=True))


class TestParts:
    @pytest.mark.parametrize("count", range(1, 16))
    def test_all_slots_are_given_out_and_nobody_has_two_more(self, count):
        parts = [part_of(rank, count, TOTAL) for rank in range(count)]
        assert sum(parts) == TOTAL
        assert max(parts) - min(parts) <= 1

    def test_beyond_fifteen_the_last_have_none(self):
        assert [part_of(rank, 18, TOTAL) for rank in range(18)] == [1] * 15 + [0] * 3


class TestAgreement:
    def test_who_is_alone_has_all(self, account):
        alone = sender(account)
        alone.refresh(in_flight=0)
        assert alone.slots == TOTAL

    def test_a_newcomer_waits_until_the_other_has_given_back(self, account):
        first = sender(account)
        first.refresh(in_flight=0)
        second = sender(account)
        second.refresh(in_flight=0)
        assert (first.slots, second.slots) == (TOTAL, 0)
        first.refresh(in_flight=0)
        second.refresh(in_flight=0)
        assert (first.slots, second.slots) == (8, 7)

    def test_requests_under_way_keep_their_slots_until_they_end(self, account):
        first = sender(account)
        first.refresh(in_flight=0)
        second = sender(account)
        first.refresh(in_flight=12)
        second.refresh(in_flight=0)
        assert (first.slots, second.slots) == (12, 3)
        first.refresh(in_flight=2)
        second.refresh(in_flight=3)
        assert (first.slots, second.slots) == (8, 7)

    def test_two_rows_of_one_account_share(self, account):
        same = CleverTapAccountFactory(region=account.region, account_id=account.account_id)
        first, second = sender(account), sender(same)
        first.refresh(in_flight=0)
        second.refresh(in_flight=0)
        assert (first.slots, second.slots) == (8, 7)

    def test_other_accounts_do_not_matter(self, account):
        first, second = sender(account), sender(CleverTapAccountFactory(account_id="ZZZ-ZZZ-ZZZZ"))
        first.refresh(in_flight=0)
        second.refresh(in_flight=0)
        assert (first.slots, second.slots) == (TOTAL, TOTAL)

    def test_a_run_whose_query_is_at_work_takes_no_part(self, account):
        alone, other = sender(account), sender(account)
        Run.objects.filter(pk=other.grip.run.pk).update(job_state=Run.JobState.RUNNING)
        alone.refresh(in_flight=0)
        assert alone.slots == TOTAL

    def test_what_a_dead_owner_held_is_free_when_its_lease_has_ended(self, account):
        dead = sender(account)
        dead.refresh(in_flight=0)
        other = sender(account)
        other.refresh(in_flight=0)
        assert other.slots == 0
        Run.objects.filter(pk=dead.grip.run.pk).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        other.refresh(in_flight=0)
        assert other.slots == TOTAL

    def test_who_stood_still_until_others_took_its_slots_gives_them_up(self, account):
        frozen, other = sender(account), sender(account)
        frozen.refresh(in_flight=0)
        Run.objects.filter(pk=frozen.grip.run.pk).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        other.refresh(in_flight=0)
        assert other.slots == TOTAL
        frozen.refresh(in_flight=0)
        assert (frozen.slots, held(account)) == (0, TOTAL)

    def test_nor_does_it_keep_them_for_requests_that_were_over_before(self, account, monkeypatch):
        """It stood still with answers that it had not looked at: they hold no slot any more."""
        frozen, other = sender(account), sender(account)
        frozen.refresh(in_flight=0)
        Run.objects.filter(pk=frozen.grip.run.pk).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        other.refresh(in_flight=0)
        later = time.monotonic() + settings.RUN_LEASE_SECONDS
        monkeypatch.setattr(share_module.time, "monotonic", lambda: later)
        frozen.refresh(in_flight=12)
        assert (frozen.slots, other.slots, held(account)) == (0, TOTAL, TOTAL)

    def test_nor_if_its_lease_ends_while_it_waits_for_the_account(self, account, monkeypatch):
        frozen, other = sender(account), sender(account)
        frozen.refresh(in_flight=0)
        later = time.monotonic() + settings.RUN_LEASE_SECONDS
        lock = share_module._lock

        def lock_late(row):
            lock(row)
            monkeypatch.setattr(share_module, "_lock", lock)
            Run.objects.filter(pk=frozen.grip.run.pk).update(
                lease_until=timezone.now() - timedelta(seconds=1)
            )
            other.refresh(in_flight=0)
            monkeypatch.setattr(share_module.time, "monotonic", lambda: later)

        monkeypatch.setattr(share_module, "_lock", lock_late)
        frozen.refresh(in_flight=12)
        assert (frozen.slots, other.slots, held(account)) == (0, TOTAL, TOTAL)

    def test_handing_back_frees_the_slots_at_once(self, account):
        first = sender(account)
        first.refresh(in_flight=0)
        first.grip.run.hand_back()
        second = sender(account)
        second.refresh(in_flight=0)
        assert second.slots == TOTAL

    def test_a_lower_setting_counts(self, account, settings):
        settings.CLEVERTAP_PARALLEL_REQUESTS = 3
        alone = sender(account)
        alone.refresh(in_flight=0)
        assert alone.slots == 3


class TestFull:
    def test_the_sixteenth_comes_back_later(self, account):
        others = [sender(account) for _ in range(15)]
        for other in others:
            other.refresh(in_flight=0)
        with pytest.raises(AccountFull):
            sender(account).refresh(in_flight=0)
        assert held(account) == TOTAL

    def test_who_waits_in_vain_comes_back_later(self, account, monkeypatch):
        monkeypatch.setattr(share_module, "PATIENCE_SECONDS", 0.0)
        first = sender(account)
        first.refresh(in_flight=0)
        second = sender(account)
        second.refresh(in_flight=0)
        with pytest.raises(AccountFull):
            second.refresh(in_flight=0)

    def test_a_stop_is_seen(self, account):
        mine = sender(account)
        Run.objects.update(stop_requested_at=timezone.now())
        with pytest.raises(StopAsked):
            mine.refresh(in_flight=0)


@pytest.mark.parametrize("seed", range(6))
def test_never_more_than_fifteen_whatever_comes_and_goes(account, seed):
    dice = random.Random(seed)
    owners, flights = [], {}
    for _ in range(60):
        if len(owners) < 18 and dice.random() < 0.4:
            owners.append(sender(account))
        if not owners:
            continue
        one = dice.choice(owners)
        under_way = flights.get(id(one), 0)
        with suppress(AccountFull):
            one.refresh(in_flight=under_way)
        flights[id(one)] = dice.randint(0, max(one.slots, 0))
        if dice.random() < 0.2:  # its requests have ended, and it hands back
            owners.remove(one)
            flights.pop(id(one))
            one.grip.run.hand_back()
        assert held(account) <= TOTAL
        assert sum(flights.values()) <= TOTAL, "requests under way"


class TestShards:
    """A run in shards is one run among those of its account."""

    @pytest.fixture
    def shards(self, account):
        run = RunFactory(parent=ImportFactory(account=account), job_state=Run.JobState.DONE)
        assert run.claim(owner="cutter")
        assert run.cut([(0, 10), (10, 20), (20, 30)])
        grips = [take(shard.pk) for shard in run.shards.order_by("number")]
        return [Share(grip) for grip in grips]

    def settle(self, *shares):
        for share in shares * 3:
            with suppress(AccountFull):
                share.refresh(in_flight=0)
        return [share.slots for share in shares]

    def test_all_shards_together_have_what_the_account_takes(self, shards):
        assert self.settle(*shards) == [5, 5, 5]

    def test_beside_another_run_they_have_the_part_of_one_run(self, account, shards):
        other = sender(account)
        *parts, rest = self.settle(*shards, other)
        assert sorted((sum(parts), rest)) == [7, 8]
        assert max(parts) - min(parts) <= 1

    def test_one_alone_has_the_part_of_the_run(self, account, shards):
        for share in shards[1:]:
            share.grip.work.hand_back()
        assert self.settle(shards[0], sender(account)) == [8, 7]

    def test_the_first_owner_of_a_fresh_run_leaves_half_for_who_is_coming(self, shards):
        first, *others = shards
        for share in others:
            share.grip.work.hand_back()
        first.refresh(in_flight=0)
        assert first.slots == 8
        assert self.settle(first) == [TOTAL], "nobody came"

    def test_who_takes_the_next_shard_leaves_what_others_have_between_two(self, shards):
        first, second, third = shards
        third.grip.work.hand_back()
        self.settle(first, second)
        first.grip.work.hand_back()
        second.grip.work.hand_back()
        again = Share(take(first.grip.work.pk))
        again.refresh(in_flight=0)
        assert again.slots == 8, "the other is about to take the next"

    def test_more_is_taken_only_if_there_was_more_the_time_before(self, shards):
        first, second, third = shards
        third.grip.work.hand_back()
        self.settle(first, second)
        second.grip.work.hand_back()
        first.refresh(in_flight=8)
        assert first.slots == 8
        self.settle(back := Share(take(second.grip.work.pk)))
        assert (first.slots, back.slots) == (8, 7), (
            "it was between two shards, and waited for nobody"
        )
        back.grip.work.hand_back()
        for _ in range(3):
            first.refresh(in_flight=8)
        assert first.slots == TOTAL, "it has left"

    def test_one_who_was_alone_takes_all_of_the_next_shard_at_once(self, shards):
        first, *others = shards
        for share in others:
            share.grip.work.hand_back()
        self.settle(first)
        first.grip.work.hand_back()
        again = Share(take(others[0].grip.work.pk))
        again.refresh(in_flight=0)
        assert again.slots == TOTAL

    def test_a_new_owner_asks_again_soon_because_others_begin_too(self, shards, monkeypatch):
        monkeypatch.setattr(share_module, "REFRESH_SECONDS", 60.0)
        whole = sender(CleverTapAccountFactory(account_id="ZZZ-ZZZ-ZZZZ"))
        for share in (*shards, whole):
            share.refresh(in_flight=0)
        assert shards[0].seconds_left() == 0
        assert whole.seconds_left() > 1

    def test_the_sum_is_never_exceeded(self, account, shards):
        dice = random.Random(7)
        everybody = [*shards, *(sender(account) for _ in range(3))]
        for _ in range(200):
            share = dice.choice(everybody)
            with suppress(AccountFull):
                share.refresh(in_flight=dice.randint(0, share.slots))
            in_shards = sum(Shard.objects.values_list("slots", flat=True))
            assert held(account) + in_shards <= TOTAL
