"""One's own sessions: listed, ended one by one or all others, over after a day's work."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import Visit
from accounts.services import visits
from accounts.session_store import kept_as
from tests.web.accounts.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LIST = "/account/sessions/"


def signed_in(email="ana@example.com", agent=FIREFOX):
    client = Client(headers={"User-Agent": agent})
    client.post("/sign-in/", {"email": email, "password": PASSWORD})
    return client


def is_in(client):
    return client.get("/account/").status_code == 200


@pytest.fixture
def here(admin):
    return signed_in()


class TestList:
    def test_says_which_browser_from_where(self, here):
        page = here.get(LIST).content.decode()

        for words in ("Firefox on Linux", "127.0.0.1", "This one"):
            assert words in page

    def test_ends_nobody_elses_but_for_admins(self, here, admin, member):
        with pytest.raises(PermissionDenied):
            visits.end_others(user=admin, session_key=None, by=member)
        assert is_in(here)

    def test_shows_nobody_elses(self, here, as_member):
        assert "Firefox" not in as_member.get(LIST).content.decode()

    def test_forgets_those_that_have_ended(self, here):
        elsewhere = signed_in()
        elsewhere.post("/sign-out/")

        assert here.get(LIST).content.decode().count("Firefox on Linux") == 1

    def test_writes_an_odd_browser_as_text(self, admin):
        page = signed_in(agent="<script>x</script>" * 50).get(LIST).content.decode()

        assert "<script>x" not in page
        assert "A browser" in page


class TestEnd:
    def test_of_one_signs_it_out(self, here):
        elsewhere = signed_in()
        visit = Visit.objects.exclude(session_key=kept_as(here.session.session_key)).get()

        here.post(f"{LIST}{visit.pk}/end/")

        assert (is_in(here), is_in(elsewhere)) == (True, False)

    def test_of_all_others_keeps_this_one(self, here):
        others = [signed_in(), signed_in()]

        page = here.post(f"{LIST}end-others/", follow=True).content.decode()

        assert "All other browsers are signed out." in page
        assert (is_in(here), [is_in(one) for one in others]) == (True, [False, False])

    def test_is_not_found_for_somebody_elses(self, here, as_member):
        visit = Visit.objects.get()

        foreign = as_member.post(f"{LIST}{visit.pk}/end/")
        missing = as_member.post(f"{LIST}{uuid.uuid4()}/end/")

        assert foreign.status_code == missing.status_code == 404
        assert is_in(here)

    def test_comes_with_a_new_password_except_here(self, here):
        elsewhere = signed_in()
        new = {"new_password": "eight loud herons", "repeated_password": "eight loud herons"}
        here.post("/account/", {"action": "password", "current_password": PASSWORD, **new})

        assert (is_in(here), is_in(elsewhere)) == (True, False)
        assert "This one" in here.get(LIST).content.decode()


class TestTimeOuts:
    def test_ends_a_session_after_its_hours_however_busy(self, here, settings):
        session = here.session
        session["began_at"] -= settings.SESSION_HOURS * 3600 + 1
        session.save()

        assert here.get("/account/").url == "/sign-in/?next=/account/"
        assert not is_in(here)

    def test_ends_a_session_after_half_an_hour_without_use(self, settings):
        assert settings.SESSION_COOKIE_AGE == 30 * 60
        assert settings.SESSION_SAVE_EVERY_REQUEST
