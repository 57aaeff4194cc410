"""The badge of a connection, in memory and in the database: one definition, no difference."""

from itertools import product

import pytest
from django.utils import timezone

from connections import status
from connections.models import Connection, ConnectionTest
from tests.factories import ConnectionFactory, StoredKeyFactory, UserFactory

STATES = Connection.State.values
# None: no test at all. Then: for the connection as it is, verdict (empty: at work), reason.
TESTS = [
    None,
    *product(
        (True, False),
        ("", *ConnectionTest.Verdict.values),
        ("", "permission", status.KEY_UNREADABLE_REASON),
    ),
]
# Each differs in one part of the fingerprint, or holds what databases could write otherwise.
PLACES = [
    {},
    {"access": "read_only"},
    {"project_id": "example.com:shop"},
    {"dataset_id": "lådan_Ω_数据"},
    {"dataset_id": ""},
]


@pytest.fixture
def person(db):
    return UserFactory(admin=True)


def connection_in(state, person, **more):
    now = timezone.now()
    leaving = {} if state == "active" else {"deletion_requested_at": now}
    gone = {"deleted_at": now} if state == "deleted" else {}
    key = StoredKeyFactory(uploaded_by=person)
    return ConnectionFactory(state=state, key=key, created_by=person, **leaving, **gone, **more)


def let_speak(connection, *, is_about_now=True, verdict="verified", reason=""):
    fingerprint = status.fingerprint_of(connection)
    connection.latest_test = ConnectionTest.objects.create(
        connection=connection,
        key=connection.key,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
        fingerprint=fingerprint if is_about_now else fingerprint[::-1],
        requested_by=connection.created_by,
        verdict=verdict,
        reason=reason,
        finished_at=timezone.now() if verdict else None,
    )
    connection.save()
    return connection


@pytest.fixture
def every_combination(person):
    for state, test in product(STATES, TESTS):
        connection = connection_in(state, person)
        if test:
            is_about_now, verdict, reason = test
            let_speak(connection, is_about_now=is_about_now, verdict=verdict, reason=reason)


def badges():
    return {one.pk: status.badge_of(one) for one in Connection.objects.with_people()}


def in_database(badge):
    found = status.with_badge(Connection.objects.all()).filter(status.shown_as(badge))
    return set(found.values_list("pk", flat=True))


def test_every_filter_finds_exactly_the_connections_with_its_badge(every_combination):
    shown = badges()
    assert len(shown) == len(STATES) * len(TESTS)
    for badge in (*status.LISTED, status.DELETED):
        expected = {pk for pk, one in shown.items() if one.value == badge.value}
        assert expected, f"no combination shows {badge.word}"
        assert in_database(badge) == expected, badge.word


def test_the_order_by_status_is_the_order_of_the_badges(every_combination):
    shown = badges()
    ordered = status.with_badge(Connection.objects.all()).order_by("badge", "pk")
    values = [shown[pk].value for pk in ordered.values_list("pk", flat=True)]
    assert values == sorted(values)


def test_every_badge_that_the_list_can_show_can_be_asked_for(every_combination):
    values = {badge.value for badge in badges().values()} - {status.DELETED.value}
    assert values == {badge.value for badge in status.LISTED}


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_both_work_out_the_same_fingerprint(person, place):
    found = let_speak(connection_in("active", person, **place))
    assert in_database(status.VERIFIED) == {found.pk}


@pytest.mark.parametrize(
    "edit", [{"access": "read_only"}, {"project_id": "other"}, {"dataset_id": "Shop"}], ids=str
)
def test_a_verdict_for_anything_else_is_none(person, edit):
    found = let_speak(connection_in("active", person))
    Connection.objects.filter(pk=found.pk).update(**edit)
    assert in_database(status.VERIFIED) == set()
    assert in_database(status.UNTESTED) == {found.pk}


def test_a_verdict_for_another_key_is_none(person):
    found = let_speak(connection_in("active", person))
    Connection.objects.filter(pk=found.pk).update(key=StoredKeyFactory(uploaded_by=person))
    assert in_database(status.VERIFIED) == set()


def test_an_unreadable_key_counts_as_failed_and_says_what_it_is(person):
    reason = status.KEY_UNREADABLE_REASON
    found = let_speak(connection_in("active", person), verdict="inconclusive", reason=reason)
    assert status.badge_of(found).word == "Key unreadable"
    assert in_database(status.FAILED) == {found.pk}
    assert in_database(status.INCONCLUSIVE) == set()
