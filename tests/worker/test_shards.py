"""A large run in shards: who sends what, how it stops and ends, and that the sums agree."""

from collections import Counter

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused
from connections.bigquery import Reason as SourceReason
from imports.clevertap import Answer, CleverTapRefused, CleverTapUnavailable, Reason, RecordVerdict
from imports.models import Run, Shard
from imports.runner import execute, execute_run, sending
from imports.runner.grip import Grip, Lost
from imports.runner.shards import take
from tests.worker.shards_at_work import (
    AGO,
    RANGE,
    ROWS,
    Killed,
    bigquery,
    clevertap,
    counted,
    finished,
    gateways,
    in_mid_request,
    shard_of,
    started,
    to_the_end,
    work_on,
)

__all__ = ["bigquery", "clevertap", "finished", "gateways"]

pytestmark = pytest.mark.django_db


class TestOneSum:
    def test_a_lone_worker_goes_from_shard_to_shard_and_ends_the_run_once(
        self, clevertap, finished
    ):
        run = to_the_end(started())
        assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, ROWS)
        assert run.read_count == run.next_row == run.rows_total == ROWS
        assert (len(clevertap.bodies), finished) == (ROWS // RANGE, [Run.State.SUCCEEDED])

    def test_no_slice_is_lost(self, monkeypatch):
        monkeypatch.setattr(execute, "SHARD_SLICE_SECONDS", 0.0)
        run = started()
        slices = Counter()
        for number in (2, 0, 1) * 5:
            slices[work_on(run, number)] += 1
        run.refresh_from_db()
        assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, ROWS)
        assert slices[0] >= 9, "each request was a slice of its own"

    def test_shards_at_the_same_time_send_every_row_once(self, clevertap, finished):
        run = started()
        in_mid_request(clevertap, lambda: [work_on(run, 1), work_on(run, 2)])
        assert work_on(run, 0) is None
        run.refresh_from_db()
        assert (run.state, finished) == (Run.State.SUCCEEDED, [Run.State.SUCCEEDED])
        assert Counter(clevertap.bodies).most_common(1)[0][1] == 1
        assert run.accepted_count == ROWS

    def test_who_finishes_first_does_not_end_the_run(self, clevertap):
        run = started()
        seen = []

        def others():
            work_on(run, 1)
            work_on(run, 2)
            seen.extend([Run.objects.get().state, counted()])

        in_mid_request(clevertap, others)
        work_on(run, 0)
        assert seen == [Run.State.RUNNING, (40, 5)]

    def test_refused_rows_of_all_shards_are_in_the_sums(self, bigquery, clevertap):
        for row in (3, 24, 44):
            bigquery.rows[row][0] = None
        verdict = RecordVerdict(1, 515, "The e-mail is invalid.")
        clevertap.answers = [Answer(RANGE - 2, (verdict,), 3)]
        run = to_the_end(started())
        assert (run.accepted_count, run.refused_count, run.read_count) == (ROWS - 4, 4, ROWS)
        assert set(run.refused_rows.values_list("row_number", flat=True)) == {1, 3, 24, 44}

    def test_a_row_that_nobody_sent_is_told(self):
        run = started()
        Shard.objects.filter(number=1).update(next_row=40)  # as no program ever does
        to_the_end(run)
        assert (run.state, run.failure_code) == (Run.State.FAILED, "sums")

    def test_an_owner_that_died_at_the_end_leaves_it_to_others(self, monkeypatch):
        run = started()
        monkeypatch.setattr(Run, "finish", dies)
        with pytest.raises(Killed):
            to_the_end(run)
        monkeypatch.undo()
        assert execute_run(run_id=run.pk) is None, "its lease lasts"
        Run.objects.update(lease_until=timezone.now() - AGO)
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: None)
        execute_run(run_id=run.pk)
        run.refresh_from_db()
        assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, ROWS)


def dies(*_, **__):
    raise Killed


class TestDeath:
    @pytest.fixture
    def run(self, clevertap):
        """Shard 1 lost its owner with a request under way."""
        run = started()
        in_mid_request(clevertap, dies)
        with pytest.raises(Killed):
            work_on(run, 1)
        clevertap.on_upload = lambda: None
        return run

    def test_the_others_go_on_and_the_run_waits_for_it(self, run):
        work_on(run, 0)
        work_on(run, 2)
        assert work_on(run, 1) is None
        run.refresh_from_db()
        assert (run.state, counted()) == (Run.State.RUNNING, (40, 5))
        assert not Run.objects.claimable().exists()

    def test_anybody_takes_it_over_once_its_lease_has_ended(self, run, clevertap):
        Shard.objects.filter(number=1).update(lease_until=timezone.now() - AGO)
        to_the_end(run)
        assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, ROWS)
        assert run.takeovers == 1
        again = [body for body, count in Counter(clevertap.bodies).items() if count > 1]
        assert len(again) == 1, "what was under way, and nothing else"

    def test_a_stop_waits_for_its_lease_and_counts_what_was_open(self, run, finished):
        Run.objects.update(stop_requested_at=timezone.now())
        assert work_on(run, 0) is None
        assert finished == [], "it may be sending still"
        Shard.objects.update(lease_until=timezone.now() - AGO)
        execute_run(run_id=run.pk)
        run.refresh_from_db()
        assert (run.state, run.unknown_count, run.accepted_count) == ("stopped", RANGE, RANGE)
        assert not run.batches.open().exists()

    def test_who_stood_still_sends_and_writes_nothing_afterwards(self, run):
        frozen = Grip(run, shard_of(run, 1))
        Shard.objects.update(lease_until=timezone.now() - AGO)
        Run.objects.update(stop_requested_at=timezone.now())
        assert take(run.pk), "somebody is about to end it"
        before = Run.objects.values().get()
        with pytest.raises(Lost):
            frozen.confirm(slots=1)
        with pytest.raises(Lost):
            frozen.write(next_row=40, read_count=15, accepted_count=15)
        assert not frozen.shard.note_failure(code="late", sentence="Too late.")
        assert not frozen.shard.hand_back(trouble_code="late", trouble_sentence="Too late.")
        assert Run.objects.values("read_count", "failure_code", "trouble_code").get() == {
            name: before[name] for name in ("read_count", "failure_code", "trouble_code")
        }


