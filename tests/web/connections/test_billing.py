"""Bytes billed on a connection's page: by month and by day, the same in chart, table and figure."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from imports.models import Run
from imports.services.billing import billing_of
from tests.factories import ConnectionFactory
from tests.web.connections.connection_page import a_run, page, section

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MIB = 1024**2


@pytest.fixture
def connection(db):
    return ConnectionFactory()


def billing(connection):
    return billing_of(runs=Run.objects.of_connection(connection), now=NOW)


def rows(chart):
    return [(row.title, row.cells[0].words) for row in chart.rows]


def test_sums_by_month_and_by_day_agree_with_the_figure_above(connection):
    for days, size in ((0, 3), (0, 4), (20, 5), (24, 6), (300, 7)):
        a_run(connection, bytes_billed=size * MIB, queued_at=NOW - timedelta(days=days))
    found = billing(connection)
    assert rows(found.months) == [
        ("January 2026", "7.0 MiB"),
        ("October 2026", "6.0 MiB"),
        ("November 2026", "12.0 MiB"),
    ]
    assert rows(found.days) == [("4 November 2026", "5.0 MiB"), ("24 November 2026", "7.0 MiB")]
    assert (found.in_words, found.run_count) == ("12.0 MiB", 3)


def test_leaves_out_other_connections_and_what_is_older_than_twelve_months(connection):
    a_run(connection, bytes_billed=MIB, queued_at=datetime(2025, 11, 30, 23, 59, tzinfo=UTC))
    a_run(ConnectionFactory(), bytes_billed=MIB, queued_at=NOW)
    found = billing(connection)
    assert found.months.is_empty
    assert found.total_bytes == 0


def test_a_run_that_was_not_billed_is_a_zero_and_a_day_without_one_a_gap(connection):
    a_run(connection, bytes_billed=None, queued_at=NOW - timedelta(days=1))
    found = billing(connection)
    assert rows(found.days) == [("23 November 2026", "0 bytes")]
    assert found.days.columns[21].title == "22 November 2026: no run"


def test_draws_nothing_for_the_days_that_are_still_to_come(connection):
    a_run(connection, bytes_billed=MIB, queued_at=NOW)
    columns = billing(connection).days.columns
    assert len(columns) == 30
    assert [column.title for column in columns[24:]] == [""] * 6


@pytest.mark.parametrize(
    ("zone", "month"), [("UTC", "October 2026"), ("Asia/Kolkata", "November 2026")]
)
def test_a_run_counts_in_the_month_of_who_looks(zone, month, connection):
    a_run(connection, bytes_billed=MIB, queued_at=datetime(2026, 10, 31, 20, tzinfo=UTC))
    with timezone.override(zone):
        assert rows(billing(connection).months) == [(month, "1.0 MiB")]


def test_a_day_on_which_the_clocks_change_is_one_day(connection):
    a_run(connection, bytes_billed=MIB, queued_at=datetime(2026, 11, 1, 4, tzinfo=UTC))
    a_run(connection, bytes_billed=MIB, queued_at=datetime(2026, 11, 2, 4, 30, tzinfo=UTC))
    a_run(connection, bytes_billed=MIB, queued_at=datetime(2026, 11, 2, 5, tzinfo=UTC))
    with timezone.override("America/New_York"):  # 1 November 2026 has 25 hours there
        found = rows(billing(connection).days)
    assert found == [("1 November 2026", "2.0 MiB"), ("2 November 2026", "1.0 MiB")]


def test_is_one_query_whatever_there_is(connection, django_assert_num_queries):
    for days in range(0, 360, 40):
        a_run(connection, bytes_billed=MIB, queued_at=NOW - timedelta(days=days))
    with django_assert_num_queries(1):
        billing(connection)


def test_says_so_where_nothing_was_billed_yet(as_member, connection):
    assert "Nothing was billed yet" in section(page(as_member, connection), "billing")


def test_is_told_in_one_unit_on_the_pages_of_connection_and_run(as_member, connection):
    run = a_run(connection, bytes_billed=18 * MIB + 7)
    for address in (connection.get_absolute_url(), run.get_absolute_url()):
        text = as_member.get(address).content.decode()
        assert "18.0 MiB" in text
        assert "18,874,375 bytes" in text
        assert "18.0 MB" not in text
