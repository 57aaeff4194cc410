"""The rules of claims of shards, and of their run, on either database."""

import random

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import Run, Shard
from imports.models.shard import SUMS
from imports.runner import works_of
from imports.runner.grip import Lost, StopAsked
from imports.runner.shards import take
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Cut in three, and nobody has taken a shard."""
    run = RunFactory(rows_total=60)
    assert run.claim(owner="cutter")
    assert run.cut([(0, 20), (20, 40), (40, 60)])
    return run


def shard_of(run, number):
    return run.shards.get(number=number)


def test_one_owner_at_a_time(run):
    shard = shard_of(run, 0)
    assert shard.claim(owner="first")
    assert not shard_of(run, 0).claim(owner="second")
    assert shard.hand_back()
    assert shard_of(run, 0).claim(owner="second")
    assert not shard.extend_lease()


def test_the_run_is_nobodys_while_a_shard_has_an_owner(run):
    Shard.objects.filter(number__gt=0).update(next_row=60, end_row=60)
    shard = shard_of(run, 0)
    assert shard.claim(owner="somebody")
    Run.objects.update(stop_requested_at=timezone.now())
    assert not run.claim(owner="impatient")
    shard.hand_back()
    assert run.claim(owner="patient")


def test_the_run_is_nobodys_while_rows_wait(run):
    assert not run.claim(owner="impatient")
    Shard.objects.update(next_row=60, end_row=60)
    assert run.claim(owner="patient")


def test_a_stop_is_seen_by_every_owner(run):
    grips = [take(shard.pk) for shard in run.shards.all()]
    Run.objects.update(stop_requested_at=timezone.now())
    for grip in grips:
        with pytest.raises(StopAsked):
            grip.confirm()
        grip.write(read_count=0)  # what was under way is written still


def test_nothing_is_counted_in_a_run_that_is_over(run):
    grip = take(shard_of(run, 0).pk)
    Run.objects.update(state=Run.State.STOPPED, finished_at=timezone.now())
    with pytest.raises(Lost):
        grip.write(next_row=5, read_count=5, accepted_count=5)
    assert shard_of(run, 0).next_row == 0


def test_for_whom_is_rung(run):
    shards = list(run.shards.order_by("number").values_list("pk", flat=True))
    assert works_of(run.pk) == shards
    assert works_of(shards[1]) == [shards[1]]
    whole = RunFactory()
    assert works_of(whole.pk) == [whole.pk]


def counts(rows, accepted=None):
    """What ``Delivery`` writes of so many rows."""
    accepted = rows if accepted is None else accepted
    return {
        "read_count": F("read_count") + rows,
        "accepted_count": F("accepted_count") + accepted,
        "refused_count": F("refused_count") + rows - accepted,
        "troubles": 0,
        "trouble_code": "",
        "trouble_sentence": "",
    }


def dies_before_the_commit(grip):
    with transaction.atomic():
        grip.write(**counts(3))
        grip.confirm()
        transaction.set_rollback(True)


def told(run, name="read_count"):
    """What the run says, and what its shards hold beside it."""
    held = run.shards.aggregate(at=Sum(name))["at"]
    return Run.objects.values_list(name, flat=True).get(), held


class TestSums:
    """What a shard counts is in its row until it is moved into the row of its run (ADR 37)."""

    @pytest.fixture
    def grip(self, run):
        grip = take(shard_of(run, 0).pk)
        grip.confirm()
        return grip

    def test_counting_leaves_the_row_of_the_run_alone(self, run, grip):
        with (
            CaptureQueriesContext(
                connection,
            ) as seen,
            transaction.atomic(),
        ):
            grip.write(next_row=5, **counts(5))
            grip.confirm(request_count=F("request_count") + 1)
        changed = [one["sql"] for one in seen if one["sql"].startswith("UPDATE")]
        assert len(changed) == 2
        assert not [
            sql for sql in changed if not sql.replace('"', "").startswith("UPDATE imports_shard ")
        ]
        assert (told(run), told(run, "request_count")) == ((0, 5), (0, 1))

    def test_they_are_moved_twice_a_second(self, run, grip, monkeypatch):
        grip.write(**counts(5))
        monkeypatch.setattr("imports.models.shard.MOVE_SECONDS", 0.0)
        grip.confirm()
        assert told(run) == (5, 0)

    @pytest.mark.parametrize("how", ["handed back", "failed", "run taken", "in trouble"])
    def test_they_are_moved_where_somebody_will_look(self, run, grip, how):
        grip.write(**counts(7, accepted=4))
        if how == "handed back":
            assert grip.work.hand_back()
        elif how == "failed":
            assert grip.work.note_failure(code="credentials", sentence="No.")
        elif how == "run taken":
            Shard.objects.update(lease_until=None)
            Run.objects.update(stop_requested_at=timezone.now())
            assert take(run.pk).run.read_count == 7
        else:
            grip.write(troubles=1, trouble_code="busy", trouble_sentence="Busy.")
        assert (told(run), told(run, "accepted_count")) == ((7, 0), (4, 0))

    def test_a_trouble_outlives_what_was_counted_before_it(self, run, grip, monkeypatch):
        grip.write(**counts(5))
        grip.write(troubles=1, trouble_code="busy", trouble_sentence="Busy.")
        monkeypatch.setattr("imports.models.shard.MOVE_SECONDS", 0.0)
        grip.confirm()
        assert Run.objects.get().trouble_code == "busy"
        grip.write(**counts(5))
        grip.confirm()
        assert (Run.objects.get().trouble_code, told(run)) == ("", (10, 0))

    def test_who_lost_the_shard_moves_nothing(self, run, grip):
        grip.write(**counts(5))
        assert shard_of(run, 0).read_count == 5
        Shard.objects.update(fence=F("fence") + 1)
        assert not grip.work.hand_back()
        with pytest.raises(Lost):
            grip.write(troubles=1, trouble_code="busy", trouble_sentence="Busy.")
        assert told(run) == (0, 5)

    def test_nothing_is_moved_into_a_run_that_is_over(self, run, grip):
        grip.write(**counts(5))
        Run.objects.update(state=Run.State.STOPPED, finished_at=timezone.now())
        assert not grip.work.hand_back()
        assert told(run) == (0, 5)

    def test_sums_that_disagree_are_refused_by_the_database(self, grip):
        with pytest.raises(IntegrityError), transaction.atomic():
            grip.write(read_count=5, accepted_count=4)

    @pytest.mark.parametrize("seed", range(4))
    def test_nothing_is_lost_or_counted_twice_whoever_dies_when(self, run, seed, monkeypatch):
        monkeypatch.setattr("imports.models.shard.MOVE_SECONDS", 0.0)
        dice, owners, rows = random.Random(seed), {}, 0
        for _ in range(60):
            number = dice.randrange(3)
            act = dice.choice(["write", "write", "undone", "confirm", "hand back", "die"])
            grip = owners[number] = owners.get(number) or take(shard_of(run, number).pk)
            if act == "write":
                grip.write(**counts(3, accepted=2))
                rows += 3
            elif act == "undone":
                dies_before_the_commit(grip)
            elif act == "confirm":
                grip.confirm()
            elif owners.pop(number) and act == "hand back":
                assert grip.work.hand_back()
            else:
                Shard.objects.filter(number=number).update(lease_until=None)
            assert sum(told(run)) == rows
        Shard.objects.update(lease_until=None)
        Run.objects.update(stop_requested_at=timezone.now())
        assert take(run.pk).run.read_count == rows
        assert {told(run, name)[1] for name in SUMS} == {0}
