"""The end of a deletion for each choice, and killed between any two statements of it."""

import contextlib
import random

import pytest
from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from connections.deletion import finish_deletion
from connections.models import Connection, FormerKey, StoredKey
from connections.services import deletion
from connections.services.deletion import Decision
from connections.services.move_targets import Target, TargetRefused
from imports.models import Import, Move, Run
from imports.runner import execute_run
from tests.factories import (
    ConnectionFactory,
    ImportFactory,
    RunFactory,
    StoredKeyFactory,
    UserFactory,
)
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db
CHOICES = ["stop", "finish", "move"]


class Killed(BaseException):
    """The process ended here; nothing catches it."""


@pytest.fixture
def connection(bells):
    """A connection with a former key, a run that has begun, a queued one, and a draft."""
    found = ConnectionFactory(name="Warehouse")
    _former_key(found)
    begun = RunFactory(parent=ImportFactory(connection=found, nickname="Begun"))
    assert begun.claim(owner="worker")
    RunFactory(parent=ImportFactory(connection=found, nickname="Waiting"))
    ImportFactory(connection=found, draft=True)
    return found


@pytest.fixture
def target():
    return ConnectionFactory(name="Lake", dataset_id="lake")


def _former_key(connection):
    return FormerKey.objects.create(
        connection=connection,
        key=StoredKeyFactory(),
        replaced_by=UserFactory(admin=True),
        restorable_until=timezone.now(),
    )


def delete(connection, choice, target):
    review = deletion.review_deletion(connection)
    decision = Decision(
        token=review.token,
        typed_name=connection.name,
        choice=choice,
        target=Target(target.pk, target.version) if choice == "move" else None,
    )
    deletion.delete_connection(
        connection=connection, decision=decision, by=UserFactory(admin=True), now=timezone.now()
    )


def end(nickname, state):
    run = Run.objects.get(parent__nickname=nickname)
    assert run.finish(state)


def readable_keys(connection):
    """Of its own and its former keys, those that still open something."""
    own = Q(connections=connection) | Q(former_uses__connection=connection)
    return StoredKey.objects.filter(own, sealed_key__isnull=False)


def nothing_is_left(connection):
    row = Connection.objects.get(pk=connection.pk)
    is_over = row.state == Connection.State.DELETED
    active = Run.objects.active().bound_to(row)
    return is_over and not active.exists() and not readable_keys(row).exists()


@pytest.mark.parametrize("choice", CHOICES)
def test_keeps_every_key_until_the_last_run_has_ended(choice, connection, target):
    delete(connection, choice, target)
    assert not finish_deletion(connection_id=connection.pk)
    assert readable_keys(connection).count() == 2
    end("Begun", Run.State.STOPPED if choice == "stop" else Run.State.SUCCEEDED)
    assert finish_deletion(connection_id=connection.pk)
    assert nothing_is_left(connection)


def test_waits_for_a_run_of_a_moved_import_and_not_for_the_queued_one(connection, target):
    delete(connection, "move", target)
    end("Begun", Run.State.SUCCEEDED)
    assert finish_deletion(connection_id=connection.pk)
    assert Run.objects.get(parent__nickname="Waiting").state == Run.State.QUEUED


def test_waits_for_a_run_that_reads_with_a_former_key_elsewhere(connection, target):
    former = connection.former_keys.get().key
    delete(connection, "stop", target)
    end("Begun", Run.State.STOPPED)
    stranger = RunFactory(key=former)
    assert not finish_deletion(connection_id=connection.pk)
    stranger.stop_if_queued()
    assert finish_deletion(connection_id=connection.pk)


def test_deleting_the_target_too_stops_the_run_that_reads_elsewhere(connection, target):
    """The import is the target's by now, though its run reads with the key of before."""
    delete(connection, "move", target)
    delete(target, "stop", None)
    begun = Run.objects.get(parent__nickname="Begun")
    assert begun.is_stopping
    assert not finish_deletion(connection_id=target.pk)
    end("Begun", Run.State.STOPPED)
    assert finish_deletion(connection_id=target.pk)
    assert finish_deletion(connection_id=connection.pk)


@pytest.mark.parametrize("change", ["deleting", "gone", "edited"])
def test_refuses_a_target_that_changed_in_the_last_moment(change, connection, target):
    offered = Target(target.pk, target.version)
    if change == "gone":
        Connection.objects.filter(pk=target.pk).delete()
    elif change == "edited":
        Connection.objects.filter(pk=target.pk).update(version=7)
    else:
        target.begin_deletion(by_id=target.created_by_id, version=1, now=timezone.now())
    token = deletion.review_deletion(connection).token
    decision = Decision(token=token, typed_name="Warehouse", choice="move", target=offered)
    by = UserFactory(admin=True)
    with pytest.raises(TargetRefused):
        deletion.delete_connection(
            connection=connection, decision=decision, by=by, now=timezone.now()
        )
    assert (Connection.objects.get(pk=connection.pk).is_active, Move.objects.count()) == (True, 0)


