"""Tests that nobody asks for: each connection daily, and soon after a run failed on its key.

Each connection has its own minute of the day, which follows from its id, so that many
connections spread over the day. A worker half asks for an early test by moving
``next_test_at``; here is decided why, and the daily minute is kept.
"""

from datetime import datetime, timedelta
from uuid import UUID

from connections.models import Connection, ConnectionTest
from connections.services import tests
from imports.models import Run

# People wait for their tests in the same queue: never more than two of ours at a time.
AT_ONCE = 2
_MINUTES = 24 * 60


def first_daily_test(connection_id: UUID, *, now: datetime) -> datetime:
    """The next occurrence, after ``now``, of the connection's own minute of the day (UTC)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    slot = midnight + timedelta(minutes=connection_id.int % _MINUTES)
    return slot if slot > now else slot + timedelta(days=1)


def request_due_tests(*, now: datetime) -> int:
    """Ask for the test of connections whose time has come; returns how many.

    Two ticks at once are harmless: who moves ``next_test_at`` asks. A tick that was away
    for days asks once.
    """
    at_work = ConnectionTest.objects.unattended().filter(finished_at__isnull=True).count()
    due = Connection.objects.due_for_test(now=now).with_people().order_by("next_test_at", "id")
    requested = 0
    for connection in due[: max(0, AT_ONCE - at_work)]:
        if connection.move_next_test(to=first_daily_test(connection.pk, now=now)):
            tests.request_unattended(connection=connection, trigger=_why(connection), now=now)
            requested += 1
    return requested


def _why(connection: Connection) -> str:
    """Did a run fail since the last test, on what a test can explain?"""
    failed = Run.objects.of_connection(connection).failed_on_the_source()
    latest = connection.latest_test
    if latest is not None:
        failed = failed.filter(finished_at__gt=latest.requested_at)
    trigger = ConnectionTest.Trigger
    return trigger.FAILED_RUN if failed.exists() else trigger.DAILY
