"""Money and bytes before a run; cells as people read them; what stays of a mapping."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from imports.cells import cell_in_words, type_in_words
from imports.costs import GIB, LEAST_PER_TABLE, TIB, Price, billed, limit_for_job, runs_in_a_month
from imports.mapping import Column
from imports.schedule import Interval, Schedule, Unit
from imports.table_list import SHOWN, listed

PRICE = Price(Decimal("6.25"), "$")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
GEO = Column("geo", "RECORD", "NULLABLE", (Column("lat", "FLOAT"), Column("at", "TIMESTAMP")))
TABLES = [{"id": f"orders_{number:04}", "kind": "TABLE"} for number in range(5_000)]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "$0.00"),
        (1, "less than $0.01"),
        (2 * GIB, "$0.01"),
        (TIB, "$6.25"),
        (1_000 * TIB, "$6,250.00"),
    ],
)
def test_bytes_cost_what_the_setting_says(size, words):
    assert PRICE.in_words(size) == words


@pytest.mark.parametrize(
    ("size", "tables", "least"),
    [(0, 3, 0), (1, 1, LEAST_PER_TABLE), (1, 3, 3 * LEAST_PER_TABLE), (GIB, 2, GIB)],
)
def test_each_table_is_billed_for_ten_megabytes_at_least(size, tables, least):
    assert billed(size, tables) == least


def test_the_cap_of_a_job_has_room_for_what_is_rounded_up():
    assert limit_for_job(GIB, 2) == GIB + 2 * LEAST_PER_TABLE


def test_a_month_has_as_many_runs_as_the_schedule_has_starts():
    hourly = Schedule(Interval(1, Unit.HOURS, NOW), "UTC")
    assert 719 <= runs_in_a_month(hourly, now=NOW) <= 721


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("n", "INTEGER"), "INT64"),
        (Column("t", "STRING", "REPEATED"), "ARRAY<STRING>"),
        (GEO, "STRUCT<lat FLOAT64, at TIMESTAMP>"),
        (Column("g", "RECORD", "REPEATED", (Column("b", "BOOLEAN"),)), "ARRAY<STRUCT<b BOOL>>"),
    ],
)
def test_types_are_written_as_in_a_query(column, words):
    assert type_in_words(column) == words


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        (Column("a", "STRING"), None, "NULL"),
        (Column("a", "STRING"), "", ""),
        (Column("n", "INTEGER"), "9007199254740993", "9007199254740993"),
        (Column("b", "BOOLEAN"), "true", "true"),
        (Column("at", "TIMESTAMP"), "1700000000000001", "2023-11-14 22:13:20 UTC"),
        (Column("at", "TIMESTAMP"), "no number", "no number"),
        (Column("t", "STRING", "REPEATED"), [{"v": "vip"}, {"v": "new"}], '["vip", "new"]'),
        (GEO, {"f": [{"v": "8.5"}, {"v": None}]}, '{"lat": 8.5, "at": null}'),
        (Column("j", "JSON"), '{"a":[1,"é"]}', '{"a": [1, "é"]}'),
        (Column("j", "JSON"), "{broken", "{broken"),
        (Column("s", "STRING"), "x" * 1_000, "x" * 399 + "…"),
    ],
)
def test_cells_are_readable(column, cell, words):
    assert cell_in_words(column, cell) == words


class TestTables:
    def test_only_the_first_are_listed_of_thousands(self):
        found = listed(TABLES, search="", chosen="")
        assert (len(found.lines), found.found, found.more) == (SHOWN, 5_000, 5_000 - SHOWN)

    def test_every_word_must_be_in_the_name(self):
        found = listed(TABLES, search="ORDERS 42", chosen="")
        assert found.lines[0].id == "orders_0042"
        assert listed(TABLES, search="orders moon", chosen="").found == 0

    def test_the_chosen_one_stays_whatever_is_searched(self):
        found = listed(TABLES, search="4999", chosen="orders_0007")
        assert [line.id for line in found.lines] == ["orders_0007", "orders_4999"]

    def test_what_is_not_known_is_left_open(self):
        (line,) = listed([{"id": "v", "kind": "MATERIALIZED_VIEW"}], search="", chosen="").lines
        assert (line.kind, line.rows, line.bytes, line.modified) == (
            *("Materialised view", None, None, None),
        )
