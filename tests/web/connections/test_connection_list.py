"""Import Connections: who connected what, when, and the filters that find it."""

from datetime import UTC, datetime

import pytest

from connections.models import ConnectionTest
from connections.status import fingerprint_of
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, UserFactory

LIST = "/settings/partners/import-connections/"


@pytest.fixture
def two(db):
    ann = UserFactory(admin=True, email="ann@shop.example")
    bob = UserFactory(admin=True, email="bob@shop.example")
    early = ConnectionFactory(
        name="Early", created_by=ann, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC)
    )
    late = ConnectionFactory(
        name="Late", created_by=bob, created_at=datetime(2026, 9, 1, 12, tzinfo=UTC)
    )
    return early, late


def names(answer):
    return [row["connection"].name for row in answer.context["rows"]]


def test_lists_the_newest_first(as_member, two):
    assert names(as_member.get(LIST)) == ["Late", "Early"]


def test_filters_by_the_day_connected_on_both_ends(as_member, two):
    assert names(as_member.get(LIST, {"connected_from": "2026-03-01"})) == ["Late", "Early"]
    assert names(as_member.get(LIST, {"connected_from": "2026-03-02"})) == ["Late"]
    assert names(as_member.get(LIST, {"connected_to": "2026-09-01"})) == ["Late", "Early"]
    assert names(as_member.get(LIST, {"connected_to": "2026-08-31"})) == ["Early"]


def test_filters_by_who_connected(as_member, two):
    ann = two[0].created_by
    assert names(as_member.get(LIST, {"connected_by": str(ann.pk)})) == ["Early"]


def test_offers_only_people_who_have_connections(as_member, two):
    text = as_member.get(LIST).content.decode()
    assert "ann@shop.example" in text
    assert ">member@shop.example</option>" not in text


def test_finds_by_name_project_and_dataset(as_member, two):
    assert names(as_member.get(LIST, {"q": "earl"})) == ["Early"]
    assert names(as_member.get(LIST, {"q": "nothing like it"})) == []


def test_says_which_filter_excludes_all(as_member, two):
    text = as_member.get(LIST, {"q": "zzz"}).content.decode()
    assert "No connection passes these filters" in text
    assert "zzz" in text


def test_ignores_a_filter_that_is_no_date_and_says_so(as_member, two):
    answer = as_member.get(LIST, {"connected_from": "yesterday"})
    assert names(answer) == ["Late", "Early"]
    assert "Enter a valid date." in answer.content.decode()


def test_ignores_a_person_who_is_none(as_member, two):
    assert names(as_member.get(LIST, {"connected_by": "x'; DROP TABLE"})) == ["Late", "Early"]


def test_counts_running_imports_and_all(as_member, two):
    ImportFactory(connection=two[0])
    RunFactory(parent=ImportFactory(connection=two[0]))
    row = as_member.get(LIST, {"q": "Early"}).context["rows"][0]
    assert (row["connection"].running_count, row["connection"].import_count) == (1, 2)


def test_an_edit_makes_a_verdict_of_before_count_no_more(as_member, two):
    early = two[0]
    test = ConnectionTest.objects.create(
        connection=early,
        key=early.key,
        project_id=early.project_id,
        dataset_id=early.dataset_id,
        access=early.access,
        fingerprint=fingerprint_of(early),
        requested_by=early.created_by,
    )
    test.finish(verdict="verified")
    early.speak_by(test)
    assert as_member.get(LIST, {"q": "Early"}).context["rows"][0]["badge"].word == "Verified"
    type(early).objects.filter(pk=early.pk).update(dataset_id="other")
    badge = as_member.get(LIST, {"q": "Early"}).context["rows"][0]["badge"]
    assert badge.word == "Not verified"


def test_offers_no_delete_to_a_member(as_member, two):
    assert ">Delete</a>" not in as_member.get(LIST).content.decode()


def test_needs_no_more_queries_for_more_connections(as_member, two, django_assert_num_queries):
    as_member.get(LIST)
    with django_assert_num_queries(10):
        as_member.get(LIST)
    for _ in range(10):
        ConnectionFactory()
    with django_assert_num_queries(10):
        as_member.get(LIST)


def test_never_shows_the_sealed_key(as_member, two):
    assert two[0].key.sealed_key not in as_member.get(LIST).content.decode()
