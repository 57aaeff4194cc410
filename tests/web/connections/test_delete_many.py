"""Deleting several connections: one review, all of what was shown or nothing."""

import uuid

import pytest

from accounts.models import AuditEntry
from connections.models import Connection
from connections.services import bulk_deletion
from imports.models import Run
from tests.factories import ConnectionFactory, ImportFactory, RunFactory

URL = "/settings/partners/import-connections/delete/"


@pytest.fixture
def three(db):
    """Two connections with a run each, one a worker's, and one with nothing."""
    found = [ConnectionFactory(name=name) for name in ("Alpha", "Beta", "Gamma")]
    RunFactory(parent=ImportFactory(connection=found[0], nickname="Waiting"))
    begun = RunFactory(parent=ImportFactory(connection=found[1], nickname="Begun"))
    begun.claim(owner="worker")
    return found


def ids(connections):
    return [str(connection.pk) for connection in connections]


def confirm(connections, **changes):
    review = bulk_deletion.review_many(ids(connections))
    return {
        "id": ids(connections),
        "token": review.token,
        "typed_number": str(len(connections)),
        "choice": "stop",
        **changes,
    }


def states(connections):
    return {Connection.objects.get(pk=connection.pk).state for connection in connections}


def test_shows_each_connection_with_its_runs(as_admin, three):
    text = as_admin.get(URL, {"id": ids(three)}).content.decode()
    assert "Delete 3 connections?" in text
    assert all(word in text for word in ("Alpha", "Beta", "Gamma", "Waiting", "Begun"))


def test_deletes_each_and_shows_a_line_for_it(as_admin, three, bells):
    answer = as_admin.post(URL, confirm(three), follow=True)
    text = answer.content.decode()
    assert states(three) == {"deleting"}
    assert "Deleted connections" in text
    assert text.count("badge--deleting") >= 3
    assert AuditEntry.objects.filter(action="connection deleted").count() == 3


def test_lets_current_runs_finish_when_that_is_chosen(as_admin, three, bells):
    as_admin.post(URL, confirm(three, choice="finish"))
    assert Run.objects.get(parent__nickname="Begun").stop_requested_at is None
    assert Run.objects.get(parent__nickname="Waiting").state == Run.State.STOPPED


def test_needs_no_number_when_nothing_runs(as_admin, bells):
    pair = ConnectionFactory.create_batch(2)
    as_admin.post(URL, confirm(pair, typed_number=""))
    assert states(pair) == {"deleting"}


@pytest.mark.parametrize("typed", ["", "2", "three", "\uff13", "3 of them", "Alpha"])
def test_refuses_another_number_than_that_of_the_connections(typed, as_admin, three, bells):
    answer = as_admin.post(URL, confirm(three, typed_number=typed))
    assert "Type the number of connections, 3" in answer.content.decode()
    assert states(three) == {"active"}


def test_deletes_none_when_one_of_them_changed(as_admin, three, bells):
    outdated = confirm(three)
    ImportFactory(connection=three[2])
    answer = as_admin.post(URL, outdated)
    assert "Nothing was deleted" in " ".join(answer.content.decode().split())
    assert states(three) == {"active"}


def test_deletes_none_when_another_is_slipped_in(as_admin, three, bells):
    other = ConnectionFactory()
    answer = as_admin.post(URL, confirm(three, id=ids([*three, other]), typed_number="4"))
    assert answer.status_code == 200
    assert states([*three, other]) == {"active"}


def test_refuses_to_move(as_admin, three, bells):
    answer = as_admin.post(URL, confirm(three, choice="move"))
    assert "moved for one connection at a time" in answer.content.decode()
    assert states(three) == {"active"}


def test_a_second_time_shows_the_same_lines_and_changes_nothing(as_admin, three, bells):
    posted = confirm(three)
    as_admin.post(URL, posted)
    answer = as_admin.post(URL, posted)
    assert "Deleted connections" in answer.content.decode()
    assert AuditEntry.objects.filter(action="connection deleted").count() == 3


def test_one_that_changes_in_the_last_moment_stays_and_is_named(
    as_admin, three, bells, monkeypatch
):
    posted = confirm(three)
    real = bulk_deletion.delete_connection

    def changed_first(*, connection, **rest):
        if connection.name == "Beta":
            ImportFactory(connection=connection)
        real(connection=connection, **rest)

    monkeypatch.setattr(bulk_deletion, "delete_connection", changed_first)
    text = as_admin.post(URL, posted, follow=True).content.decode()
    assert "“Beta” changed in this very moment and was not deleted" in text
    assert states(three[1:2]) == {"active"}
    assert states([three[0], three[2]]) == {"deleting"}


@pytest.mark.parametrize("value", ["", "x", "../..", "\x00", "1 OR 1=1", str(uuid.UUID(int=4711))])
def test_leaves_out_what_names_no_connection_and_says_so(value, as_admin, three):
    text = as_admin.get(URL, {"id": [value, *ids(three)]}).content.decode()
    assert "Some of the chosen connections are not there" in text
    assert "Delete 3 connections?" in text


@pytest.mark.parametrize("query", [{}, {"id": ""}, {"id": "x"}])
def test_sends_back_to_the_list_when_nothing_was_chosen(query, as_admin, db):
    answer = as_admin.get(URL, query, follow=True)
    assert answer.redirect_chain[0][0].endswith("/import-connections/")
    assert "Choose the connections to delete first" in answer.content.decode()


def test_refuses_more_than_one_review_can_show(as_admin, three):
    many = [str(uuid.uuid4()) for _ in range(101)]
    answer = as_admin.get(URL, {"id": many}, follow=True)
    assert "At most 100 connections" in answer.content.decode()


def test_the_same_id_twice_is_one_connection(as_admin, three):
    text = as_admin.get(URL, {"id": [str(three[0].pk), str(three[0].pk).upper()]}).content.decode()
    assert "Delete 1 connection?" in text
    assert "are not there" not in text


def test_the_lines_are_looked_at_again_until_all_are_deleted(as_admin, bells):
    leaving = ConnectionFactory(deleting=True)
    look = {"headers": {"HX-Request": "true"}}
    text = as_admin.get(URL, {"id": str(leaving.pk)}, **look).content.decode()
    assert "data-poll" in text
    assert "<html" not in text
    Connection.objects.update(state="deleted", deleted_at=leaving.created_at)
    assert "data-poll" not in as_admin.get(URL, {"id": str(leaving.pk)}, **look).content.decode()


@pytest.mark.parametrize("who", ["as_creator", "as_member"])
def test_is_for_admins(who, request, three, bells):
    client = request.getfixturevalue(who)
    assert client.get(URL, {"id": ids(three)}).status_code == 403
    assert client.post(URL, confirm(three)).status_code == 403
    assert states(three) == {"active"}
