"""Starting, moving and deleting in the same moment, each on a database connection of its own.

CHAOS_ROUNDS=1000 repeats each race so often; the usual number keeps the suite quick.
"""

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection as database
from django.utils import timezone

from connections.deletion import finish_deletion
from connections.models import Connection, StoredKey
from connections.services import deletion
from connections.services.deletion import AlreadyLeaving, Decision, ReviewOutdated
from connections.services.move_targets import Target, TargetRefused
from imports.models import Import, Run
from imports.services import deletion as import_deletion
from imports.services import runs
from tests.factories import (
    CleverTapAccountFactory,
    ConnectionFactory,
    ImportFactory,
    RunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "25"))
FEWER = ROUNDS if "CHAOS_ROUNDS" in os.environ else 5
STARTS = 50


class World:
    """One connection with one import, another to move to, and who asks."""

    def __init__(self, user, account, number):
        self.user = user
        people = {"created_by": user, "key__uploaded_by": user}
        self.source = ConnectionFactory(name=f"Source {number}", **people)
        self.target = ConnectionFactory(name=f"Target {number}", dataset_id="lake", **people)
        self.subject = ImportFactory(connection=self.source, account=account, created_by=user)

    def start(self):
        return runs.start_run(parent=self.subject, by=self.user, now=timezone.now())

    def delete(self, connection, choice="stop", target=None):
        """Confirms what is shown, and again when that has changed, as a person would."""
        while True:
            decision = Decision(
                token=deletion.review_deletion(connection).token,
                typed_name=connection.name,
                choice=choice,
                target=target and Target(target.pk, target.version),
            )
            try:
                return deletion.delete_connection(
                    connection=connection, decision=decision, by=self.user, now=timezone.now()
                )
            except ReviewOutdated:
                connection = Connection.objects.get(pk=connection.pk)

    def delete_import(self):
        while True:
            subject = Import.objects.get(pk=self.subject.pk)
            token = import_deletion.review_deletion(subject).token
            try:
                return import_deletion.delete_import(
                    subject=subject, token=token, by=self.user, now=timezone.now()
                )
            except import_deletion.ReviewOutdated:
                continue

    def move(self):
        return self.delete(self.source, "move", self.target)

    @property
    def run(self):
        return Run.objects.select_related("connection", "parent__connection").get(
            parent=self.subject
        )


@pytest.fixture
def worlds(bells):
    user = UserFactory(admin=True)
    account = CleverTapAccountFactory(created_by=user)
    return (World(user, account, number) for number in range(FEWER))


@pytest.fixture
def many_worlds(bells):
    user = UserFactory(admin=True)
    account = CleverTapAccountFactory(created_by=user)
    return (World(user, account, number) for number in range(ROUNDS))


EXPECTED = (runs.CannotStart, TargetRefused, AlreadyLeaving, import_deletion.AlreadyDeleted)


def together(*works):
    """All of them at once; what each returned, or how it was refused. Else it is raised."""
    gate = Barrier(len(works))

    def one(work):
        gate.wait()
        try:
            return work()
        except EXPECTED as refusal:
            return refusal
        finally:
            database.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return [done.result() for done in [threads.submit(one, work) for work in works]]


@pytest.mark.parametrize("choice", ["stop", "finish"])
def test_no_start_survives_a_deletion(choice, many_worlds):
    first = Counter()
    for world in many_worlds:
        started, _ = together(world.start, lambda world=world: world.delete(world.source, choice))
        first["start" if isinstance(started, Run) else "deletion"] += 1
        assert not Run.objects.active().bound_to(world.source).exists()
        assert finish_deletion(connection_id=world.source.pk)
        assert StoredKey.objects.get(pk=world.source.key_id).sealed_key is None
    sys.stdout.write(f"{database.vendor}, {choice}: came first {dict(first)}\n")


def test_a_start_during_a_move_reads_from_where_the_import_is(worlds):
    for world in worlds:
        started, _ = together(world.start, world.move)
        assert isinstance(started, Run)
        run = world.run
        assert (run.connection, run.parent.connection) == (world.target, world.target)
        assert run.snapshot["dataset_id"] == "lake"
        assert finish_deletion(connection_id=world.source.pk)


def test_a_claim_during_a_move_has_key_and_place_of_one_connection(worlds):
    """What the worker looks up after its claim is what the run keeps."""
    for world in worlds:
        snapshot = runs.snapshot_of(world.subject, world.source)
        run = RunFactory(parent=world.subject, snapshot=snapshot)

        def take(run=run, world=world):
            assert run.claim(owner="worker")
            return world.run

        taken, _ = together(take, world.move)
        after = world.run
        assert (taken.connection, taken.snapshot) == (after.connection, after.snapshot)
        assert after.snapshot["dataset_id"] == after.connection.dataset_id
        ends = after.connection == world.target
        assert finish_deletion(connection_id=world.source.pk) == ends


def test_a_claim_during_a_deletion_is_let_finish_or_never_begins(worlds):
    for world in worlds:
        run = RunFactory(parent=world.subject)
        claimed, _ = together(
            lambda run=run: run.claim(owner="worker"),
            lambda world=world: world.delete(world.source, "finish"),
        )
        assert world.run.state == (Run.State.RUNNING if claimed else Run.State.STOPPED)
        assert finish_deletion(connection_id=world.source.pk) != claimed


def test_nothing_moves_to_a_connection_that_is_leaving(worlds):
    for world in worlds:
        moved, _ = together(world.move, lambda world=world: world.delete(world.target))
        subject = Import.objects.select_related("connection").get(pk=world.subject.pk)
        assert subject.can_run == subject.connection.is_active
        assert isinstance(moved, TargetRefused) == (subject.connection == world.source)


def test_of_two_that_move_to_each_other_one_is_refused(worlds):
    for world in worlds:
        answers = together(
            world.move, lambda world=world: world.delete(world.target, "move", world.source)
        )
        assert sum(isinstance(answer, TargetRefused) for answer in answers) == 1
        assert Import.objects.get(pk=world.subject.pk, connection__state="active").can_run


def test_no_start_survives_the_deletion_of_its_import_or_its_connection(worlds):
    for world in worlds:
        together(world.start, world.delete_import, lambda world=world: world.delete(world.source))
        assert not Run.objects.active().bound_to(world.source).exists()
        assert Import.objects.get(pk=world.subject.pk).is_deleted
        assert finish_deletion(connection_id=world.source.pk)


@pytest.mark.parametrize("attempt", range(max(1, ROUNDS // 25)))
def test_of_fifty_starts_at_once_one_run_is_made(attempt, worlds):
    world = next(worlds)
    answers = together(*[world.start] * STARTS)
    assert sum(isinstance(answer, Run) for answer in answers) == 1
    assert Run.objects.filter(parent=world.subject).count() == 1
