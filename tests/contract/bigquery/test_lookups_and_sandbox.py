"""The worker half of Create Import with Google's own client against the sandbox."""

import time
from contextlib import nullcontext

import pytest
from google.cloud import bigquery as google

from connections import lookups
from connections.bigquery import quoted
from connections.models import Lookup
from imports.costs import GIB
from imports.mapping import Mapping
from imports.models import Run
from imports.runner.bounds import selection
from imports.runner.query import cap_of, source_sql
from tests.contract.bigquery.sandbox_process import PROJECT
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
BY_CUSTOMER = {"identity": {"column": "customer_id", "as": "identity"}}


@pytest.fixture
def ask(good, monkeypatch):
    """Puts a question and has the worker answer it."""
    monkeypatch.setattr(lookups, "open_bigquery", lambda key, project: nullcontext(good))
    connection = ConnectionFactory(project_id=PROJECT)

    def answered(kind, **question):
        lookup = Lookup.objects.create(
            kind=kind,
            connection=connection,
            key=connection.key,
            project_id=PROJECT,
            dataset_id="shop",
            requested_by=connection.created_by,
            **question,
        )
        lookups.answer_lookup(lookup_id=lookup.pk)
        lookup.refresh_from_db()
        return lookup

    return answered


@pytest.fixture
def made(good):
    """Makes tables and views, and drops them in the end."""
    names = []

    def make(name, definition):
        names.append(name)
        place = quoted(PROJECT, "shop", name)
        good._client.query(f"CREATE OR REPLACE {definition.format(place)}", location="EU").result()
        return place

    yield make
    for name in names:
        where = google.TableReference.from_string(f"{PROJECT}.shop.{name}")
        good._client.delete_table(where, not_found_ok=True)


def names_of(lookup):
    return [column["name"] for column in lookup.answer["columns"]]


class TestDryRun:
    def test_a_query_gives_bytes_tables_and_columns(self, ask):
        found = ask("query", sql="SELECT customer_id, SUM(orders) AS n FROM customers GROUP BY 1")
        assert names_of(found) == ["customer_id", "n"]
        assert (found.answer["tables"], found.answer["bytes"] > 0) == (1, True)

    def test_a_table_gives_its_columns_and_rows_too(self, ask):
        found = ask("query", table_id="customers_small")
        assert (found.answer["kind"], found.answer["rows"]) == ("TABLE", 500)
        assert "address" in names_of(found)

    def test_a_fault_keeps_its_code_and_place(self, ask):
        found = ask("query", sql="SELECT customer_id,\n  emial FROM customers_small")
        assert (found.failure_line, found.failure_column) == (2, 3)
        assert (found.failure_code, found.answer) == ("invalid_query", None)

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("DELETE FROM customers_small WHERE TRUE", "Only one SELECT"),
            ("SELECT * FROM no_such_table", "a table that is not there"),
            ("SELECT * FROM nowhere.customers", "not in the location"),
            ("SELECT id FROM (SELECT 1 AS id", "syntax error"),
        ],
    )
    def test_what_cannot_be_imported_is_said(self, sql, said, ask):
        assert said in ask("query", sql=sql).failure_sentence

    def test_a_view_whose_base_is_gone(self, ask, made, good):
        base = made("base", "TABLE {} AS SELECT 1 AS x")
        made("over_base", f"VIEW {{}} AS SELECT x FROM {base}")
        good._client.query(f"DROP TABLE {base}", location="EU").result()
        for kind in ("query", "rows"):
            said = ask(kind, table_id="over_base").failure_sentence
            assert "a table that is no longer there" in said, kind

    def test_a_table_that_demands_a_filter_names_its_column(self, ask, made):
        made(
            "by_day",
            "TABLE {} (seen_on DATE, id STRING) PARTITION BY seen_on "
            "OPTIONS (require_partition_filter = TRUE)",
        )
        found = ask("query", table_id="by_day")
        assert (found.failure_code, "“seen_on”" in found.failure_sentence) == (
            "invalid_query",
            True,
        )


