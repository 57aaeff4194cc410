"""Tests that nobody asks for: daily, spread over the day, and soon after a failed run."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from connections.models import Connection, ConnectionTest
from connections.services import retests
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.fixture
def due(bells):
    def make(**more):
        return ConnectionFactory(next_test_at=NOW - timedelta(minutes=1), **more)

    return make


def ask(now=NOW):
    return retests.request_due_tests(now=now)


def finish_all():
    for test in ConnectionTest.objects.filter(finished_at__isnull=True):
        test.finish(verdict="verified")


def test_a_due_connection_is_tested_and_due_again_within_a_day(due):
    connection = due()
    assert ask() == 1
    test = ConnectionTest.objects.get()
    assert (test.connection, test.trigger, test.requested_by) == (connection, "daily", None)
    connection.refresh_from_db()
    assert connection.latest_test == test
    assert NOW < connection.next_test_at <= NOW + timedelta(days=1)


def test_one_that_is_not_due_is_left_alone(bells):
    ConnectionFactory(next_test_at=NOW + timedelta(seconds=1))
    assert ask() == 0


def test_one_that_is_leaving_is_left_alone(due):
    due(deleting=True)
    assert ask() == 0


def test_two_ticks_at_once_ask_once(due):
    connection = due()
    other_tick = Connection.objects.get(pk=connection.pk)
    assert connection.move_next_test(to=NOW + timedelta(days=1))
    assert not other_tick.move_next_test(to=NOW + timedelta(days=1))


def test_a_tick_that_was_away_for_days_asks_once(due):
    due()
    assert ask(now=NOW + timedelta(days=5)) == 1
    finish_all()
    assert ask(now=NOW + timedelta(days=5)) == 0


def test_people_never_wait_for_more_than_two_of_them(due):
    for _ in range(5):
        due()
    assert ask() == 2
    assert ask() == 0, "two are still at work"
    finish_all()
    assert ask() == 2


def test_many_connections_spread_over_the_day():
    hours = Counter(retests.first_daily_test(uuid4(), now=NOW).hour for _ in range(2_400))
    assert len(hours) == 24
    assert max(hours.values()) < 3 * min(hours.values())


def test_the_minute_of_a_connection_is_the_same_every_day():
    connection_id = uuid4()
    first = retests.first_daily_test(connection_id, now=NOW)
    second = retests.first_daily_test(connection_id, now=first)
    assert second - first == timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "trigger"),
    [("key_deleted_or_rotated", "failed_run"), ("permission_denied", "failed_run")],
)
def test_a_run_that_failed_on_the_source_is_the_reason(due, code, trigger):
    _failed_run(due(), code)
    ask()
    assert ConnectionTest.objects.get().trigger == trigger


@pytest.mark.parametrize("code", ["invalid_query", "sums", "unexpected"])
def test_a_run_that_failed_on_something_else_is_not(due, code):
    _failed_run(due(), code)
    ask()
    assert ConnectionTest.objects.get().trigger == "daily"


def test_a_failure_that_was_tested_since_is_no_reason_again(due):
    connection = due()
    _failed_run(connection, "permission_denied", at=NOW - timedelta(hours=2))
    ask()
    finish_all()
    Connection.objects.update(next_test_at=NOW)
    ask(now=NOW + timedelta(minutes=1))
    assert ConnectionTest.objects.newest_first().first().trigger == "daily"


def _failed_run(connection, code, at=NOW):
    run = RunFactory(parent=ImportFactory(connection=connection))
    Run.objects.filter(pk=run.pk).update(state="failed", finished_at=at, failure_code=code)
