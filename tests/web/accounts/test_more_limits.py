"""Sign-in under attack: by account, by address; other people are not held back."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from tests.web.accounts.conftest import PASSWORD


def sign_in(client, email="ana@example.com", password="wrong", address="192.0.2.1"):
    form = {"email": email, "password": password}
    return client.post("/sign-in/", form, REMOTE_ADDR=address)


def from_many(client, times, email="ana@example.com"):
    return [sign_in(client, email, address=f"198.51.100.{n}").status_code for n in range(times)]


@pytest.fixture
def limits(settings):
    settings.SIGN_IN_PER_ACCOUNT, settings.SIGN_IN_PER_ADDRESS = 4, 6
    return settings


class TestOneAccountFromManyAddresses:
    def test_is_locked(self, client, admin, limits):
        assert from_many(client, 6) == [200] * 4 + [429] * 2

        assert sign_in(client, password=PASSWORD).status_code == 429

    def test_leaves_the_browser_alone_that_has_signed_in_before(self, client, admin, limits):
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        from_many(Client(), 6)

        assert sign_in(client, password=PASSWORD).status_code == 302

    def test_leaves_other_people_alone(self, client, admin, limits):
        User.objects.create_user(email="bea@example.com", role="member", password=PASSWORD)
        from_many(client, 6)

        assert sign_in(client, "bea@example.com", PASSWORD).status_code == 302

    def test_is_put_into_the_trail_once(self, client, admin, limits):
        from_many(client, 7)

        assert AuditEntry.objects.filter(action="sign-in locked").count() == 1
        assert AuditEntry.objects.count() == 5

    def test_does_not_stop_a_link(self, client, admin, limits, member, link):
        from_many(client, 6, email=member.email)

        assert client.post(link).url == "/"


class TestOneAddressWithManyNames:
    def test_is_locked(self, client, admin, limits):
        found = [sign_in(client, f"p{n}@example.com").status_code for n in range(8)]

        assert found == [200] * 6 + [429] * 2

    def test_leaves_other_addresses_alone(self, client, admin, limits):
        for number in range(8):
            sign_in(client, f"p{number}@example.com")

        assert sign_in(client, password=PASSWORD, address="203.0.113.9").status_code == 302

    def test_is_not_reached_by_sign_ins_that_go_well(self, client, admin, limits):
        for _ in range(9):
            assert sign_in(client, password=PASSWORD).status_code == 302


class TestKnownBrowser:
    def test_cannot_be_made_up(self, client, admin, limits):
        client.cookies["known"] = "WyJ4IixbImEiXV0:1:forged"
        from_many(Client(), 6)

        assert sign_in(client, password=PASSWORD).status_code == 429

    def test_is_known_for_its_own_name_only(self, client, admin, limits):
        User.objects.create_user(email="bea@example.com", role="member", password=PASSWORD)
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        from_many(Client(), 6, email="bea@example.com")

        assert sign_in(client, "bea@example.com", PASSWORD).status_code == 429

    def test_has_a_count_of_its_own(self, client, admin, limits, settings):
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        found = [
            sign_in(client, address=f"203.0.113.{n}").status_code
            for n in range(settings.AXES_FAILURE_LIMIT + 2)
        ]

        assert found[-2:] == [429, 429]
