"""/sign-in/ with e-mail and password."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from tests.web.accounts.conftest import PASSWORD

WRONG = "This e-mail and password do not match."


def sign_in(client, email="ana@example.com", password=PASSWORD, **more):
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def is_signed_in(client):
    return "_auth_user_id" in client.session


class TestPage:
    def test_says_how_to_get_a_link(self, client, db):
        page = client.get("/sign-in/").content.decode()

        assert "make sign-in-link" in page
        assert "Ask an admin" in page

    def test_is_not_kept_by_caches(self, client, db):
        assert "no-store" in client.get("/sign-in/")["Cache-Control"]

    def test_sends_who_is_signed_in_on(self, as_admin):
        assert as_admin.get("/sign-in/").url == "/"

    def test_refuses_other_methods(self, client, db):
        assert client.put("/sign-in/").status_code == 405


class TestSignIn:
    def test_opens_a_session_and_records_it(self, client, admin):
        response = sign_in(client)

        assert response.url == "/"
        assert is_signed_in(client)
        entry = AuditEntry.objects.get()
        assert (entry.email, entry.action, entry.ip_address) == (
            "ana@example.com",
            "signed in",
            "127.0.0.1",
        )

    def test_takes_the_address_in_any_case(self, client, admin):
        sign_in(client, email="ANA@Example.com")

        assert is_signed_in(client)

    def test_notes_the_time_of_the_last_sign_in(self, client, admin):
        sign_in(client)

        assert User.objects.get().last_login is not None

    def test_changes_the_key_of_a_session_that_was_there_before(self, client, admin):
        session = client.session
        session["planted"] = True
        session.save()
        before = session.session_key

        sign_in(client)

        assert client.session.session_key != before
        assert not type(session)().exists(before)

    def test_needs_the_token_of_the_form(self, admin):
        strict = Client(enforce_csrf_checks=True)

        assert sign_in(strict).status_code == 403
        assert not is_signed_in(strict)


class TestRefusal:
    @pytest.mark.parametrize(
        ("email", "password"),
        [
            pytest.param("ana@example.com", "wrong", id="wrong password"),
            pytest.param("eve@example.com", PASSWORD, id="unknown person"),
            pytest.param("max@example.com", PASSWORD, id="no password set"),
            pytest.param("old@example.com", PASSWORD, id="switched off"),
        ],
    )
    def test_reads_the_same_for_every_reason(self, client, admin, member, email, password):
        old = User.objects.create_user(email="old@example.com", role="admin", password=PASSWORD)
        User.objects.filter(pk=old.pk).update(is_active=False)

        page = sign_in(client, email=email, password=password).content.decode()

        assert WRONG in page
        assert not is_signed_in(client)

    def test_is_recorded_without_the_password(self, client, admin):
        sign_in(client, password="canary-word")

        entry = AuditEntry.objects.get()
        assert (entry.action, entry.email, entry.object_name) == (
            "sign-in refused",
            "",
            "ana@example.com",
        )
        assert "canary" not in str(entry.after)

    def test_keeps_the_address_and_not_the_password(self, client, admin):
        page = sign_in(client, password="canary-word").content.decode()

        assert 'value="ana@example.com"' in page
        assert "canary-word" not in page

    @pytest.mark.parametrize(
        ("email", "password", "sentence"),
        [
            pytest.param("", "x", "Enter an e-mail address", id="no address"),
            pytest.param("ana", "x", "Enter an e-mail address", id="no address either"),
            pytest.param("ana@example.com", "", "Enter your password.", id="no password"),
            pytest.param("a\0@example.com", "x", "Enter an e-mail address", id="a null character"),
            pytest.param("a" * 300 + "@example.com", "x", "at most 254", id="too long"),
            pytest.param("ana@example.com", "x" * 257, "at most 256", id="password too long"),
        ],
    )
    def test_says_what_is_missing_or_odd(self, client, admin, email, password, sentence):
        page = sign_in(client, email=email, password=password).content.decode()

        assert sentence in page
        assert not AuditEntry.objects.exists()


class TestNext:
    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param("https://evil.example/", id="another site"),
            pytest.param("//evil.example/", id="another site without a scheme"),
            pytest.param("/\\evil.example/", id="a backslash"),
            pytest.param("https:evil.example", id="no slashes"),
            pytest.param("javascript:alert(1)", id="a script"),
            pytest.param("\thttps://evil.example/", id="a tab first"),
            pytest.param("http://testserver@evil.example/", id="our name as a user"),
        ],
    )
    @pytest.mark.parametrize("place", ["form", "address"])
    def test_never_leads_to_another_site(self, client, admin, asked, place):
        if place == "form":
            response = sign_in(client, next=asked)
        else:
            response = client.post(
                "/sign-in/",
                {"email": "ana@example.com", "password": PASSWORD},
                query_params={"next": asked},
            )

        assert response.url == "/"

    def test_leads_back_to_the_page_that_was_asked_for(self, client, admin):
        page = client.get("/settings/users/?page=2")
        form = client.get(page.url)

        assert form.context["next"] == "/settings/users/?page=2"
        assert sign_in(client, next=form.context["next"]).url == "/settings/users/?page=2"

    def test_is_not_written_into_the_page_when_it_leads_away(self, client, db):
        page = client.get("/sign-in/", {"next": "https://evil.example/"}).content.decode()

        assert "evil.example" not in page


class TestLockout:
    @pytest.fixture
    def limit(self, settings):
        return settings.AXES_FAILURE_LIMIT

    def fail(self, client, times, **words):
        for _ in range(times):
            response = sign_in(client, password="wrong", **words)
        return response

    def test_refuses_even_the_right_password(self, client, admin, limit):
        self.fail(client, limit)

        response = sign_in(client)

        assert response.status_code == 429
        assert not is_signed_in(client)

    def test_says_how_long_to_wait_and_what_else_works(self, client, admin, limit):
        page = self.fail(client, limit).content.decode()

        assert "Wait 15 minutes" in page
        assert "A sign-in link works at once." in page

    def test_does_not_come_one_try_early(self, client, admin, limit):
        self.fail(client, limit - 1)

        assert sign_in(client).status_code == 302

    def test_cannot_be_put_off_by_another_spelling(self, client, admin, limit):
        self.fail(client, limit - 1)

        assert self.fail(client, 1, email="ANA@example.com").status_code == 429

    def test_leaves_other_people_alone(self, client, admin, limit):
        self.fail(client, limit, email="max@example.com")

        assert sign_in(client).status_code == 302

    def test_leaves_other_addresses_alone(self, client, admin, limit):
        self.fail(client, limit)

        client.defaults["REMOTE_ADDR"] = "192.0.2.7"
        assert sign_in(client).status_code == 302

    def test_ends_by_itself(self, client, admin, limit):
        self.fail(client, limit)

        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
        assert sign_in(client).status_code == 302

    def test_is_recorded_once_and_not_with_every_further_try(self, client, admin, limit):
        self.fail(client, limit + 5)

        actions = list(AuditEntry.objects.order_by("at").values_list("action", flat=True))
        assert actions == ["sign-in refused"] * (limit - 1) + ["sign-in locked"]
