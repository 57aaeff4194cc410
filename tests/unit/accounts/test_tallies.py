"""Tries are counted by account, by address and by browser; one's flood is not another's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import trail
from accounts.address import acting_from
from accounts.models import AuditEntry, Tally
from accounts.services import tallies
from accounts.services.tallies import Limit, TooManyTries

pytestmark = pytest.mark.django_db
ONE = Limit("name", "ana@example.com", 3, 15)
OTHER = Limit("name", "max@example.com", 3, 15)


def tried(limits, times, now):
    """How many of so many tries were let through."""
    through = 0
    for _ in range(times):
        try:
            tallies.count(limits, now=now)
            through += 1
        except TooManyTries:
            pass
    return through


class TestCount:
    def test_lets_as_many_through_as_the_limit_says(self, now):
        assert tried([ONE], 10, now) == 3

    def test_leaves_others_alone(self, now):
        tried([ONE], 10, now)

        assert tried([OTHER], 3, now) == 3

    def test_begins_anew_when_the_pause_is_over(self, now):
        tried([ONE], 10, now)

        assert tried([ONE], 10, now + timedelta(minutes=15)) == 3

    def test_is_not_put_off_by_further_tries(self, now):
        tried([ONE], 4, now)
        tried([ONE], 4, now + timedelta(minutes=14))

        assert tried([ONE], 1, now + timedelta(minutes=15)) == 1

    def test_says_how_long_to_wait_and_which_refusal_was_the_first(self, now):
        tried([ONE], 3, now)
        firsts = []
        for _ in range(3):
            with pytest.raises(TooManyTries, match="Wait 15 minutes") as refusal:
                tallies.count([ONE], now=now)
            firsts.append(refusal.value.is_first)

        assert firsts == [True, False, False]

    def test_takes_a_try_back_that_went_well(self, now):
        for _ in range(10):
            tallies.count([ONE], now=now)
            tallies.take_back([ONE])

        assert tried([ONE], 10, now) == 3

    def test_keeps_neither_names_nor_addresses(self, now):
        tallies.count([ONE], now=now)

        assert "ana" not in str(list(Tally.objects.values()))

    def test_forgets_what_no_longer_counts(self, now):
        tried([ONE], 1, now)
        tried([OTHER], 1, now + timedelta(minutes=15))

        assert Tally.objects.get().subject == OTHER.key


class TestNoTwoWaitForEachOther:
    """Found in a flood on PostgreSQL: a try was answered with an error, after a deadlock."""

    def test_what_is_taken_back_is_one_row_at_a_time(self, now):
        tallies.count([ONE, OTHER], now=now)

        with CaptureQueriesContext(connection) as asked:
            tallies.take_back([ONE, OTHER])

        assert len(asked) == 2
        assert list(Tally.objects.values_list("count", flat=True)) == [0, 0]

    def test_who_forgets_what_is_over_holds_nothing_of_its_own(self, now, monkeypatch):
        begun, depths = [], []
        monkeypatch.setattr(tallies, "_forget", lambda now: depths.append(depth()))
        monkeypatch.setattr(tallies, "_begin", lambda limit, now: begun.append(depth()) or 1)

        def depth():
            return len(connection.savepoint_ids)

        before = depth()
        tallies.count([ONE], now=now)

        assert (depths, begun) == ([before + 1], [before])


class TestFurtherTries:
    """After the one that is in the trail."""

    def test_cost_one_look_and_one_number(self, now, django_assert_num_queries):
        tried([ONE, OTHER], 4, now)

        with django_assert_num_queries(2), pytest.raises(TooManyTries):
            tallies.count([ONE, OTHER], now=now)

    def test_count_against_nothing_else(self, now):
        tried([ONE], 4, now)
        tried([ONE, OTHER], 10, now)

        assert tried([OTHER], 3, now) == 3

    def test_are_one_entry_of_the_trail_when_the_lock_is_over(self, now):
        with acting_from("192.0.2.7"):
            entry = trail.record_refused_sign_in(action="sign-in locked", name="ana", after={})
        tried([ONE], 4, now)
        tallies.remember_lock(entry, limit=ONE)
        tried([ONE], 20, now)
        tried([OTHER], 3, now + timedelta(minutes=15))

        last = AuditEntry.objects.exclude(pk=entry.pk).get()
        assert (last.action, last.object_name, last.ip_address) == (
            "lock ended",
            "ana",
            "192.0.2.7",
        )
        assert last.after["further tries refused"] == 20

    def test_of_which_there_were_none_are_no_entry(self, now):
        entry = trail.record_refused_sign_in(action="sign-in locked", name="ana", after={})
        tried([ONE], 4, now)
        tallies.remember_lock(entry, limit=ONE)
        tried([OTHER], 1, now + timedelta(minutes=15))

        assert AuditEntry.objects.count() == 1


class TestLimitsOfSignIn:
    @pytest.fixture(autouse=True)
    def few(self, settings):
        settings.SIGN_IN_PER_ACCOUNT, settings.SIGN_IN_PER_ADDRESS = 6, 8
        settings.SIGN_IN_AT_ONCE = 1_000

    def limits(self, address="192.0.2.7", browser=""):
        return tallies.sign_in_limits(name="ana@example.com", address=address, browser=browser)

    def test_hold_for_the_name_from_everywhere(self, now, settings):
        addresses = [f"192.0.2.{number}" for number in range(12)]
        through = sum(tried(self.limits(address), 1, now) for address in addresses)

        assert through == settings.SIGN_IN_PER_ACCOUNT

    def test_do_not_hold_a_known_browser_back(self, now):
        for number in range(12):
            tried(self.limits(f"192.0.2.{number}"), 1, now)

        assert tried(self.limits("198.51.100.1", browser="abc"), 1, now) == 1

    def test_hold_for_a_known_browser_too(self, now, settings):
        assert tried(self.limits(browser="abc"), 12, now) == settings.AXES_FAILURE_LIMIT

    def test_hold_for_the_address_with_whatever_names(self, now, settings):
        through = 0
        for number in range(20):
            limits = tallies.sign_in_limits(name=f"p{number}", address="192.0.2.7", browser="")
            through += tried(limits, 1, now)

        assert through == settings.SIGN_IN_PER_ADDRESS

    def test_take_an_ipv6_network_for_one_address(self):
        keys = {self.limits(f"2001:db8::{number:x}")[-1].key for number in range(1, 20)}

        assert len(keys) == 1
        assert self.limits("2001:db8:1::1")[-1].key not in keys

    def test_hold_for_everybody_at_once(self, now, settings):
        settings.SIGN_IN_AT_ONCE = 5
        through = [
            tried(tallies.sign_in_limits(name=f"p{n}", address=f"192.0.2.{n}", browser=""), 1, now)
            for n in range(20)
        ]

        assert sum(through) == 5
        assert tried(self.limits("198.51.100.1", browser="abc"), 1, now) == 1
        assert tried(self.limits("198.51.100.2"), 1, now + timedelta(seconds=10)) == 1
