"""The idle time-out is about people: a page that asks by itself keeps nobody signed in."""

import pytest
from django.contrib.sessions.models import Session

from accounts.session_store import kept_as

CENTER = "/settings/partners/import-center/"
POLL = {"HX-Request": "true", "X-Poll": "1"}


def ends(client):
    return Session.objects.get(session_key=kept_as(client.session.session_key)).expire_date


def test_a_request_of_a_person_moves_the_end_of_the_session(as_admin):
    as_admin.get(CENTER)
    before = ends(as_admin)
    as_admin.get(CENTER)
    assert ends(as_admin) > before


def test_a_poll_does_not_and_renews_no_cookie(as_admin):
    as_admin.get(CENTER)
    before = ends(as_admin)
    answer = as_admin.get(CENTER, headers=POLL)
    assert answer.status_code == 200
    assert ends(as_admin) == before
    assert "session" not in answer.cookies
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.django_db
def test_a_poll_without_a_session_leads_to_sign_in(client):
    answer = client.get(CENTER, headers=POLL)
    assert answer.headers["HX-Redirect"].startswith("/sign-in/")
