"""A stop needs no live worker: what a dead one left, the tick ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports import sweeps
from imports.models import Run
from imports.runner import execute
from tests.factories import RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateways(monkeypatch):
    bigquery, clevertap = FakeBigQuery([["c1", "a@shop.example"]]), FakeCleverTap()
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    return bigquery, clevertap


@pytest.fixture
def dead(gateways):
    """``dead()`` is a run whose worker died in mid-query, after which a stop was asked for."""

    def make(*, asked_ago=60, silent=True):
        run = RunFactory(job_id="clevertap_bq_x", job_location="EU", job_state="running")
        assert run.claim(owner="dead")
        now = timezone.now()
        Run.objects.filter(pk=run.pk).update(
            stop_requested_at=now - timedelta(seconds=asked_ago),
            stop_requested_by=run.requested_by,
            lease_until=now - timedelta(seconds=1) if silent else now + timedelta(seconds=30),
        )
        return run

    return make


def sweep():
    return sweeps.end_left_stops(now=timezone.now())


def test_ends_the_run_and_sees_its_job_cancelled(dead, gateways):
    run = dead()
    assert sweep() == 1
    run.refresh_from_db()
    assert (run.state, run.job_state) == (Run.State.STOPPED, Run.JobState.CANCELLED)
    assert gateways[0].cancelled == ["clevertap_bq_x"]


def test_sends_nothing(dead, gateways):
    dead()
    sweep()
    assert gateways[1].bodies == []


def test_leaves_a_run_alone_whose_worker_is_alive(dead):
    run = dead(silent=False)
    assert sweep() == 0
    run.refresh_from_db()
    assert run.owner == "dead"


def test_gives_workers_their_chance_first(dead):
    dead(asked_ago=5)
    assert sweep() == 0


def test_never_works_on_a_run_that_nobody_wants_to_stop(dead):
    run = dead()
    Run.objects.filter(pk=run.pk).update(stop_requested_at=None)
    assert sweep() == 0


def test_two_ticks_end_it_once(dead, gateways):
    dead()
    assert sweep() == 1
    assert sweep() == 0
    assert len(gateways[0].cancelled) == 1


def test_keeps_its_other_duties_when_many_were_left(dead, monkeypatch):
    dead()
    dead()
    monkeypatch.setattr(sweeps, "SECONDS_FOR_STOPS", -1.0)
    assert sweep() == 0
