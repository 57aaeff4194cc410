"""What Create Import asks of BigQuery: dry runs, previews under a cap, sizes of all tables."""

import pytest
from google.cloud import bigquery as google

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason, quoted
from tests.contract.bigquery.sandbox_process import PROJECT

CUSTOMERS = quoted(PROJECT, "shop", "customers")
SMALL = quoted(PROJECT, "shop", "customers_small")
MIB = 1024 * 1024


def refusal(work) -> BigQueryRefused:
    with pytest.raises(BigQueryRefused) as caught:
        work()
    return caught.value


def check(bigquery, sql):
    return bigquery.estimate(sql, location="EU", default_dataset="shop")


def sample(bigquery, sql, *, cap=100 * MIB, **options):
    return bigquery.sample(
        sql, location="EU", rows=3, max_bytes_billed=cap, default_dataset="shop", **options
    )


@pytest.fixture
def by_day(good):
    """A table that may be read with a filter on its day only."""
    name = quoted(PROJECT, "shop", "visits_by_day")
    good._client.query(
        f"CREATE OR REPLACE TABLE {name} (visited_on DATE, customer_id STRING) PARTITION BY visited_on "
        "OPTIONS (require_partition_filter = TRUE)",
        location="EU",
    ).result()
    yield name
    good._client.delete_table(google.TableReference.from_string(f"{PROJECT}.shop.visits_by_day"))


class TestDryRun:
    def test_names_without_a_dataset_are_those_of_the_connection(self, good):
        found = check(good, "SELECT customer_id, orders FROM customers_small")
        assert [column.name for column in found.columns] == ["customer_id", "orders"]

    def test_says_what_the_statement_is_and_how_many_tables_it_reads(self, good):
        sql = f"SELECT a.email FROM {SMALL} AS a JOIN {CUSTOMERS} AS b USING (customer_id)"
        found = check(good, sql)
        assert (found.statement, found.tables) == ("SELECT", 2)

    def test_a_change_of_rows_is_told_from_a_query(self, good):
        assert check(good, f"DELETE FROM {SMALL} WHERE TRUE").statement == "DELETE"

    @pytest.mark.parametrize(
        ("sql", "place"),
        [
            ("SELECT customer_id\nFORM customers_small", (2, 6)),
            ("SELECT\n  emial\nFROM customers_small", (2, 3)),
        ],
    )
    def test_a_fault_has_its_line_and_column(self, sql, place, good):
        assert refusal(lambda: check(good, sql)).location_in_sql == place

    def test_a_table_that_demands_a_filter_is_understood(self, good, by_day):
        found = refusal(lambda: check(good, f"SELECT * FROM {by_day}"))
        assert (found.reason, "filter on its partition" in found.sentence) == (
            "invalid_query",
            True,
        )

    def test_the_same_table_with_its_filter_is_read(self, good, by_day):
        sql = f"SELECT customer_id FROM {by_day} WHERE visited_on = DATE '2026-01-01'"
        assert check(good, sql).statement == "SELECT"

    def test_a_view_whose_base_is_gone_is_told(self, good):
        base, view = (quoted(PROJECT, "shop", name) for name in ("passing", "view_of_passing"))
        for sql in (f"CREATE TABLE {base} (x INT64)", f"CREATE VIEW {view} AS SELECT x FROM {base}",
                    f"DROP TABLE {base}"):  # fmt: skip
            good._client.query(sql, location="EU").result()
        assert refusal(lambda: check(good, f"SELECT * FROM {view}")).reason == "table_not_found"
        good._client.query(f"DROP VIEW {view}", location="EU").result()


class TestPreview:
    def test_gives_the_first_rows_and_what_they_cost(self, good):
        found = sample(good, "SELECT customer_id, tags, address FROM customers_small")
        assert [column.type for column in found.page.columns] == ["STRING", "STRING", "RECORD"]
        assert (len(found.page.rows), found.bytes_billed) == (3, 10 * MIB)

    def test_over_its_cap_it_is_refused_and_nothing_is_billed(self, good):
        found = refusal(lambda: sample(good, "SELECT * FROM customers", cap=10 * MIB))
        assert found.reason == Reason.BYTES_CAP
        assert "cost nothing" in found.sentence

    def test_a_query_that_nobody_waits_for_any_longer_is_cancelled(self, sandbox, good):
        sandbox.fault("slow_job", seconds=30)
        with pytest.raises(BigQueryUnavailable) as caught:
            sample(good, "SELECT 1 AS one", seconds=2)
        assert caught.value.reason == Reason.TIMEOUT
        assert sandbox.calls("POST", "/cancel")

    def test_a_cell_that_does_not_fit_is_told_as_such(self, good):
        found = refusal(lambda: sample(good, "SELECT CAST('x' AS INT64) AS n"))
        assert (found.reason, "SAFE_CAST" in found.sentence) == (Reason.INVALID_QUERY, True)


class TestTables:
    def test_sizes_of_all_stored_tables_cost_one_query_and_no_bytes(self, sandbox, good):
        found = good.sizes("shop", location="EU")
        assert found["customers_small"].rows == 500
        assert found["customers_small"].bytes == good.table("shop", "customers_small").bytes
        assert found["customers_small"].modified_at.year >= 2026
        assert "active_customers" not in found
        assert len(sandbox.calls("POST", "/jobs")) == 1

    def test_sizes_need_the_right_to_run_jobs(self, open_as):
        no_jobs = open_as("no-job-user")
        assert refusal(lambda: no_jobs.sizes("shop", location="EU")).permission == (
            "bigquery.jobs.create"
        )

    def test_the_partition_and_its_demand_are_listed(self, good, by_day):
        found = {table.id: table for table in good.tables("shop")}
        partitioned, plain = found["visits_by_day"], found["customers"]
        assert (partitioned.partition, partitioned.needs_filter) == ("visited_on", True)
        assert (plain.partition, plain.needs_filter) == ("", False)