class TestFirstRows:
    def test_a_table_is_read_at_no_cost(self, sandbox, ask):
        found = ask("rows", table_id="customers_small", bytes_cap=0)
        assert (len(found.preview_rows()), found.answer["billed"]) == (10, 0)
        assert sandbox.calls("POST", "/jobs") == []

    @pytest.mark.parametrize(
        "question",
        [
            {"table_id": "active_customers"},
            {"sql": "SELECT name FROM customers_small -- a comment"},
        ],
    )
    def test_a_view_or_query_is_read_under_the_cap(self, question, ask):
        found = ask("rows", bytes_cap=GIB, **question)
        assert len(found.preview_rows()) == 10
        assert found.answer["billed"] >= 10 * 1024**2

    def test_over_the_cap_nothing_is_read(self, ask):
        found = ask("rows", sql="SELECT * FROM customers", bytes_cap=1024)
        assert (found.failure_code, found.has_preview) == ("bytes_cap", False)

    def test_no_rows_are_no_failure(self, ask):
        found = ask("rows", sql="SELECT name FROM customers_small WHERE FALSE", bytes_cap=GIB)
        assert (names_of(found), found.preview_rows()) == (["name"], [])


class TestTables:
    def test_the_list_has_sizes_and_kinds(self, ask):
        found = {one["id"]: one for one in ask("tables").answer}
        assert (found["customers_small"]["rows"], found["customers_small"]["kind"]) == (
            500,
            "TABLE",
        )
        assert (found["active_customers"]["rows"], found["active_customers"]["kind"]) == (
            None,
            "VIEW",
        )

    def test_without_the_right_to_run_jobs_the_names_are_still_there(
        self, ask, open_as, monkeypatch
    ):
        poor = open_as("no-job-user")
        monkeypatch.setattr(lookups, "open_bigquery", lambda key, project: nullcontext(poor))
        found = {one["id"]: one for one in ask("tables").answer}
        assert found["customers"]["bytes"] is None


class TestRun:
    """The job of a run, as the engine submits it."""

    def job(self, good, sql, cap=None, columns=()):
        snapshot = {"project_id": PROJECT, "dataset_id": "shop", "table_id": "", "sql": sql}
        run = Run(snapshot={**snapshot, "bytes_cap": cap, "tables": 1})
        rules = [{"column": column, "name": column.title()} for column in columns]
        mapping = {**BY_CUSTOMER, "properties": rules}
        job = good.start_query(
            selection(run, Mapping.from_json(mapping), source_sql(run)).sql,
            job_id=f"clevertap_bq_{run.pk.hex}_1",
            location="EU",
            labels={},
            max_bytes_billed=cap_of(run),
            default_dataset="shop",
        )
        while job.state != "DONE":
            time.sleep(0.05)
            job = good.job(job.id, location="EU")
        return job

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM customers_small",
            "SELECT customer_id FROM customers_small; -- the end",
            "WITH few AS (SELECT * FROM customers_small) SELECT customer_id, email FROM few",
            "(SELECT customer_id FROM customers_small) # so",
        ],
    )
    def test_reads_the_mapped_columns_of_the_query(self, sql, good):
        assert self.job(good, sql).total_rows == 500

    def test_a_cap_as_large_as_the_estimate_lets_it_run(self, good):
        sql = "SELECT customer_id FROM customers_small"
        size = good.estimate(sql, location="EU", default_dataset="shop").bytes
        assert self.job(good, sql, cap=size).total_rows == 500

    def test_over_its_cap_it_fails_before_anything_is_billed(self, good):
        columns = ("address", "tags", "preferences", "email")
        job = self.job(good, "SELECT * FROM customers", cap=1, columns=columns)
        assert (job.failure.reason, job.bytes_billed or 0) == ("bytes_cap", 0)
        assert "Raise the cap" in job.failure.sentence
