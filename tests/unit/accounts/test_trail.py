"""The trail takes plain words about what happened, and never a secret."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from accounts import address, trail
from accounts.models import AuditEntry, User
from connections.secret import Secret

THING = {"action": "connection created", "kind": "connection", "object_id": "7", "name": "Shop"}


class TestRecord:
    def test_says_who_did_what_to_which_object(self, admin):
        trail.record(by=admin, **THING)

        entry = AuditEntry.objects.get()
        assert (entry.email, entry.action) == ("ana@example.com", "connection created")
        assert (entry.object_kind, entry.object_id, entry.object_name) == (
            "connection",
            "7",
            "Shop",
        )

    def test_takes_the_address_of_the_request_that_is_answered(self, admin):
        with address.acting_from("192.0.2.7"):
            trail.record(by=admin, **THING)

        assert AuditEntry.objects.get().ip_address == "192.0.2.7"

    def test_has_no_address_outside_a_request(self, admin):
        with address.acting_from("192.0.2.7"):
            pass
        trail.record(by=admin, **THING)

        assert AuditEntry.objects.get().ip_address is None

    def test_takes_nobody_as_the_actor(self, db):
        trail.record(by=None, **THING)

        assert AuditEntry.objects.get().email == ""

    def test_cuts_a_name_that_is_longer_than_its_column(self, admin):
        trail.record(by=admin, **{**THING, "name": "é" * 300})

        assert AuditEntry.objects.get().object_name == "é" * 255

    def test_turns_plain_values_into_json(self, admin):
        uuid = UUID("8c1f9ba2-3fd3-4b4f-9f5c-5a6d8c1f9ba2")
        after = {
            "role": User.Role.ADMIN,
            "at": datetime(2026, 3, 1, tzinfo=UTC),
            "day": date(2026, 3, 1),
            "cost": Decimal("1.50"),
            "runs": [uuid],
            "nested": {"key_id": "ab12cd34", "count": 3, "is_on": True, "nothing": None},
        }

        trail.record(by=admin, **THING, after=after)

        assert AuditEntry.objects.get().after == {
            "role": "admin",
            "at": "2026-03-01T00:00:00+00:00",
            "day": "2026-03-01",
            "cost": "1.50",
            "runs": [str(uuid)],
            "nested": {"key_id": "ab12cd34", "count": 3, "is_on": True, "nothing": None},
        }

    @pytest.mark.parametrize(
        "name",
        [
            "private_key",
            "privateKey",
            "passcode",
            "Password",
            "new_password",
            "access_token",
            "key",
            "API-key",
            "key_text",
            "apiKey",
            "client_secret",
            "credentials",
            "session_cookie",
        ],
    )
    def test_refuses_a_name_that_sounds_like_a_secret(self, admin, name):
        with pytest.raises(trail.NotForTheTrail, match="named like a secret") as refusal:
            trail.record(by=admin, **THING, after={"deep": [{name: "canary"}]})
        assert "canary" not in str(refusal.value)
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize(
        "name", ["key_id", "key_age", "client_email", "project_id", "account_id", "keyboard"]
    )
    def test_takes_names_that_only_tell_which_key(self, admin, name):
        trail.record(by=admin, **THING, before={name: "x"})

        assert AuditEntry.objects.get().before == {name: "x"}

    def test_takes_words_that_speak_of_a_key(self, admin):
        trail.record(by=admin, **THING, after={"name": "PRIVATE KEY of the shop"})

        assert AuditEntry.objects.get().after == {"name": "PRIVATE KEY of the shop"}

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(Secret("canary"), id="a Secret"),
            pytest.param(b"canary", id="bytes"),
            pytest.param({"canary"}, id="a set"),
            pytest.param(object(), id="any object"),
            pytest.param("-----BEGIN PRIVATE KEY-----canary", id="a key as text"),
            pytest.param({7: "canary"}, id="a name that is no text"),
        ],
    )
    @pytest.mark.parametrize("side", ["before", "after"])
    def test_refuses_values_that_are_secret_or_not_plain(self, admin, side, value):
        with pytest.raises(trail.NotForTheTrail, match=side) as refusal:
            trail.record(by=admin, **THING, **{side: {"x": value}})
        assert "canary" not in str(refusal.value)
        assert not AuditEntry.objects.exists()


class TestNewestFirst:
    def test_lists_the_newest_entry_first(self, admin):
        for number in range(3):
            trail.record(by=admin, **{**THING, "object_id": str(number)})

        assert [entry.object_id for entry in trail.newest_first()] == ["2", "1", "0"]
