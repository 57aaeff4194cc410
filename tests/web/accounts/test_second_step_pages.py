"""The second step on its pages, and at every way in."""

import pyotp
import pytest
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

        assert "AAAA AAAA" not in client.get(STEP).content.decode()


class TestDemanded:
    @pytest.fixture(autouse=True)
    def rule(self, db):
        Rules.objects.create(is_second_step_required=True)

    def test_holds_who_has_none_until_it_is_set_up(self, client, admin):
        sign_in(client)

        assert client.get("/settings/users/").url == STEP
        assert client.get("/search/", headers={"HX-Request": "true"})["HX-Redirect"] == STEP
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
