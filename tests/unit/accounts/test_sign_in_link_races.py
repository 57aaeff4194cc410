"""Several at once with one link, each on a connection of its own.

On PostgreSQL only: SQLite lets one writer in at a time, and lives in memory in tests.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.services import check_sign_in_link, make_sign_in_link, use_sign_in_link
from accounts.services.links import LinkRefused

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time"),
]
AT_ONCE = 6


def all_at_once(ask):
    """What each of several threads got, or the reason why it was refused."""
    gate = Barrier(AT_ONCE)

    def one(_):
        gate.wait()
        try:
            return ask()
        except LinkRefused as refusal:
            return refusal.reason
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def works(path):
    try:
        check_sign_in_link(token=path.split("/")[-2], now=timezone.now())
    except LinkRefused:
        return False
    return True


@pytest.mark.parametrize("attempt", range(5))
def test_lets_one_in_and_refuses_the_others(admin, attempt):
    token = make_sign_in_link(user=admin, now=timezone.now()).split("/")[-2]

    answers = all_at_once(lambda: use_sign_in_link(token=token, now=timezone.now()))

    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert answers.count(LinkRefused.Reason.USED) == AT_ONCE - 1
    assert AuditEntry.objects.filter(action="signed in").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_leaves_one_working_link_when_several_are_made(admin, attempt):
    paths = all_at_once(lambda: make_sign_in_link(user=admin, now=timezone.now()))

    assert sum(works(path) for path in paths) == 1
