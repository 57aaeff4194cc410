"""The rules of claims of shards, and of their run, on either database."""

import pytest
from django.utils import timezone

from imports.models import Run, Shard
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
