"""Which runs are cut into shards, and where."""

import pytest
from django.utils import timezone

from imports.models import Batch, Run
from imports.runner import execute_run
from imports.runner.shards import is_worth_cutting, ranges_of
from tests.factories import MAPPING, RunFactory
from tests.worker.shards_at_work import (
    ROWS,
    SQL,
    bigquery,
    clevertap,
    gateways,
    started,
    to_the_end,
)

__all__ = ["bigquery", "clevertap", "gateways"]

pytestmark = pytest.mark.django_db


class TestCutting:
    def test_the_rows_are_cut_and_nobody_holds_the_run(self, clevertap):
        run = started()
        found = run.shards.order_by("number").values_list("first_row", "end_row", "next_row")
        assert list(found) == [(0, 20, 0), (20, 40, 20), (40, 60, 40)]
        assert (run.state, run.shard_count, run.lease_until) == (Run.State.RUNNING, 3, None)
        assert clevertap.bodies == []

    @pytest.mark.parametrize(
        ("rows", "most", "expected"),
        [(60, 4, [15, 30, 45, 60]), (61, 4, [20, 40, 60, 61]), (7, 4, [5, 7]), (4, 4, [4])],
    )
    def test_every_shard_but_the_last_ends_where_a_batch_ends(self, rows, most, expected):
        found = ranges_of(rows, most=most)
        assert [end for _, end in found] == expected
        assert [first for first, _ in found] == [0, *expected[:-1]]

    def test_no_shard_is_smaller_than_a_quarter_of_what_is_not_cut(self, settings):
        settings.RUN_SHARDS = 15
        assert started().shard_count == 12
        settings.RUN_CUT_ROWS = 40
        assert started().shard_count == 6

    def test_the_same_bytes_are_sent_as_by_one_owner(self, clevertap, settings):
        now = timezone.now()  # the time of the run is in the bytes
        to_the_end(started(queued_at=now))
        cut, clevertap.bodies = clevertap.bodies, []
        settings.RUN_SHARDS = 1
        execute_run(run_id=RunFactory(queued_at=now).pk)
        assert cut == clevertap.bodies

    @pytest.mark.parametrize(
        "why",
        ["few rows", "one shard", "an order of people", "read fast", "begun before"],
    )
    def test_other_runs_stay_whole(self, settings, monkeypatch, why):
        run = RunFactory()
        if why == "few rows":
            settings.RUN_CUT_ROWS = ROWS
        if why == "one shard":
            settings.RUN_SHARDS = 1
        if why == "an order of people":
            run.snapshot |= {"sql": SQL, "bytes_cap": 1_000_000_000}
            run.save()
        if why == "read fast":
            monkeypatch.setattr("imports.runner.readers._may_read_fast", lambda run: True)
        if why == "begun before":
            Batch.objects.create(
                run=run, first_row=ROWS, end_row=ROWS, record_count=0, state=Batch.State.ANSWERED
            )
        execute_run(run_id=run.pk)
        run.refresh_from_db()
        assert (run.state, run.shard_count) == (Run.State.SUCCEEDED, 0)

    def test_what_goes_by_updated_on_stays_whole(self):
        run = RunFactory(rows_total=ROWS, reader=Run.Reader.REST)
        assert is_worth_cutting(run)
        run.bounds = {"high": "2026-01-01"}
        assert not is_worth_cutting(run)
        run.bounds = {}
        run.snapshot["incremental"] = {"column": "moment"}
        assert not is_worth_cutting(run)

    def test_a_run_that_sends_again_stays_whole(self):
        about = {"rows_total": ROWS, "reader": Run.Reader.REST}
        assert not is_worth_cutting(RunFactory(source=Run.Source.HELD, **about))

    def test_events_are_cut_whatever_the_order_of_their_query(self):
        mapping = MAPPING | {"kind": "event", "event_name": {"fixed": "Seen"}}
        about = {"sql": SQL, "bytes_cap": 1_000_000_000, "mapping": mapping}
        assert started(snapshot=RunFactory.build().snapshot | about).shard_count == 3
