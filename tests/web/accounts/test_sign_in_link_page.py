"""/sign-in/link/<token>/: shown by GET, used by POST."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, SignInLink, User
from accounts.services import make_sign_in_link
from accounts.session_store import kept_as

UNKNOWN = "/sign-in/link/" + "A" * 43 + "/"


def is_signed_in(client):
    return "_auth_user_id" in client.session


class TestGet:
    def test_offers_one_button_that_names_the_person(self, client, link):
        page = client.get(link).content.decode()

        assert "Sign in as max@example.com" in page

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_does_not_use_up_the_link_when_a_scanner_opens_it(self, client, link, method):
        for _ in range(5):
            assert getattr(client, method)(link).status_code == 200

        assert SignInLink.objects.get().used_at is None
        assert not is_signed_in(client)

    def test_is_kept_by_nobody_and_leaks_no_address(self, client, link):
        response = client.get(link)

        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "strict-origin"

    def test_links_to_no_other_site(self, client, link):
        page = client.get(link).content.decode()

        assert "http://" not in page
        assert "https://" not in page


class TestPost:
    def test_signs_in_and_goes_to_the_first_page(self, client, link):
        response = client.post(link)

        assert response.url == "/"
        assert is_signed_in(client)
        assert response["Referrer-Policy"] == "strict-origin"

    def test_changes_the_key_of_a_session_that_was_there_before(self, client, link):
        session = client.session
        session["planted"] = True
        session.save()

        client.post(link)

        assert client.session.session_key != session.session_key
        assert not Session.objects.filter(pk=kept_as(session.session_key)).exists()

    def test_changes_the_key_even_for_the_person_signed_in(self, as_member, link):
        before = as_member.session.session_key

        as_member.post(link)

        assert as_member.session.session_key != before
        assert not Session.objects.filter(pk=kept_as(before)).exists()

    def test_replaces_the_session_of_somebody_else(self, as_admin, member, link):
        as_admin.post(link)

        assert as_admin.session["_auth_user_id"] == str(member.pk)
        assert Session.objects.count() == 1

    def test_says_where_a_password_can_be_set(self, client, link):
        client.post(link)

        assert "you can set a password" in client.get("/account/").content.decode()

    def test_says_nothing_of_it_to_somebody_with_a_password(self, client, admin):
        client.post(make_sign_in_link(user=admin, now=timezone.now()))

        assert "you can set a password" not in client.get("/account/").content.decode()

    def test_works_for_somebody_who_is_locked_out(self, client, admin, settings):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            client.post("/sign-in/", {"email": admin.email, "password": "wrong"})

        client.post(make_sign_in_link(user=admin, now=timezone.now()))

        assert is_signed_in(client)

    def test_needs_the_token_of_the_form(self, link):
        strict = Client(enforce_csrf_checks=True)

        assert strict.post(link).status_code == 403
        assert SignInLink.objects.get().used_at is None


class TestRefusal:
    @pytest.fixture(params=["used", "expired", "unknown", "inactive"])
    def refused(self, request, client, link, member):
        if request.param == "used":
            SignInLink.objects.update(used_at=timezone.now())
        elif request.param == "expired":
            SignInLink.objects.update(expires_at=timezone.now())
        elif request.param == "inactive":
            User.objects.filter(pk=member.pk).update(is_active=False)
        return UNKNOWN if request.param == "unknown" else link

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_signs_nobody_in(self, client, refused, method):
        response = getattr(client, method)(refused)

        assert response.status_code == 410
        assert not is_signed_in(client)

    def test_says_what_to_do_and_names_nobody(self, client, refused):
        page = client.get(refused).content.decode()

        assert "Ask an admin for a new one" in page
        assert "max@example.com" not in page

    def test_is_kept_by_nobody_and_leaks_no_address(self, client, refused):
        response = client.post(refused)

        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "strict-origin"

    def test_leaves_an_entry_when_somebody_pressed_the_button(self, client, refused):
        client.get(refused)
        client.post(refused)

        assert AuditEntry.objects.filter(action="sign-in refused").count() == 1

    def test_reads_alike_for_unknown_and_inactive(self, client, link, member):
        User.objects.filter(pk=member.pk).update(is_active=False)

        inactive, unknown = client.get(link), client.get(UNKNOWN)

        assert inactive.context["refusal"] == unknown.context["refusal"]
        assert inactive.status_code == unknown.status_code

    def test_answers_a_link_that_a_mail_program_broke(self, client, link):
        response = client.get(link.removesuffix("/") + ">./")

        assert response.status_code == 410


class TestSignOut:
    def test_ends_the_session_and_records_it(self, as_member):
        before = as_member.session.session_key

        assert as_member.post("/sign-out/").url == "/sign-in/"
        assert not Session.objects.filter(pk=kept_as(before)).exists()
        assert AuditEntry.objects.get().action == "signed out"

    def test_refuses_a_link_or_an_image_as_the_way_out(self, as_member):
        assert as_member.get("/sign-out/").status_code == 405
        assert is_signed_in(as_member)

    def test_takes_whose_session_has_ended_to_the_sign_in_page(self, client, db):
        assert client.post("/sign-out/").url == "/sign-in/"
        assert not AuditEntry.objects.exists()


def test_somebody_switched_off_is_out_at_the_next_request(as_member, member):
    assert as_member.get("/account/").status_code == 200

    User.objects.filter(pk=member.pk).update(is_active=False)

    assert as_member.get("/account/").url == "/sign-in/?next=/account/"