def test_a_run_that_is_moved_while_a_worker_takes_it_reads_with_the_new_key(
    connection, target, monkeypatch
):
    """The worker had looked at the run before; what it reads with, it looks up after the claim."""
    opened = []
    rows = FakeBigQuery([["1", "a@shop.example"]])
    monkeypatch.setattr(
        "imports.runner.execute.open_bigquery",
        lambda key, project: opened.append((key.pk, project)) or rows,
    )
    monkeypatch.setattr("imports.runner.execute.open_clevertap", lambda _: FakeCleverTap())
    real = Run.claim

    def moved_first(run, *, owner):
        monkeypatch.setattr(Run, "claim", real)
        delete(connection, "move", target)
        return run.claim(owner=owner)

    monkeypatch.setattr(Run, "claim", moved_first)
    run = Run.objects.get(parent__nickname="Waiting")
    execute_run(run_id=run.pk)
    assert opened[0] == (target.key_id, "shop-4711")
    assert "`lake`" in rows.started[0][1]


@pytest.mark.parametrize(
    ("choice", "step"), [("move", "redirect_if_queued"), ("finish", "stop_if_queued")]
)
def test_a_run_that_a_worker_takes_in_the_middle_of_it_goes_on_as_it_began(
    choice, step, connection, target, monkeypatch
):
    real = getattr(Run, step)

    def claimed_first(run, **values):
        assert Run.objects.get(pk=run.pk).claim(owner="worker") or run.parent.nickname == "Begun"
        return real(run, **values)

    monkeypatch.setattr(Run, step, claimed_first)
    delete(connection, choice, target)
    run = Run.objects.get(parent__nickname="Waiting")
    assert (run.state, run.connection) == (Run.State.RUNNING, connection)
    assert not run.is_stopping


@pytest.mark.parametrize("seed", range(9))
def test_in_whatever_order_things_happen_the_key_goes_after_the_last_run(seed, connection, target):
    order = random.Random(seed)
    delete(connection, CHOICES[seed % 3], target)
    steps = [
        lambda: finish_deletion(connection_id=connection.pk),
        lambda: _stop_remaining(connection),
        lambda: end("Begun", order.choice(Run.State.final())),
        lambda: Run.objects.get(parent__nickname="Waiting").claim(owner="late"),
    ]
    for step in order.sample(steps, len(steps)) + order.sample(steps[:2], 2):
        step()
        is_over = Connection.objects.get(pk=connection.pk).state == Connection.State.DELETED
        assert readable_keys(connection).count() == (0 if is_over else 2)
        assert not (is_over and Run.objects.active().bound_to(connection).exists())
    assert nothing_is_left(connection)


def _stop_remaining(connection):
    with contextlib.suppress(deletion.NothingLeft):
        by = connection.created_by
        deletion.stop_remaining_runs(connection=connection, by=by, now=timezone.now())


@pytest.fixture
def killed_after(monkeypatch):
    """Runs something and ends the process before its n-th write; says whether it got there."""

    def attempt(count, work):
        left = [count]

        def fail(execute, sql, params, many, context):
            if sql.startswith(("UPDATE", "INSERT")):
                if not left[0]:
                    raise Killed
                left[0] -= 1
            return execute(sql, params, many, context)

        try:
            with database.execute_wrapper(fail):
                work()
        except Killed:
            return True
        return False

    return attempt


@pytest.mark.parametrize("choice", CHOICES)
def test_a_finishing_worker_may_die_before_any_write(choice, connection, target, killed_after):
    delete(connection, choice, target)
    end("Begun", Run.State.STOPPED)
    deaths = 0
    while killed_after(deaths, lambda: finish_deletion(connection_id=connection.pk)):
        deaths += 1
        assert Connection.objects.get(pk=connection.pk).is_deleting
        assert readable_keys(connection).count() == 2, "a key is gone, but the deletion is not over"
    assert deaths >= 4
    assert nothing_is_left(connection)


@pytest.mark.parametrize("choice", CHOICES)
def test_a_request_that_dies_before_any_write_has_changed_nothing(
    choice, connection, target, killed_after
):
    deaths = 0
    before = _everything()
    while killed_after(deaths, lambda: delete(connection, choice, target)):
        deaths += 1
        assert _everything() == before
    assert deaths >= 5
    assert Connection.objects.get(pk=connection.pk).is_deleting


def _everything():
    """What a deletion may change, row by row."""
    return [
        list(Connection.objects.order_by("pk").values_list("state", "version")),
        list(Import.objects.order_by("pk").values_list("status", "connection", "version")),
        list(Run.objects.order_by("pk").values_list("state", "stop_requested_at", "connection")),
        Move.objects.count(),
    ]
