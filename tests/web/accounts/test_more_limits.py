"""Sign-in under attack: by account, by address; other people are not held back."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.models import AuditEntry, Tally, User
from tests.web.accounts.conftest import PASSWORD


def sign_in(client, email="ana@example.com", password="wrong", address="192.0.2.1"):
    form = {"email": email, "password": password}
    return client.post("/sign-in/", form, REMOTE_ADDR=address)


def from_many(client, times, email="ana@example.com"):
    return [sign_in(client, email, address=f"198.51.100.{n}").status_code for n in range(times)]


@pytest.fixture
def limits(settings):
    settings.SIGN_IN_PER_ACCOUNT, settings.SIGN_IN_PER_ADDRESS = 4, 6
    settings.SIGN_IN_AT_ONCE = 1_000
    return settings


@pytest.fixture
def hashes(monkeypatch):
    """How many password hashes were computed."""
    done = []
    real = MD5PasswordHasher.encode

    def encode(self, *arguments):
        done.append(1)
        return real(self, *arguments)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return done


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


class TestManyAddressesWithManyNames:
    @pytest.fixture
    def flood(self, settings, admin):
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        admin.set_password(PASSWORD)
        admin.save()
        settings.SIGN_IN_AT_ONCE, settings.SIGN_IN_AT_ONCE_SECONDS = 4, 600

        def tries(times):
            return [
                sign_in(Client(), f"p{n}@example.com", address=f"10.0.0.{n}") for n in range(times)
            ]

        return tries

    def test_cost_few_hashes(self, flood, hashes):
        answers = flood(12)

        assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 8
        assert "Many sign-ins fail at this moment" in answers[-1].content.decode()
        assert len(hashes) == 4

    def test_leave_a_known_browser_alone(self, client, flood):
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        flood(8)

        assert sign_in(client, password=PASSWORD).status_code == 302

    def test_leave_links_alone(self, client, flood, link):
        flood(8)

        assert client.post(link).url == "/"

    def test_fill_no_table(self, flood):
        flood(12)

        assert AuditEntry.objects.count() == 5
        assert Tally.objects.count() <= 11  # everybody’s, and name and address of those judged


class TestLinksThatAreMadeUp:
    def flood(self, client, times):
        return {client.post(f"/sign-in/link/made-up-{n}/").status_code for n in range(times)}

    def test_fill_no_table(self, client, db, settings):
        settings.REFUSED_LINKS_RECORDED = 3

        assert self.flood(client, 10) == {410}
        actions = AuditEntry.objects.order_by("at").values_list("action", flat=True)
        assert list(actions) == ["sign-in refused"] * 3 + ["links refused"]

    def test_do_not_hide_that_a_real_one_was_tried_again(self, client, db, settings, link):
        settings.REFUSED_LINKS_RECORDED = 3
        client.post(link)
        self.flood(Client(), 10)
        Client().post(link)

        last = AuditEntry.objects.order_by("at").last()
        assert (last.object_name, last.after["reason"]) == ("max@example.com", "used")

    def test_do_not_stop_a_good_one(self, client, settings, link):
        settings.REFUSED_LINKS_RECORDED = 3
        self.flood(client, 10)

        assert client.post(link).url == "/"


class TestCurrentPassword:
    def change(self, client, current):
        new = "nine loud herons fly"
        form = {"current_password": current, "new_password": new, "repeated_password": new}
        return client.post("/account/", {"action": "password", **form}).content.decode()

    def test_is_counted_before_it_is_judged(self, as_admin, admin, monkeypatch):
        """A thousand tries at once are not a thousand free ones."""
        seen = []

        def judge(user, password):
            seen.append(Tally.objects.get().count)
            return False

        monkeypatch.setattr(User, "check_password", judge)
        self.change(as_admin, "wrong")
        self.change(as_admin, "wrong")

        assert seen == [1, 2]

    def test_that_is_right_is_not_held_against_anybody(self, as_admin, admin, settings):
        settings.AXES_FAILURE_LIMIT = 2
        self.change(as_admin, "wrong")
        self.change(as_admin, PASSWORD)

        assert Tally.objects.get().count == 1


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
