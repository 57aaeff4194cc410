"""What a run's page says it is doing, or waiting for and why."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from imports.models import WAITS_FOR_SLOTS, Run
from imports.phases import NO_WORKERS, TRIES, phase_of
from imports.runner.execute import TROUBLES_ALLOWED
from tests.factories import RunFactory

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(seconds=20), NOW - timedelta(seconds=5)


def phase(workers_seen=True, **about):
    run = Run(state="running", lease_until=SOON, rows_total=1_000)
    for name, value in about.items():
        setattr(run, name, value)
    return phase_of(run, now=NOW, workers_seen=workers_seen)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({}, "Sending rows"),
        ({"rows_total": None}, "BigQuery is running the query."),
        ({"state": "queued", "lease_until": None}, "Waiting for an import worker."),
        ({"lease_until": PAST}, "Its worker has fallen silent."),
        ({"lease_until": None}, "Waiting for its next slice"),
        (
            {"lease_until": None, "trouble_code": WAITS_FOR_SLOTS},
            "Waiting: other imports use the 15 requests",
        ),
        ({"stop_requested_at": PAST}, "Stopping"),
        ({"state": "succeeded"}, ""),
    ],
)
def test_says_what_is_going_on(about, words):
    assert phase(**about).startswith(words)
    assert bool(phase(**about)) is bool(words)


def test_says_why_it_waits_and_how_long():
    words = phase(
        lease_until=None,
        troubles=2,
        not_before=SOON,
        trouble_sentence="CleverTap asks for fewer requests.",
    )
    assert words == "CleverTap asks for fewer requests. Trying again in 20 s (try 3 of 8)."


def test_a_wait_that_is_over_has_no_seconds():
    assert "Trying again (try 2 of 8)" in phase(lease_until=None, troubles=1, not_before=PAST)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_says_that_no_worker_is_there(state):
    assert phase(workers_seen=False, state=state, lease_until=None) == NO_WORKERS


def test_a_run_that_a_worker_holds_needs_no_other_sign_of_life():
    assert phase(workers_seen=False).startswith("Sending rows")


def test_counts_the_tries_as_the_runner_does():
    assert TRIES == TROUBLES_ALLOWED


@pytest.mark.django_db
class TestShards:
    @pytest.fixture
    def run(self):
        run = RunFactory(rows_total=30)
        assert run.claim(owner="cutter")
        assert run.cut([(0, 10), (10, 20), (20, 30)])
        return run

    def sentence(self, run, *, later=0):
        now = timezone.now() + timedelta(seconds=later)
        return phase_of(run, now=now, workers_seen=True)

    def test_says_how_many_workers_send(self, run):
        first, second, _ = run.shards.all()
        assert self.sentence(run).startswith("Waiting for its next slice")
        assert first.claim(owner="one")
        assert self.sentence(run) == "Sending rows to CleverTap."
        assert second.claim(owner="other")
        assert self.sentence(run) == "Sending rows to CleverTap with 2 workers."

    def test_all_that_fell_silent_are_told(self, run):
        assert run.shards.first().claim(owner="one")
        assert self.sentence(run, later=600).startswith("Its worker has fallen silent")
