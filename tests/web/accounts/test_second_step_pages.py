"""The second step on its pages, and at every way in."""

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Rules, SecondStep
from accounts.services import make_sign_in_link, seed_box
from accounts.services import second_step as steps
from tests.web.accounts.conftest import PASSWORD

SEED = "A" * 32
STEP = "/account/second-step/"


def code():
    return pyotp.TOTP(SEED).now()


def is_signed_in(client):
    return "_auth_user_id" in client.session


def confirm(client, password=PASSWORD):
    return client.post(STEP, {"action": "password", "current_password": password})


def sign_in(client, **more):
    return client.post("/sign-in/", {"email": "ana@example.com", "password": PASSWORD, **more})


@pytest.fixture
def two_steps(admin):
    sealed = seed_box.seal(SEED, user_id=admin.pk)
    SecondStep.objects.create(user=admin, boxed_seed=sealed, confirmed_at=timezone.now())
    return admin


class TestSignIn:
    def test_asks_for_the_code_before_a_session_opens(self, client, two_steps):
        response = sign_in(client, next="/settings/users/")

        assert response.url == "/sign-in/code/"
        assert not is_signed_in(client)
        assert client.get("/settings/users/").status_code == 302
        assert client.post("/sign-in/code/", {"code": code()}).url == "/settings/users/"
        assert is_signed_in(client)

    def test_is_recorded_when_it_is_complete(self, client, two_steps):
        sign_in(client)
        assert not AuditEntry.objects.filter(action="signed in").exists()

        client.post("/sign-in/code/", {"code": code()})
        entry = AuditEntry.objects.get(action="signed in")
        assert entry.after == {"by": "password and second step"}

    @pytest.mark.parametrize("wrong", ["000000", "", "abc", "\0", "1" * 500])
    def test_stays_closed_with_a_wrong_code(self, client, two_steps, wrong):
        sign_in(client)

        response = client.post("/sign-in/code/", {"code": wrong})

        assert response.status_code == 200
        assert "error-summary" in response.content.decode()
        assert not is_signed_in(client)

    def test_is_asked_for_after_a_link_too(self, client, two_steps):
        link = make_sign_in_link(user=two_steps, now=timezone.now())

        assert client.post(link).url == "/sign-in/code/"
        assert not is_signed_in(client)

    def test_has_nothing_to_ask_of_who_has_not_begun(self, client, two_steps):
        assert client.get("/sign-in/code/").url == "/sign-in/"
        assert client.post("/sign-in/code/", {"code": code()}).url == "/sign-in/"
        assert not is_signed_in(client)

    def test_does_not_wait_for_ever(self, client, two_steps):
        sign_in(client)
        session = client.session
        session["second_step"] = {**session["second_step"], "at": 0}
        session.save()

        assert client.post("/sign-in/code/", {"code": code()}).url == "/sign-in/"
        assert not is_signed_in(client)

    def test_signs_out_whoever_was_there_before(self, as_member, two_steps):
        sign_in(as_member)

        assert not is_signed_in(as_member)


class TestPages:
    def test_sets_it_up_with_a_picture_and_shows_the_codes_once(self, as_member, member):
        as_member.post(STEP, {"action": "begin"})
        page = as_member.get(STEP).content.decode()
        typed = pyotp.TOTP(steps.pairing(member).seed).now()
        answer = as_member.post(STEP, {"action": "confirm", "code": typed})

        assert 'src="data:image/svg+xml' in page
        assert "no-store" in answer["Cache-Control"]
        assert len(answer.context["codes"].split()) == 10
        assert answer.context["codes"].split()[0] not in as_member.get(STEP).content.decode()

    def test_changes_nothing_without_a_code(self, client, two_steps):
        sign_in(client)
        client.post("/sign-in/code/", {"code": code()})
        confirm(client)

        page = client.post(STEP, {"action": "off", "code": "000000"}).content.decode()

        assert "This code does not match" in page
        assert steps.is_on(two_steps)

    def test_says_that_a_code_is_missing(self, as_member):
        as_member.post(STEP, {"action": "begin"})

        page = as_member.post(STEP, {"action": "confirm", "code": ""}).content.decode()

        assert "Enter the code that your app shows." in page

    def test_never_shows_the_seed_again(self, client, two_steps):
        sign_in(client)
        client.post("/sign-in/code/", {"code": code()})
        confirm(client)

        assert "AAAA AAAA" not in client.get(STEP).content.decode()


