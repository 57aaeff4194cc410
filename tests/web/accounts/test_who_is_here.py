"""The work of an answer is the same whoever is asked for, and so is its time: it tells nobody who is here.

Work is counted, not measured: what was measured stands in docs/security.md.
"""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tally, User
from accounts.services import door
from tests.web.accounts.conftest import PASSWORD

NOBODY = "nobody@example.com"
MAY_NOT = "gone@example.com"
INVITED = "max@example.com"
HERE = "ana@example.com"


@pytest.fixture
def everybody(settings, monkeypatch, db):
    """Somebody with a password, who has none, who is switched off; and a cheap hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_IN_AT_ONCE = 1_000
    monkeypatch.setattr(door, "_shut", {})
    User.objects.create_user(email=HERE, role="admin", password=PASSWORD)
    User.objects.create_user(email=INVITED, role="member")
    gone = User.objects.create_user(email=MAY_NOT, role="member", password=PASSWORD)
    User.objects.filter(pk=gone.pk).update(is_active=False)


@pytest.fixture
def work(monkeypatch):
    """What one try costs: hashes, statements of the database, and what is answered."""
    hashes, real = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *given: hashes.append(1) or real(*given)
    )

    def of(email, password="wrong", address="192.0.2.1"):
        hashes.clear()
        with CaptureQueriesContext(connection) as asked:
            form = {"email": email, "password": password}
            answer = Client().post("/sign-in/", form, REMOTE_ADDR=address)
        statements = [re.sub(r"_x\d+|\d{6,}", "", query["sql"])[:40] for query in asked]
        return len(hashes), statements, answer.status_code

    return of


def test_a_wrong_password_costs_one_hash_whoever_it_is_for(everybody, work):
    work("first@example.com", address="192.0.2.9")
    costs = [
        work(email, address=f"192.0.2.{number}")
        for number, email in enumerate((NOBODY, HERE, INVITED, MAY_NOT))
    ]

    assert costs[0][0] == 1
    assert costs == [costs[0]] * len(costs)


def test_a_right_one_of_who_is_switched_off_too(everybody, work):
    work("first@example.com", address="192.0.2.9")
    assert work(MAY_NOT, PASSWORD) == work(NOBODY, PASSWORD, "192.0.2.2")


def test_a_refused_try_costs_no_hash_whoever_it_is_for(everybody, work, settings):
    """By the count of the name, when it is looked at; then at the door, without a statement."""
    settings.SIGN_IN_PER_ACCOUNT, settings.SIGN_IN_REMEMBERED_SECONDS = 1, 60
    first, again, looked = [], [], []
    for number, email in enumerate((NOBODY, HERE, INVITED, MAY_NOT)):
        work(email, address=f"192.0.2.{number}")
        first.append(work(email, address=f"198.51.100.{number}"))
        again.append(work(email, address=f"203.0.113.{number}"))
        door._shut.clear()
        looked.append(work(email, address=f"203.0.113.{number}"))

    for costs in (first, again, looked):
        assert all(cost == costs[0] for cost in costs)
        assert (costs[0][0], costs[0][2]) == (0, 429)
    assert Tally.objects.exists()


def test_a_lock_of_name_and_address_costs_no_hash_whoever_it_is_for(everybody, work, settings):
    settings.AXES_FAILURE_LIMIT = 2
    costs = []
    for number, email in enumerate((NOBODY, HERE, INVITED, MAY_NOT)):
        for _ in range(3):
            cost = work(email, address=f"192.0.2.{number}")
        costs.append(cost)

    assert all(cost == costs[0] for cost in costs)
    assert costs[0][0] == 0
