"""Unknown outcomes: held with their records, and decided about by people."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from imports import contents
from imports.clevertap import Answer, CleverTapOutcomeUnknown, CleverTapRefused, Reason
from imports.models import Batch, Run
from imports.runner import execute, execute_run
from imports.services import held, runs
from tests.factories import MAPPING, ConnectionFactory, ImportFactory, RunFactory, UserFactory
from tests.fakes import FakeBigQuery, FakeCleverTap
from tests.refused import hold
from tests.worker.test_replays import finish

pytestmark = pytest.mark.django_db

EVENT = {**MAPPING, "kind": "event", "event_name": {"column": None, "fixed": "Signed up"}}
LOST = CleverTapOutcomeUnknown(Reason.TIMED_OUT)
RECORDS = [b'{"identity":"c1"}', b'{"identity":"c2"}']


@pytest.fixture
def world(monkeypatch):
    """Events, an import that holds, three rows in a request each."""
    monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 1)
    bigquery = FakeBigQuery([[f"c{n}", f"c{n}@shop.example"] for n in range(3)])
    clevertap = FakeCleverTap()
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    return clevertap


@pytest.fixture
def whole_ranges(monkeypatch):
    monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 1_000)


def a_run(**facts):
    snapshot = {**RunFactory.build().snapshot, "mapping": EVENT, "unknown_policy": "hold"}
    parent = ImportFactory(mapping=EVENT, kind="event", unknown_policy="hold")
    return RunFactory(snapshot=snapshot, parent=parent, **facts)


def one_held(**facts):
    """A run that is over, with a batch in doubt."""
    run = a_run(succeeded=True, read_count=5, accepted_count=3, unknown_count=2, **facts)
    return run, hold(run, 0, *RECORDS)


def decide(run, decision, *batches, by=None):
    return held.decide(
        run=run,
        batch_ids=[batch.pk for batch in batches],
        decision=decision,
        by=by or UserFactory(creator=True),
        now=timezone.now(),
    )


def counts(run):
    run.refresh_from_db()
    return (run.read_count, run.accepted_count, run.refused_count, run.unknown_count)


class TestHolding:
    def test_a_batch_whose_answer_is_lost_is_kept_sealed_and_counted_apart(self, world):
        world.answers = [LOST]
        run = finish(a_run())
        (one,) = held.held_of(run=run)
        assert counts(run) == (3, 2, 0, 1)
        assert (one.is_open, one.is_kept) == (True, True)
        assert b'{"d":[' + contents.open_records(one.batch)[0] + b"]}" == world.bodies[0]
        assert '"c0"' not in one.batch.sealed_records

    def test_a_run_ends_before_too_many_rows_are_in_doubt(self, world, settings):
        settings.HELD_BATCHES_KEPT = 2
        world.answers = [LOST, LOST]
        run = finish(a_run())
        assert (run.state, run.failure_code) == ("failed", "too_many_held")
        assert (counts(run), len(world.bodies)) == ((2, 0, 0, 2), 2)

    def test_what_a_dead_worker_left_open_can_only_be_counted(self, world):
        run = a_run(read_count=2, unknown_count=2)
        run.claim(owner="dead")
        Batch.objects.create(run=run, first_row=0, end_row=2, record_count=2, state="unknown")
        run.finish("failed")
        (one,) = held.held_of(run=run)
        assert (one.is_open, one.is_kept) == (True, False)
        with pytest.raises(held.CannotDecide, match="not kept"):
            decide(run, "resent", one.batch)


class TestSendingAgain:
    def test_sends_the_very_same_bytes_in_a_run_of_its_own(self, world):
        world.answers = [LOST]
        run = finish(a_run())
        resent = finish(decide(run, "resent", run.batches.unknown().get()))
        assert world.bodies[-1] == world.bodies[0]
        assert (resent.state, resent.source, resent.replay_of) == ("succeeded", "held", run)
        assert counts(resent) == (1, 1, 0, 0)
        assert counts(run) == (3, 2, 0, 1), "what that run knows stays as it is"

    def test_an_answer_that_is_lost_again_is_held_there(self, world, whole_ranges):
        run, batch = one_held()
        world.answers = [LOST]
        resent = finish(decide(run, "resent", batch))
        assert counts(resent) == (2, 0, 0, 2)
        assert held.held_of(run=resent)[0].is_kept

    def test_goes_on_in_the_middle_of_a_batch(self, world, whole_ranges):
        run, batch = one_held()
        malformed = CleverTapRefused(Reason.MALFORMED)

        class Killed(BaseException):
            pass

        world.answers = [malformed, Answer(1, (), 1), Killed()]
        resent = decide(run, "resent", batch)
        with pytest.raises(Killed):
            execute_run(run_id=resent.pk)
        Run.objects.update(lease_until=timezone.now() - timedelta(hours=1))
        Run.objects.filter(pk=resent.pk).update(
            snapshot={**resent.snapshot, "unknown_policy": "resend"}
        )
        finish(resent)
        sent = [[one["identity"] for one in json.loads(body)["d"]] for body in world.bodies]
        assert sent == [["c1", "c2"], ["c1"], ["c2"], ["c2"]]
        assert counts(resent) == (2, 2, 0, 0)

    def test_what_a_stopped_run_did_not_reach_is_open_again(self, world):
        run, batch = one_held()
        resent = decide(run, "resent", batch)
        assert not held.held_of(run=run)[0].is_open
        runs.stop_run(
            run=resent, by=UserFactory(creator=True), reason="Stopped", now=timezone.now()
        )
        assert held.held_of(run=run)[0].is_open
        decide(run, "accepted", batch)
        assert counts(run) == (5, 5, 0, 0)

    def test_is_refused_while_a_run_is_at_work_and_changes_nothing(self, world):
        run, batch = one_held()
        RunFactory(parent=run.parent)
        with pytest.raises(runs.CannotStart):
            decide(run, "resent", batch)
        assert held.held_of(run=run)[0].is_open

    def test_is_refused_when_the_connection_is_leaving(self, world):
        run, batch = one_held()
        run.parent.connection = ConnectionFactory(deleting=True)
        run.parent.save()
        with pytest.raises(runs.CannotStart):
            decide(run, "resent", batch)


class TestCounting:
    @pytest.mark.parametrize(
        ("decision", "sums"), [("accepted", (5, 5, 0, 0)), ("refused", (5, 3, 2, 0))]
    )
    def test_moves_the_rows_to_the_other_sum_and_forgets_them(self, decision, sums, world):
        run, batch = one_held()
        somebody = UserFactory(creator=True, email="ann@shop.example")
        decide(run, decision, batch, by=somebody)
        batch.refresh_from_db()
        assert counts(run) == sums
        assert (batch.decision, batch.decided_by, batch.sealed_records) == (
            decision,
            somebody,
            None,
        )
        entry = AuditEntry.objects.get(action=f"unknown rows counted as {decision}")
        assert (entry.email, entry.after["rows"]) == ("ann@shop.example", 2)

    def test_happens_once(self, world):
        run, batch = one_held()
        decide(run, "accepted", batch)
        with pytest.raises(held.CannotDecide, match="nobody has decided"):
            decide(run, "refused", batch)
        assert counts(run) == (5, 5, 0, 0)

    def test_waits_for_the_end_of_the_run(self, world):
        run = a_run(read_count=2, unknown_count=2)
        batch = hold(run, 0, *RECORDS)
        with pytest.raises(held.CannotDecide, match="still at work"):
            decide(run, "accepted", batch)

    def test_takes_no_batch_of_another_run(self, world):
        run, _ = one_held()
        _, other = one_held()
        with pytest.raises(held.CannotDecide):
            decide(run, "accepted", other)
