"""A run, slice by slice, against fakes of the two gateways and a real database."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused, BigQueryUnavailable
from connections.bigquery import Reason as BigQueryReason
from imports import contents
from imports.clevertap import (
    Answer,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
    RecordVerdict,
)
from imports.models import WAITS_FOR_SLOTS, Batch, RefusedRow, Run
from imports.runner import execute, execute_run, pace, readers
from tests.factories import MAPPING, ImportFactory, RunFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


def people(count):
    return [[f"c{number}", f"c{number}@shop.example"] for number in range(count)]


@pytest.fixture
def world(monkeypatch):
    """``world(rows)`` puts fakes behind both gateways and returns them."""

    def build(rows, **options):
        bigquery, clevertap = FakeBigQuery(rows, **options), FakeCleverTap()
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
        monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
        return bigquery, clevertap

    return build


def ended(run):
    run.refresh_from_db()
    return run


class Killed(BaseException):
    """The worker process is gone: nothing is caught, nothing is written."""


@pytest.fixture
def no_waits(monkeypatch):
    monkeypatch.setattr(pace, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(pace, "FIRST_SECONDS", 0.0)


def killed_at_its_first_request(clevertap):
    """The run, whose lease has ended since."""
    run = RunFactory()
    clevertap.answers = [Killed()]
    with pytest.raises(Killed):
        execute_run(run_id=run.pk)
    Run.objects.update(lease_until=timezone.now() - timedelta(hours=1))
    return run


def finish(run, slices=20):
    """Ring as the queue would, without its waits."""
    for _ in range(slices):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        if execute_run(run_id=run.pk) is None:
            break
    return ended(run)


class TestSuccess:
    def test_sends_every_row_once_and_the_sums_agree(self, world):
        _, clevertap = world(people(2_500))
        run = finish(RunFactory())
        assert run.state == Run.State.SUCCEEDED
        assert (run.read_count, run.accepted_count, run.rows_total) == (2_500, 2_500, 2_500)
        sent = [record["identity"] for body in clevertap.bodies for record in json.loads(body)["d"]]
        assert sent == [f"c{number}" for number in range(2_500)]

    def test_sends_at_most_a_thousand_records_at_a_time(self, world):
        _, clevertap = world(people(2_500))
        finish(RunFactory())
        assert [len(json.loads(body)["d"]) for body in clevertap.bodies] == [1000, 1000, 500]

    def test_an_empty_result_sends_nothing_and_succeeds(self, world):
        _, clevertap = world([])
        assert finish(RunFactory()).state == Run.State.SUCCEEDED
        assert clevertap.bodies == []

    def test_reads_only_mapped_columns_with_labels_of_the_run(self, world):
        bigquery, _ = world(people(1))
        run = finish(RunFactory())
        job_id, sql, location, labels = bigquery.started[0]
        assert sql == "SELECT `customer_id`, `email` FROM `shop-4711`.`shop`.`customers`"
        assert (job_id, location) == (run.job_id, "EU")
        assert labels["clevertap-bq-run"] == str(run.pk)

    def test_commits_the_job_id_before_the_job_is_submitted(self, world):
        bigquery, _ = world(people(1))
        run = RunFactory()
        seen = []
        submit = bigquery.start_query
        bigquery.start_query = lambda sql, **named: (
            seen.append(Run.objects.get(pk=run.pk).job_id),
            submit(sql, **named),
        )[1]
        finish(run)
        assert seen == [ended(run).job_id]

    def test_goes_on_where_the_slice_before_ended(self, world, monkeypatch):
        monkeypatch.setattr(execute, "SLICE_SECONDS", 0.0)
        monkeypatch.setattr(readers, "PAGE_ROWS", 1_000)
        bigquery, clevertap = world(people(3_000))
        run = finish(RunFactory())
        assert run.state == Run.State.SUCCEEDED
        assert len(clevertap.bodies) == 3
        assert len({job_id for job_id, *_ in bigquery.started}) == 1


class TestRefusedRows:
    def test_keeps_rows_that_our_rules_refuse_and_never_sends_them(self, world):
        rows = [["c1", "c1@shop.example"], ["null", "x@shop.example"], [None, "y@shop.example"]]
        _, clevertap = world(rows)
        run = finish(RunFactory())
        assert (run.read_count, run.accepted_count, run.refused_count) == (3, 1, 2)
        assert len(json.loads(clevertap.bodies[0])["d"]) == 1
        assert set(run.refused_rows.values_list("row_number", flat=True)) == {1, 2}

    def test_keeps_the_row_that_clevertap_refuses(self, world):
        _, clevertap = world(people(3))
        clevertap.answers = [Answer(2, (RecordVerdict(1, 515, "The e-mail is invalid."),), 3)]
        run = finish(RunFactory())
        refused = run.refused_rows.get()
        ((_, content),) = contents.open_rows([refused])
        assert (refused.row_number, refused.code, content.identity) == (1, "515", "c1")
        assert (run.accepted_count, run.refused_count) == (2, 1)

    def test_halves_a_batch_that_clevertap_cannot_read_down_to_the_culprit(self, world):
        _, clevertap = world(people(64))
        malformed = CleverTapRefused(Reason.MALFORMED)

        def refuse_the_culprit():
            if b'"c37"' in clevertap.bodies[-1]:
                clevertap.answers = [malformed]

        clevertap.on_upload = refuse_the_culprit
        run = finish(RunFactory())
        assert (run.accepted_count, run.refused_count) == (63, 1)
        assert run.refused_rows.get().row_number == 37

    def test_a_page_of_refused_rows_only_sends_nothing(self, world):
        _, clevertap = world([[None, None]] * 5)
        run = finish(RunFactory())
        assert (run.read_count, run.refused_count, clevertap.bodies) == (5, 5, [])
        assert run.state == Run.State.SUCCEEDED


class TestTrouble:
    def test_sends_the_same_bytes_again_when_an_answer_was_lost(self, world):
        _, clevertap = world(people(10))
        clevertap.answers = [CleverTapOutcomeUnknown(Reason.TIMED_OUT)]
        run = finish(RunFactory())
        assert run.state == Run.State.SUCCEEDED
        assert clevertap.bodies[0] == clevertap.bodies[1]
        assert (run.accepted_count, run.unknown_count, run.retry_count) == (10, 0, 1)

    def test_holds_events_for_review_when_the_import_says_so(self, world):
        _, clevertap = world(people(10))
        clevertap.answers = [CleverTapOutcomeUnknown(Reason.TIMED_OUT)]
        event = {
            **MAPPING,
            "kind": "event",
            "event_name": {"column": None, "fixed": "Signed up"},
        }
        snapshot = {**RunFactory.build().snapshot, "mapping": event, "unknown_policy": "hold"}
        run = finish(RunFactory(snapshot=snapshot))
        assert (run.state, run.unknown_count) == (Run.State.SUCCEEDED, 10)
        assert len(clevertap.bodies) == 1

    def test_tries_a_refused_request_again_in_the_same_slice(self, world, no_waits):
        _, clevertap = world(people(10))
        clevertap.answers = [CleverTapUnavailable(Reason.TOO_MANY_REQUESTS)]
        run = RunFactory()
        assert execute_run(run_id=run.pk) is None
        assert ended(run).state == Run.State.SUCCEEDED
        assert clevertap.bodies[0] == clevertap.bodies[1]
        assert Batch.objects.get().attempts == 1, "a request that was refused is no attempt"

    def test_a_long_wait_gives_the_worker_to_others(self, world):
        _, clevertap = world(people(10))
        clevertap.answers = [CleverTapUnavailable(Reason.BUSY, wait_seconds=7)]
        run = RunFactory()
        assert 7 < execute_run(run_id=run.pk) < 8
        assert not Batch.objects.exists(), "a request that was refused is no unknown outcome"
        assert (ended(run).owner, run.troubles, run.trouble_code) == ("", 1, "busy")
        assert finish(run).state == Run.State.SUCCEEDED

    def test_fails_after_eight_refusals_in_a_row(self, world, no_waits):
        _, clevertap = world(people(10))
        clevertap.answers = [CleverTapUnavailable(Reason.TOO_MANY_REQUESTS)] * 9
        run = finish(RunFactory())
        assert (run.state, run.failure_code) == (Run.State.FAILED, "too_many_requests")
        assert len(clevertap.bodies) == 8

    def test_fails_with_the_reason_after_eight_troubles_in_a_row(self, world):
        bigquery, _ = world(people(10))
        bigquery.failure = BigQueryUnavailable(BigQueryReason.NETWORK, "Google did not answer.")
        run = finish(RunFactory())
        assert (run.state, run.failure_code) == (Run.State.FAILED, "network")
        assert run.failure_sentence == "Google did not answer."

    def test_stops_at_once_when_the_passcode_is_refused(self, world):
        _, clevertap = world(people(5_000))
        clevertap.answers = [CleverTapRefused(Reason.CREDENTIALS)]
        run = finish(RunFactory())
        assert run.state == Run.State.FAILED
        assert len(clevertap.bodies) == 1

    def test_fails_when_google_refuses(self, world):
        bigquery, _ = world(people(1))
        bigquery.failure = BigQueryRefused(BigQueryReason.PERMISSION_DENIED, "No right to read.")
        run = finish(RunFactory())
        assert (run.state, run.failure_sentence) == (Run.State.FAILED, "No right to read.")

    def test_an_error_that_nobody_expected_ends_the_run_and_is_raised(self, world):
        bigquery, _ = world(people(1))
        bigquery.failure = ZeroDivisionError("secret detail")
        run = RunFactory()
        with pytest.raises(ZeroDivisionError):
            execute_run(run_id=run.pk)
        assert ended(run).state == Run.State.FAILED
        assert "secret detail" not in run.failure_sentence

    def test_a_replay_with_other_bytes_stops_the_run(self, world):
        bigquery, clevertap = world(people(10))
        run = killed_at_its_first_request(clevertap)
        bigquery.rows = [["other", "other@shop.example"]] * 10
        assert finish(run).failure_code == "replay_differs"
        assert len(clevertap.bodies) == 1


class TestStop:
    def test_cancels_the_job_and_sends_nothing(self, world):
        bigquery, clevertap = world(people(10), polls=1_000)
        run = RunFactory()
        bigquery.on_poll = lambda: Run.objects.update(stop_requested_at=timezone.now())
        finish(run)
        assert (ended(run).state, run.job_state) == (Run.State.STOPPED, Run.JobState.CANCELLED)
        assert bigquery.cancelled == [run.job_id]
        assert clevertap.bodies == []

    def test_sends_no_further_request(self, world):
        _, clevertap = world(people(5_000))
        run = RunFactory()
        clevertap.on_upload = lambda: Run.objects.update(stop_requested_at=timezone.now())
        finish(run)
        assert (ended(run).state, run.accepted_count) == (Run.State.STOPPED, 1_000)
        assert len(clevertap.bodies) == 1

    def test_a_stop_before_the_start_sends_nothing(self, world):
        bigquery, clevertap = world(people(10))
        run = RunFactory(stop_requested_at=timezone.now())
        assert finish(run).state == Run.State.STOPPED
        assert (bigquery.started, clevertap.bodies) == ([], [])

    def test_finishes_what_a_dead_worker_left(self, world):
        _, clevertap = world(people(10), polls=1_000)
        run = RunFactory()
        run.claim(owner="dead")
        run.record(job_id="job-1", job_location="EU", job_state=Run.JobState.SUBMITTING)
        Batch.objects.create(run=run, first_row=0, end_row=10, record_count=10, sha256="x")
        Run.objects.update(
            lease_until=timezone.now() - timedelta(hours=1),
            stop_requested_at=timezone.now(),
        )
        finish(run)
        assert (ended(run).state, run.job_state) == (Run.State.STOPPED, Run.JobState.CANCELLED)
        assert (run.unknown_count, run.read_count) == (10, 10)
        assert clevertap.bodies == []

    def test_waits_for_the_job_to_be_done_before_it_says_stopped(self, world):
        bigquery, _ = world(people(10), polls=1_000)
        run = RunFactory()
        bigquery.on_poll = lambda: Run.objects.update(stop_requested_at=timezone.now())
        bigquery.cancel = lambda job_id, **_: (_ for _ in ()).throw(
            BigQueryUnavailable(BigQueryReason.NETWORK, "away")
        )
        assert execute_run(run_id=run.pk) == execute.END_AGAIN_SECONDS
        assert ended(run).state == Run.State.RUNNING


class TestTakeover:
    """A worker dies at any request; the next one sends the very same bytes again."""

    @pytest.mark.parametrize("deadly_request", [1, 2, 5, 6, 11, 12])
    @pytest.mark.parametrize("page_rows", [700, 5_000])
    def test_goes_on_with_the_same_bytes(self, deadly_request, page_rows, world, monkeypatch):
        monkeypatch.setattr(readers, "PAGE_ROWS", page_rows)
        rows = people(11_500)
        rows[::50] = [[None, None]] * len(rows[::50])
        _, clevertap = world(rows)

        def die_once():
            if len(clevertap.bodies) == deadly_request:
                raise Killed

        clevertap.on_upload = die_once
        run = RunFactory()
        with pytest.raises(Killed):
            execute_run(run_id=run.pk)
        Run.objects.update(lease_until=timezone.now() - timedelta(hours=1))
        assert finish(run).state == Run.State.SUCCEEDED, run.failure_code
        assert clevertap.bodies[deadly_request - 1] == clevertap.bodies[deadly_request]
        assert (run.read_count, run.refused_count, run.takeovers) == (11_500, 230, 1)
        assert run.retry_count == 1

    def test_goes_on_in_the_middle_of_a_halved_batch(self, world):
        _, clevertap = world(people(64))

        def refuse_the_culprit_and_die_later():
            if len(clevertap.bodies) == 5:
                raise Killed
            if b'"c37"' in clevertap.bodies[-1]:
                clevertap.answers = [CleverTapRefused(Reason.MALFORMED)]

        clevertap.on_upload = refuse_the_culprit_and_die_later
        run = RunFactory()
        with pytest.raises(Killed):
            execute_run(run_id=run.pk)
        Run.objects.update(lease_until=timezone.now() - timedelta(hours=1))
        run = finish(run)
        assert (run.state, run.accepted_count, run.refused_count) == ("succeeded", 63, 1)


class TestShare:
    def test_waits_without_a_worker_while_others_hold_all_slots(self, world):
        _, clevertap = world(people(10))
        run = RunFactory()
        for _ in range(15):
            parent = ImportFactory(account=run.parent.account)
            RunFactory(parent=parent, job_state=Run.JobState.DONE).claim(owner="other")
        Run.objects.exclude(pk=run.pk).update(slots=1)
        assert execute_run(run_id=run.pk) == execute.FULL_AGAIN_SECONDS
        ended(run)
        assert (run.state, run.owner, run.trouble_code) == ("running", "", WAITS_FOR_SLOTS)
        assert (run.troubles, run.slots, clevertap.bodies) == (0, 0, [])
        Run.objects.exclude(pk=run.pk).update(lease_until=None)
        run = finish(run)
        assert (run.state, run.trouble_code) == (Run.State.SUCCEEDED, "")


class TestDelivery:
    def test_a_second_delivery_of_the_message_does_nothing(self, world):
        _, clevertap = world(people(10))
        run = RunFactory()
        run.claim(owner="alive")
        assert execute_run(run_id=run.pk) is None
        assert clevertap.bodies == []

    def test_a_run_that_is_gone_does_nothing(self, world):
        world([])
        assert execute_run(run_id=ImportFactory().pk) is None

    def test_an_owner_that_lost_the_run_writes_nothing_more(self, world):
        _, clevertap = world(people(3_000))
        run = RunFactory()

        def taken_over():
            Run.objects.filter(pk=run.pk).update(fence=99, owner="other")

        clevertap.on_upload = taken_over
        execute_run(run_id=run.pk)
        assert ended(run).read_count == 0
        assert (run.owner, len(clevertap.bodies)) == ("other", 1)

    def test_keeps_as_many_refused_rows_as_the_settings_say_and_counts_all(
        self, world, settings, monkeypatch
    ):
        settings.REFUSED_ROWS_KEPT = 3
        monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 2)
        world([[None, None]] * 10)
        run = finish(RunFactory())
        assert run.refused_count == 10
        assert list(RefusedRow.objects.in_order().values_list("row_number", flat=True)) == [0, 1, 2]
