"""/settings/users/: who is here, and the link to hand over."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import SignInLink, User
from accounts.services import check_sign_in_link

NEW = {"email": "new@example.com", "role": "creator"}


def link_url(user):
    return f"/settings/users/{user.pk}/sign-in-link/"


def person_of(response):
    token = response.context["link"].split("/")[-2]
    return check_sign_in_link(token=token, now=timezone.now())


class TestList:
    def test_shows_everybody_with_role_and_last_sign_in(self, as_admin, creator):
        page = as_admin.get("/settings/users/").content.decode()

        assert "cleo@example.com" in page
        assert "Creator" in page
        assert "Never" in page

    def test_asks_the_database_no_more_for_more_people(self, as_admin):
        with CaptureQueriesContext(connection) as few:
            as_admin.get("/settings/users/")
        for number in range(20):
            User.objects.create_user(email=f"p{number}@example.com", role="member")
        with CaptureQueriesContext(connection) as many:
            as_admin.get("/settings/users/")

        assert len(many) == len(few)


class TestAdd:
    def test_shows_a_link_that_signs_the_new_person_in(self, as_admin, settings):
        settings.PUBLIC_URL = "https://import.example.com"

        response = as_admin.post("/settings/users/", NEW)

        assert person_of(response).email == "new@example.com"
        assert "https://import.example.com/sign-in/link/" in response.content.decode()

    def test_shows_the_link_once_and_keeps_it_nowhere(self, as_admin):
        response = as_admin.post("/settings/users/", NEW)
        token = response.context["link"].split("/")[-2]

        assert token not in as_admin.get("/settings/users/").content.decode()
        assert token not in str([s.get_decoded() for s in Session.objects.all()])
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize(
        ("email", "role", "sentence"),
        [
            pytest.param("ANA@example.com", "member", "in the list already", id="taken"),
            pytest.param("new", "member", "Enter an e-mail address", id="no address"),
            pytest.param("new@example.com", "owner", "Choose Admin, Creator", id="no such role"),
            pytest.param("new@example.com", "", "Choose a role.", id="no role"),
        ],
    )
    def test_refuses_in_words_and_keeps_what_was_typed(self, as_admin, email, role, sentence):
        page = as_admin.post("/settings/users/", {"email": email, "role": role}).content.decode()

        assert sentence in page
        assert f'value="{email}"' in page
        assert User.objects.count() == 1

    def test_writes_an_odd_address_as_text(self, as_admin):
        page = as_admin.post("/settings/users/", {**NEW, "email": '"><script>x</script>'})

        assert "<script>x" not in page.content.decode()


class TestLink:
    def test_is_made_afresh_for_somebody_in_the_list(self, as_admin, member):
        response = as_admin.post(link_url(member))

        assert person_of(response) == member
        assert "no-store" in response["Cache-Control"]

    def test_refuses_somebody_switched_off(self, as_admin, member):
        User.objects.filter(pk=member.pk).update(is_active=False)

        page = as_admin.post(link_url(member), follow=True).content.decode()

        assert "max@example.com may not sign in" in page
        assert not SignInLink.objects.exists()

    @pytest.mark.parametrize("purpose", ["sign_in", "reset"])
    def test_is_not_made_for_oneself(self, as_admin, admin, purpose):
        """An admin's browser that was left open is no way in from elsewhere."""
        page = as_admin.post(link_url(admin), {"purpose": purpose}, follow=True).content.decode()

        assert "A link is for others." in page
        assert link_url(admin) not in page
        assert not SignInLink.objects.exists()

    def test_is_not_found_for_an_unknown_person(self, as_admin):
        assert as_admin.post(f"/settings/users/{uuid.uuid4()}/sign-in-link/").status_code == 404

    def test_refuses_to_be_made_by_a_link(self, as_admin, member):
        assert as_admin.get(link_url(member)).status_code == 405
        assert not SignInLink.objects.exists()


class TestWhoMay:
    @pytest.fixture(params=["as_creator", "as_member"])
    def not_admin(self, request):
        return request.getfixturevalue(request.param)

    def test_refuses_all_but_admins_in_words(self, not_admin):
        response = not_admin.get("/settings/users/")

        assert response.status_code == 403
        assert "Your role does not include this." in response.content.decode()

    def test_lets_nobody_else_add_people(self, not_admin):
        assert not_admin.post("/settings/users/", NEW).status_code == 403
        assert not User.objects.filter(email="new@example.com").exists()

    def test_lets_nobody_else_make_links(self, not_admin, admin):
        assert not_admin.post(link_url(admin)).status_code == 403
        assert not SignInLink.objects.exists()

    def test_tells_nobody_else_whether_a_person_exists(self, not_admin, admin):
        known = not_admin.post(link_url(admin))
        unknown = not_admin.post(f"/settings/users/{uuid.uuid4()}/sign-in-link/")

        assert known.status_code == unknown.status_code == 403

    def test_sends_who_is_not_signed_in_to_sign_in(self, client, db):
        assert client.get("/settings/users/").url == "/sign-in/?next=/settings/users/"
