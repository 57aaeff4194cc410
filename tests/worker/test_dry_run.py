"""A dry run, from the bell to its result: what it reads, what it says, how it fails."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused, Column, Reason
from imports.clevertap import CleverTapUnavailable, RecordVerdict
from imports.clevertap import Reason as CleverTapReason
from imports.dry_run import judging, perform
from imports.dry_run.sample import PIECES, spans
from imports.dry_run.verdict import result_of
from imports.mapping import Mapping, compile_mapping
from imports.models import DryRun
from imports.services import dry_runs
from tests.factories import MAPPING, ImportFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db

COLUMNS = (Column("customer_id", "STRING"), Column("email", "STRING"), Column("note", "STRING"))


@pytest.fixture
def world(monkeypatch):
    """``world(rows)`` puts fakes behind both gateways and returns them."""

    def build(rows, **options):
        bigquery = FakeBigQuery(rows, columns=COLUMNS, **options)
        clevertap = FakeCleverTap()
        monkeypatch.setattr(judging, "open_bigquery", lambda key, project: bigquery)
        monkeypatch.setattr(judging, "open_clevertap", lambda account: clevertap)
        return bigquery, clevertap

    return build


@pytest.fixture
def asked(bells):
    parent = ImportFactory()
    return dry_runs.start_dry_run(
        parent=parent, mapping=MAPPING, rows=100, by=parent.created_by, now=timezone.now()
    )


def done(dry_run):
    perform(dry_run_id=dry_run.pk)
    dry_run.refresh_from_db()
    return dry_run


def people(count):
    return [[f"c{n}", f"c{n}@shop.example", "x"] for n in range(count)]


class TestResult:
    def test_counts_what_is_accepted_and_what_is_refused(self, world, asked):
        _, clevertap = world([*people(3), [None, "a@b.example", ""], ["c9", "no address", ""]])
        result = dry_runs.result_of(done(asked))
        assert (result["rows"], result["accepted"], result["refused"]) == (5, 3, 2)
        assert [one["code"] for one in result["reasons"]] == ["identity_missing", "email_invalid"]
        assert len(json.loads(clevertap.bodies[0])["d"]) == 3

    def test_asks_clevertap_to_store_nothing(self, world, asked):
        _, clevertap = world(people(1))
        done(asked)
        assert clevertap.dry == [True]

    def test_has_a_line_for_each_part_with_its_column_property_and_type(self, world, asked):
        world(people(2))
        lines = dry_runs.result_of(done(asked))["lines"]
        shown = [(one["column"], one["name"], one["type"], one["sent"]) for one in lines]
        assert shown == [("customer_id", "Identity", "String", 2), ("email", "Email", "String", 2)]

    def test_blames_the_identity_for_what_is_wrong_with_it_as_an_identity(self):
        mapping = Mapping.from_json(
            MAPPING | {"identity": {"column": "email", "as": "identity"}, "skipped": []}
        )
        made = compile_mapping(mapping, [COLUMNS[1]], run_ts=1).make([["null"], ["no address"]], 0)
        lines = result_of(mapping, made, [], numbers=None, not_asked="")["lines"]
        assert [(one["name"], one["errors"]) for one in lines] == [("Identity", 1), ("Email", 1)]

    def test_shows_clevertap_s_verdict_at_the_property_it_speaks_of(self):
        mapping = Mapping.from_json(MAPPING)
        made = compile_mapping(mapping, COLUMNS[:2], run_ts=1).make([["c1", "a@b.example"]], 0)
        verdicts = [RecordVerdict(0, 515, "The e-mail address is not valid.")]
        result = result_of(mapping, made, verdicts, numbers=[7], not_asked="")
        assert [one["errors"] for one in result["lines"]] == [0, 1]
        assert result["reasons"][0]["examples"] == [
            {"row": 7, "identity": "c1", "value": '"a@b.example"'}
        ]

    def test_holds_no_value_in_plain_text_in_the_database(self, world, asked):
        world([["c1", "ann at shop", ""]])
        dry_run = done(asked)
        assert "ann at shop" in json.dumps(dry_runs.result_of(dry_run))
        assert "ann at shop" not in dry_run.sealed_result

    def test_cuts_what_is_long(self, world, asked):
        world([["c1", "x" * 10_000, ""]])
        assert len(json.dumps(dry_runs.result_of(done(asked)))) < 3_000

    def test_is_made_once_however_often_the_bell_rings(self, world, asked):
        _, clevertap = world(people(1))
        for _ in range(2):
            done(asked)
        assert len(clevertap.bodies) == 1


class TestFailure:
    def test_of_bigquery_is_its_sentence(self, world, asked):
        bigquery, _ = world([])
        bigquery.table_failure = BigQueryRefused(Reason.TABLE_NOT_FOUND, "The table is gone.")
        assert done(asked).failure_sentence == "The table is gone."

    def test_of_clevertap_leaves_the_verdict_of_our_rules(self, world, asked):
        _, clevertap = world([*people(1), [None, None, None]])
        clevertap.answers = [CleverTapUnavailable(CleverTapReason.BUSY)]
        result = dry_runs.result_of(done(asked))
        assert result["not_asked"].startswith("CleverTap is not available")
        assert result["refused"] == 1

    def test_of_an_empty_table_says_so(self, world, asked):
        world([])
        assert "nothing to try" in done(asked).failure_sentence

    def test_of_a_mapping_that_no_longer_fits_says_which_column(self, world, asked):
        bigquery, _ = world(people(1))
        bigquery.columns = COLUMNS[:1]
        assert "The table has no column email." in done(asked).failure_sentence

    def test_of_a_view_that_is_too_large_costs_nothing(self, world, asked):
        bigquery, _ = world(people(1), kind="VIEW", estimate=11 * 2**30)
        assert "reads at most 10.0 GiB" in done(asked).failure_sentence
        assert bigquery.started == []

    def test_that_nobody_expected_says_so_and_is_raised_for_the_log(self, world, asked):
        bigquery, _ = world([])
        bigquery.table_failure = RuntimeError("secret text")
        with pytest.raises(RuntimeError):
            perform(dry_run_id=asked.pk)
        asked.refresh_from_db()
        assert asked.failure_sentence == judging.UNEXPECTED

    def test_of_a_dry_run_that_is_gone_is_nothing(self, world, asked):
        asked.delete()
        perform(dry_run_id=asked.pk)


class TestView:
    def test_is_asked_by_one_query_in_random_order_with_a_cap(self, world, asked):
        bigquery, _ = world(people(4), kind="VIEW", estimate=1_000)
        bigquery.columns = COLUMNS[:2]
        bigquery.rows = [row[:2] for row in bigquery.rows]
        dry_run = done(asked)
        ((_, sql, _, labels),) = bigquery.started
        assert sql == (
            "SELECT `customer_id`, `email` FROM `shop-4711`.`shop`.`customers` "
            "ORDER BY RAND() LIMIT 100"
        )
        assert labels["clevertap-bq-dry-run"] == str(dry_run.pk)
        assert dry_run.bytes_billed == 10_485_760
        assert dry_runs.result_of(dry_run)["accepted"] == 4


class TestSample:
    def test_takes_the_whole_of_a_small_table(self):
        assert spans(100, 100) == [range(100)]

    def test_takes_nothing_of_an_empty_one(self):
        assert spans(0, 100) == []

    @pytest.mark.parametrize("total", [101, 109, 1_000, 999_999_999])
    def test_takes_the_wanted_rows_each_once_from_all_over(self, total):
        found = spans(total, 100)
        rows = {row for span in found for row in span}
        assert len(rows) == 100
        assert max(rows) < total
        assert len(found) == (PIECES if total >= 1_000 else len(found))


class TestForgetting:
    def test_the_result_goes_after_an_hour_and_the_row_after_a_day(self, world, asked):
        world(people(1))
        done(asked)
        dry_runs.forget_old(now=asked.requested_at + timedelta(minutes=61))
        asked.refresh_from_db()
        assert dry_runs.result_of(asked) is None
        assert asked.is_finished
        dry_runs.forget_old(now=asked.requested_at + timedelta(hours=25))
        assert not DryRun.objects.exists()

    def test_one_that_nobody_takes_up_is_ended_with_a_reason(self, asked):
        late = timezone.now() + timedelta(minutes=10)
        assert dry_runs.settle_overdue(dry_run=asked, now=late)
        asked.refresh_from_db()
        assert asked.failure_sentence == dry_runs.NO_WORKER
        assert not dry_runs.settle_overdue(dry_run=asked, now=late)
