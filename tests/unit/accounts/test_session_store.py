"""Sessions are kept under a hash: what the database calls one opens none."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import sweeps, trail
from accounts.models import AuditEntry, Tally, Visit
from accounts.services import tallies
from accounts.session_store import SessionStore, kept_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    made = SessionStore()
    made["word"] = "heron"
    made.save()
    return made


class TestStore:
    def test_finds_a_session_by_its_key(self, store):
        assert SessionStore(store.session_key)["word"] == "heron"
        assert SessionStore().exists(store.session_key)

    def test_keeps_the_key_nowhere(self, store):
        assert store.session_key not in str(list(Session.objects.values_list()))

    def test_opens_nothing_by_what_the_database_calls_it(self, store):
        stolen = Session.objects.get().pk

        assert SessionStore(stolen).load() == {}
        assert not SessionStore().exists(stolen)

    def test_takes_no_key_that_somebody_made_up(self):
        made_up = SessionStore("a" * 32)
        made_up.load()

        assert made_up.session_key is None

    def test_opens_none_that_is_over(self, store):
        Session.objects.update(expire_date=timezone.now())

        assert SessionStore(store.session_key).load() == {}

    @pytest.mark.parametrize("by", ["delete", "flush", "cycle_key"])
    def test_removes_the_row_of_a_key_that_is_over(self, store, by):
        before = store.session_key
        getattr(store, by)()

        assert not SessionStore().exists(before)
        assert Session.objects.count() == (1 if by == "cycle_key" else 0)

    def test_removes_nothing_where_there_is_none(self):
        SessionStore().delete()

        assert kept_as(None) == ""


def test_a_stolen_database_signs_nobody_in(admin):
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    thief = Client()
    for stolen in (Session.objects.get().pk, *Visit.objects.values_list("session_key", flat=True)):
        thief.cookies["session"] = stolen

        assert thief.get("/account/").status_code == 302


class TestSweep:
    def test_takes_sessions_that_are_over_out_of_the_database(self, store):
        now = timezone.now()
        Session.objects.update(expire_date=now)
        SessionStore().save()
        sweeps.sweep(now=now)

        assert Session.objects.count() == 1
        assert not SessionStore().exists(store.session_key)

    def test_ends_counts_that_are_over_and_tells_the_trail(self):
        now, limit = timezone.now(), tallies.Limit("name", "ana", 0, 15)
        entry = trail.record_refused_sign_in(action="sign-in locked", name="ana", after={})
        for _ in range(3):
            with pytest.raises(tallies.TooManyTries):
                tallies.count([limit], now=now)
            tallies.remember_lock(entry, limit=limit)
        sweeps.sweep(now=now + timedelta(minutes=16))

        assert not Tally.objects.exists()
        assert AuditEntry.objects.get(action="lock ended").after["further tries refused"] == 2
