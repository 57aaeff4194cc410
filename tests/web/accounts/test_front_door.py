"""A flood is refused where it comes in: nothing is read, asked or written for a further try."""

import threading
from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate
from django.db import DatabaseError
from django.test import Client

from accounts import sessions
from accounts.models import Tally
from accounts.services import door, tallies
from tests.web.accounts.conftest import PASSWORD

HERE = "192.0.2.1"
LONG = "x" * 100_000


@pytest.fixture
def clock(monkeypatch):
    """The door's own clock."""
    found = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(door.time, "monotonic", lambda: found.now)
    return found


@pytest.fixture(autouse=True)
def few(settings, monkeypatch):
    settings.SIGN_IN_REMEMBERED_SECONDS = 1
    settings.SIGN_IN_PER_ADDRESS, settings.SIGN_IN_PER_ACCOUNT = 3, 100
    settings.SIGN_IN_AT_ONCE, settings.SIGN_IN_AT_ONCE_SECONDS = 1_000, 600
    monkeypatch.setattr(door, "_shut", {})


def sign_in(client, email="ana@example.com", password="wrong", address=HERE, **more):
    form = {"email": email, "password": password}
    if more:
        return client.post("/sign-in/", {**form, **more}, REMOTE_ADDR=address)
    body = f"email={email}&password={password}"
    kind = "application/x-www-form-urlencoded"
    return client.post("/sign-in/", body, kind, REMOTE_ADDR=address)


def shut(client, **how):
    """Try until the limit has refused once."""
    for _ in range(8):
        if sign_in(client, **how).status_code == 429:
            return
    pytest.fail("no limit refuses")


class TestWhatIsRemembered:
    def test_is_refused_without_a_query(self, client, admin, clock, django_assert_num_queries):
        shut(client)

        with django_assert_num_queries(0):
            answers = [sign_in(client) for _ in range(5)]

        assert {answer.status_code for answer in answers} == {429}
        assert "Wait 15 minutes" in answers[0].content.decode()

    def test_has_the_headers_of_any_other_page(self, client, admin, clock):
        shut(client)
        usual, refused = client.get("/sign-in/").headers, sign_in(client).headers

        for name in ("Content-Security-Policy", "X-Frame-Options", "Permissions-Policy"):
            assert refused[name] == usual[name], name
        assert "no-store" in refused["Cache-Control"]

    def test_is_refused_unread_where_the_address_is_enough(self, client, admin, clock, monkeypatch):
        shut(client)
        monkeypatch.setattr("django.http.HttpRequest.read", pytest.fail)

        assert sign_in(client, password=LONG).status_code == 429
        assert sign_in(client, more="a form of several parts").status_code == 429

    def test_is_for_the_name_too(self, client, admin, settings, clock, django_assert_num_queries):
        settings.SIGN_IN_PER_ACCOUNT = 2
        for number in range(3):
            sign_in(client, address=f"198.51.100.{number}")

        with django_assert_num_queries(0):
            assert sign_in(client, " ANA@example.com ", address="203.0.113.1").status_code == 429
        assert sign_in(client, "bea@example.com", address="203.0.113.1").status_code == 200

    def test_leaves_others_alone(self, client, admin, clock):
        shut(client)

        assert sign_in(Client(), password=PASSWORD, address="203.0.113.9").status_code == 302

    def test_leaves_a_known_browser_alone(self, client, admin, settings, clock):
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        settings.SIGN_IN_AT_ONCE, settings.SIGN_IN_PER_ACCOUNT = 2, 2
        for number in range(6):
            sign_in(Client(), address=f"198.51.100.{number}")

        assert door.is_any_shut()
        assert sign_in(client, password=PASSWORD, address="203.0.113.9").status_code == 302

    def test_is_looked_at_again_after_a_second(self, client, admin, clock):
        shut(client)
        Tally.objects.all().delete()
        assert sign_in(client, password=PASSWORD).status_code == 429

        clock.now += 1

        assert sign_in(client, password=PASSWORD).status_code == 302
        assert not door.is_any_shut()

    def test_is_looked_at_again_by_one_of_many(self, client, admin, clock):
        shut(client)
        clock.now += 1
        limits = [tallies.address_limit(HERE)]

        assert door.refusing(limits) is None
        assert door.refusing(limits) == limits[0]

    def test_is_not_kept_without_end(self, monkeypatch, clock):
        monkeypatch.setattr(door, "_MOST_REMEMBERED", 2)
        for number in range(5):
            door._remember(tallies.name_limit(f"p{number}"))

        assert len(door._shut) == 2

    def test_does_not_stumble_over_odd_names(self, client, admin, clock):
        shut(client, address="198.51.100.7")

        answers = [sign_in(client, name) for name in ("%ed%a0%80", "%00", "%ff", "", "a" * 9_000)]

        assert {answer.status_code for answer in answers} == {200}