class TestWhoIsThere:
    """An open browser that somebody finds is no way to a second step of theirs."""

    def test_the_password_is_asked_for_before_anything_else(self, as_admin, admin):
        for action in ("begin", "confirm", "cancel", "renew", "off", ""):
            page = as_admin.post(STEP, {"action": action, "code": "000000"}).content.decode()
            assert "Current password" in page, action
        assert not SecondStep.objects.exists()

    def test_a_wrong_one_opens_nothing_and_is_counted(self, as_admin, admin, settings):
        settings.AXES_FAILURE_LIMIT = 2
        found = [confirm(as_admin, "wrong").content.decode() for _ in range(3)]
        found.append(confirm(as_admin).content.decode())

        assert "This is not your current password." in found[1]
        assert "That was wrong too often. Wait 15 minutes" in found[3]
        assert AuditEntry.objects.filter(action="current password refused").count() == 2
        assert "Set up second step" not in as_admin.get(STEP).content.decode()

    def test_a_missing_one_is_said(self, as_admin):
        assert "Enter your current password." in confirm(as_admin, "").content.decode()

    def test_a_right_one_opens_it_for_some_minutes(self, as_admin, settings):
        assert confirm(as_admin).url == STEP
        assert "Set up second step" in as_admin.get(STEP).content.decode()

        settings.CONFIRMED_MINUTES = 0
        assert "Current password" in as_admin.get(STEP).content.decode()

    def test_a_key_that_is_being_paired_is_not_shown_to_another_browser(self, as_admin, admin):
        confirm(as_admin)
        as_admin.post(STEP, {"action": "begin"})
        found = Client()
        found.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

        page = found.get(STEP).content.decode()
        assert "Set-up key" in as_admin.get(STEP).content.decode()
        assert "Set-up key" not in page
        assert "Current password" in page

    def test_who_has_no_password_has_signed_in_just_now(self, as_member):
        assert "Set up second step" in as_member.get(STEP).content.decode()

    def test_who_has_none_and_came_long_ago_signs_in_again(self, as_member, member):
        as_member.get("/account/")
        session = as_member.session
        session["began_at"] -= 11 * 60
        session.save()
        as_member.post(STEP, {"action": "begin"})

        page = as_member.get(STEP).content.decode()
        assert "Sign out and in again first" in page
        assert not SecondStep.objects.exists()
        confirm(as_member, "")  # there is no password to give
        assert "Sign out and in again first" in as_member.get(STEP).content.decode()

    def test_no_first_password_is_set_in_an_open_browser_either(self, as_member, member):
        as_member.get("/account/")
        session = as_member.session
        session["began_at"] -= 11 * 60
        session.save()
        new = {"new_password": PASSWORD, "repeated_password": PASSWORD}

        page = as_member.post("/account/", {"action": "password", **new}).content.decode()

        assert "Sign out and in again first" in page
        member.refresh_from_db()
        assert not member.has_usable_password()


class TestDemanded:
    @pytest.fixture(autouse=True)
    def rule(self, db):
        Rules.objects.create(is_second_step_required=True)

    def test_holds_who_has_none_until_it_is_set_up(self, client, admin):
        sign_in(client)

        assert client.get("/settings/users/").url == STEP
        assert client.get("/search/", headers={"HX-Request": "true"})["HX-Redirect"] == STEP
        assert "An admin has decided" in client.get(STEP).content.decode()
        confirm(client)
        client.post(STEP, {"action": "begin"})
        typed = pyotp.TOTP(steps.pairing(admin).seed).now()
        client.post(STEP, {"action": "confirm", "code": typed})
        assert client.get("/settings/users/").status_code == 200

    def test_lets_them_sign_out(self, client, admin):
        sign_in(client)

        assert client.post("/sign-out/").url == "/sign-in/"

    def test_does_not_hold_who_has_one(self, client, two_steps):
        sign_in(client)
        client.post("/sign-in/code/", {"code": code()})

        assert client.get("/settings/users/").status_code == 200