class TestStop:
    def test_every_shard_stops_before_its_next_request_and_the_last_ends_the_run(
        self, clevertap, finished
    ):
        run = started()
        seen = []

        def stop():
            Run.objects.update(stop_requested_at=timezone.now())

        def second_owner():
            in_mid_request(clevertap, stop)
            work_on(run, 1)
            seen.extend([list(finished), len(clevertap.bodies)])

        in_mid_request(clevertap, second_owner)
        assert work_on(run, 0) is None
        run.refresh_from_db()
        assert seen == [[], 4], "one of the two was sending still"
        assert (len(clevertap.bodies), finished) == (4, [Run.State.STOPPED])
        assert (run.accepted_count, run.read_count) == (4 * RANGE, 4 * RANGE)

    def test_shards_that_wait_do_not_hold_up_a_stop(self, finished):
        run = started()
        Run.objects.update(stop_requested_at=timezone.now())
        execute_run(run_id=run.pk)
        assert finished == [Run.State.STOPPED]
        assert work_on(run, 0) is None

    def test_nobody_takes_a_shard_of_a_run_that_is_to_stop(self):
        run = started()
        Run.objects.update(stop_requested_at=timezone.now())
        assert not shard_of(run, 0).claim(owner="late")
        assert not Shard.objects.claimable().exists()


class TestFailure:
    def test_what_fails_one_shard_ends_the_run_once_the_others_have_left(self, clevertap, finished):
        run = started()
        seen = []

        def fail():
            clevertap.answers = [CleverTapRefused(Reason.CREDENTIALS)]
            work_on(run, 1)
            seen.extend(finished)

        in_mid_request(clevertap, fail)
        work_on(run, 0)
        run.refresh_from_db()
        assert (seen, run.state, run.failure_code) == ([], Run.State.FAILED, "credentials")
        assert "passcode" in run.failure_sentence
        assert (run.read_count, len(clevertap.bodies)) == (2 * RANGE, 3)

    def test_the_first_reason_stays(self):
        run = started()
        for number, code in enumerate(("first", "second")):
            shard = shard_of(run, number)
            shard.run = run
            Shard.objects.filter(pk=shard.pk).update(owner="me")
            assert shard.note_failure(code=code, sentence=code)
        run.refresh_from_db()
        assert (run.failure_code, run.state) == ("first", Run.State.RUNNING)

    def test_what_nobody_expected_ends_the_run_and_is_raised(self, clevertap):
        run = started()
        clevertap.answers = [ValueError("a fault of ours")]
        with pytest.raises(ValueError, match="a fault of ours"):
            work_on(run, 1)
        run.refresh_from_db()
        assert (run.state, run.failure_code) == (Run.State.FAILED, "unexpected")

    def test_a_trouble_delays_its_shard_only(self, clevertap, monkeypatch):
        monkeypatch.setattr(sending, "STAY_SECONDS", 0.0)
        monkeypatch.setattr(execute, "back_off", lambda *_, **__: 60.0)
        run = started()
        clevertap.answers = [CleverTapUnavailable(Reason.BUSY)]
        assert work_on(run, 1) > 0
        run.refresh_from_db()
        assert (shard_of(run, 1).troubles, run.troubles) == (1, 1)
        assert run.trouble_code == "busy"
        assert work_on(run, 1) is None, "it waits for its time"
        assert work_on(run, 0) is None
        run.refresh_from_db()
        assert (run.read_count, run.troubles) == (20, 0)

    def test_a_result_that_expired_before_anything_was_sent_is_asked_for_again(self, bigquery):
        run = started()
        bigquery.failure = BigQueryRefused(SourceReason.RESULT_EXPIRED, "It expired.")
        assert work_on(run, 1) == 0
        bigquery.failure = None
        run.refresh_from_db()
        assert (run.shard_count, run.failure_code, run.shards.count()) == (0, "", 0)
        assert execute_run(run_id=run.pk) == 0
        assert to_the_end(run).state == Run.State.SUCCEEDED
        assert len({job for job, *_ in bigquery.started}) == 2

    def test_a_result_that_expired_later_ends_the_run(self, bigquery):
        run = started()
        work_on(run, 0)
        bigquery.failure = BigQueryRefused(SourceReason.RESULT_EXPIRED, "It expired.")
        work_on(run, 1)
        run.refresh_from_db()
        assert (run.state, run.failure_code, run.read_count) == ("failed", "result_expired", 20)