class TestTheNumberOfTheTrail:
    def refused(self):
        return Tally.objects.get(subject=tallies.address_limit(HERE).key).refused

    def test_is_that_of_all_tries(self, client, admin, clock):
        shut(client)
        for _ in range(5):
            sign_in(client)
        assert self.refused() == 0

        clock.now += 1
        sign_in(client)

        assert self.refused() == 6

    def test_is_written_down_by_any_later_request(self, client, admin, clock):
        shut(client)
        for _ in range(5):
            sign_in(client)
        client.get("/healthz")
        assert self.refused() == 0

        clock.now += 1
        client.get("/healthz")

        assert self.refused() == 5
        assert not door.is_any_shut()

    def test_costs_no_page_when_the_database_is_away(self, client, admin, clock, monkeypatch):
        shut(client)
        sign_in(client)
        clock.now += 1

        def fail(*_):
            raise DatabaseError

        monkeypatch.setattr(tallies, "add_refused", fail)
        assert client.get("/healthz").status_code == 200


class TestPasswordsAreJudgedInTurn:
    @pytest.fixture
    def busy(self, settings, monkeypatch):
        """As many wait as may."""
        line = threading.BoundedSemaphore(1)
        line.acquire()
        monkeypatch.setattr(door, "_line", line)
        return line

    def test_and_a_long_line_is_refused_at_once(self, client, admin, busy, monkeypatch):
        monkeypatch.setattr(sessions, "authenticate", pytest.fail)
        answer = sign_in(client, password=PASSWORD)

        assert answer.status_code == 429
        assert "Many sign-ins fail at this moment" in answer.content.decode()

    def test_and_who_was_not_judged_is_not_counted(self, client, admin, busy):
        sign_in(client, password=PASSWORD)

        assert set(Tally.objects.values_list("count", flat=True)) == {0}

    def test_but_not_those_of_known_browsers(self, client, admin, monkeypatch):
        sign_in(client, password=PASSWORD)
        client.post("/sign-out/")
        self.busy_now(monkeypatch)

        assert sign_in(client, password=PASSWORD).status_code == 302

    def busy_now(self, monkeypatch):
        line = threading.BoundedSemaphore(1)
        line.acquire()
        monkeypatch.setattr(door, "_line", line)

    def test_one_at_a_time(self, client, admin, monkeypatch):
        seen = []

        def judge(*arguments, **more):
            seen.append(door._turn.locked())
            return authenticate(*arguments, **more)

        monkeypatch.setattr(sessions, "authenticate", judge)

        assert sign_in(client, password=PASSWORD).status_code == 302
        assert seen == [True]
        assert not door._turn.locked()


def test_no_line_of_the_log_for_each_try(client, admin, clock, caplog):
    shut(client)
    caplog.clear()
    for _ in range(5):
        sign_in(client)
    clock.now += 1
    client.get("/healthz")

    told = [record.getMessage() for record in caplog.records]
    assert not [line for line in told if "Too Many Requests" in line]
    assert len([line for line in told if "refused at the door" in line]) == 1
