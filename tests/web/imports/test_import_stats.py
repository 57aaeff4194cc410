"""Stats of an import: CleverTap's columns, sums that agree, filters in the address."""

import csv
import io
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import ImportFactory
from tests.web.imports.stats_page import CENTER, a_run, page, part

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEADS = [
    *("Date & Time", "Imported On", "Health", "Total Records"),
    *("Successful Syncs", "Failed Syncs", "Bytes Billed"),
]


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def subject(db):
    return ImportFactory(nickname="Customers", created_at=NOW - timedelta(days=40))


def ago(**time):
    return NOW - timedelta(**time)


def stats(client, subject, **query):
    return page(client, subject, "stats/", **query)


def table(text):
    return part(text, 'id="runs"', "</section>")


def rows(text):
    """Each row of the table as its cells' words; the last is the totals."""
    found = re.findall(r"<tr>(.*?)</tr>", table(text), re.DOTALL)[1:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def chart(text):
    return part(text, 'id="rows-over-time"', "</figure>")


class TestTable:
    def test_has_clevertaps_columns_exactly_and_then_what_it_cost(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=1)
        assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table(stats(as_member, subject))) == (
            HEADS
        )

    def test_says_when_a_run_began_and_when_its_rows_were_in(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=90, refused=10)
        (row, _) = rows(stats(as_member, subject))
        assert row == [
            *("23 Nov 2026, 12:00", "23 Nov 2026, 12:02", "90.00 % Partly", "100", "90", "10", "–"),
        ]

    def test_does_not_hide_rows_that_are_neither_in_nor_refused(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=5, skipped=3, unknown=2)
        assert rows(stats(as_member, subject))[0][3:6] == ["10 3 skipped, 2 unknown", "5", "0"]

    @pytest.mark.parametrize(
        ("run", "imported_on", "health"),
        [
            ({}, "Nothing imported", "Nothing new"),
            (
                {"state": "failed", "failure_code": "token_rejected"},
                "Nothing imported",
                "Could not connect",
            ),
            ({"state": "failed", "failure_code": "query_invalid"}, "Nothing imported", "Failed"),
            ({"state": "stopped"}, "Nothing imported", "Stopped"),
            ({"state": "running", "accepted": 4}, "Not finished", "Running"),
            ({"state": "queued"}, "Not finished", "Queued"),
            ({"refused": 3}, "Nothing imported", "0.00 % Partly"),
        ],
    )
    def test_has_no_blank_that_could_mean_two_things(
        self, run, imported_on, health, as_member, subject
    ):
        a_run(subject, ago(days=1), **run)
        assert rows(stats(as_member, subject))[0][1:3] == [imported_on, health]

    def test_sums_every_page_in_its_last_row(self, as_member, subject):
        for day in range(30):
            a_run(subject, ago(days=day), accepted=1000, refused=day)
        found = rows(stats(as_member, subject))
        assert len(found) == 26
        assert found[-1][:-1] == ["All 30 runs", "98.57 %", "30,435", "30,000", "435"]
        assert rows(stats(as_member, subject, page="2"))[-1] == found[-1]

    def test_says_what_bigquery_billed_for_each_run_and_for_all(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=1, bytes_billed=10 * 2**20)
        a_run(subject, ago(days=2), accepted=1, bytes_billed=0)
        a_run(subject, ago(days=3), state="failed", failure_code="query_invalid")
        billed = [row[-1] for row in rows(stats(as_member, subject))]
        assert billed == ["10.0 MiB", "0 bytes", "–", "10.0 MiB"]

    def test_leads_to_each_run(self, as_member, subject):
        run = a_run(subject, ago(days=1), accepted=1)
        assert f'href="{run.get_absolute_url()}"' in table(stats(as_member, subject))


class TestChart:
    def test_has_the_same_sums_as_the_table(self, as_member, subject):
        for day in (1, 1, 5):
            a_run(subject, ago(days=day), accepted=1200, refused=30)
        text = stats(as_member, subject, **{"from": "2026-11-10"})
        totals = re.findall(r'chart__total" title="[^"]*">(.*?)<', chart(text))
        assert totals == ["3,600", "90", "0", "0"]
        assert rows(text)[-1][2:5] == ["3,690", "3,600", "90"]

    def test_counts_a_run_on_the_day_of_who_looks(self, as_member, member, subject):
        member.time_zone = "Asia/Kolkata"
        member.save()
        a_run(subject, datetime(2026, 11, 19, 20, tzinfo=UTC), accepted=7)
        assert "20 November 2026: Accepted 7 (1 run)" in chart(stats(as_member, subject))

    def test_shows_a_day_without_a_run_as_a_gap_and_a_run_without_rows_as_a_zero(
        self, as_member, subject
    ):
        a_run(subject, ago(days=1))
        a_run(subject, ago(days=3), accepted=5)
        text = chart(stats(as_member, subject, **{"from": "2026-11-10"}))
        assert "22 November 2026: no run" in text
        assert "23 November 2026: 0 rows (1 run)" in text
        assert text.count('class="chart__zero"') == 1

    def test_ends_today_and_never_in_the_future(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=5)
        text = chart(stats(as_member, subject, **{"from": "2026-11-10", "to": "2999-01-01"}))
        assert ">Today</text>" in text
        assert "25 November" not in text

    def test_is_told_in_a_sentence_and_as_a_table(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=5, refused=1)
        text = chart(stats(as_member, subject, **{"from": "2026-11-20"}))
        assert (
            "20 November 2026 to 24 November 2026, 1 of 5 days: 6 rows (accepted 5, refused 1)."
        ) in text
        assert "<caption" in text

    def test_needs_no_style_that_the_content_policy_forbids(self, as_member, subject):
        a_run(subject, ago(days=1), accepted=5)
        assert not re.search(r"\sstyle=|<style|\son\w+=", chart(stats(as_member, subject)))


class TestFilters:
    @pytest.fixture
    def runs(self, subject):
        a_run(subject, ago(days=30), accepted=11)
        a_run(subject, ago(days=2), accepted=22, refused=2)
        a_run(subject, ago(days=1), state="failed", failure_code="token_rejected")

    def dates(self, text):
        return [row[0].partition(",")[0] for row in rows(text)[:-1]]

    @pytest.mark.parametrize(
        ("query", "dates"),
        [
            ({"from": "2026-11-22"}, ["23 Nov 2026", "22 Nov 2026"]),
            ({"to": "2026-11-22"}, ["22 Nov 2026", "25 Oct 2026"]),
            ({"from": "2026-11-22", "to": "2026-11-22"}, ["22 Nov 2026"]),
            ({"outcome": "could_not_connect"}, ["23 Nov 2026"]),
            ({"outcome": "partly", "from": "2026-11-01"}, ["22 Nov 2026"]),
        ],
    )
    def test_find_by_days_and_outcome(self, query, dates, as_member, subject, runs):
        assert self.dates(stats(as_member, subject, **query)) == dates

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"from": "yesterday"}, "“yesterday” is not a day."),
            ({"to": "2026-02-31"}, "“2026-02-31” is not a day."),
            ({"to": "9999-12-31"}, "Choose a day from 1970 to 2999."),
            ({"outcome": "splendid"}, "There is no outcome “splendid”, so all are shown."),
            ({"outcome": "<script>"}, "There is no outcome “<script>”"),
            (
                {"from": "2026-11-20", "to": "2026-11-01"},
                "This day lies before the first one, 2026-11-20. Swap the two.",
            ),
        ],
    )
    def test_that_cannot_be_read_say_so_and_narrow_nothing(
        self, query, sentence, as_member, subject, runs
    ):
        text = stats(as_member, subject, **query)
        assert sentence in text
        assert ("25 Oct 2026" in self.dates(text)) == (len(query) == 1)

    def test_that_are_hostile_are_shown_escaped(self, as_member, subject, runs):
        answer = as_member.get(f"{subject.get_absolute_url()}stats/", {"outcome": "<script>x"})
        assert b"<script>x" not in answer.content

    def test_stay_in_the_addresses_of_pages_and_chips(self, as_member, subject):
        for hour in range(30):
            a_run(subject, ago(hours=hour), accepted=1, refused=1)
        text = stats(as_member, subject, outcome="partly", **{"from": "2026-11-01"})
        assert 'href="?from=2026-11-01&outcome=partly&page=2"' in text
        assert "Remove filter Outcome: Partly" in text

    @pytest.mark.parametrize("number", ["0", "-1", "99999", "x", ""])
    def test_of_a_page_that_does_not_exist_show_one_that_does(
        self, number, as_member, subject, runs
    ):
        assert len(rows(stats(as_member, subject, page=number))) == 4

    def test_that_exclude_all_runs_offer_the_way_back(self, as_member, subject, runs):
        text = stats(as_member, subject, **{"from": "2020-01-01", "to": "2020-01-31"})
        assert "No run passes these filters" in text
        assert "Show all runs" in text

    def test_are_not_offered_before_there_is_a_run(self, as_member, subject):
        text = stats(as_member, subject)
        assert "Not run yet" in text
        assert "filter-pane" not in text


class TestCsv:
    def lines(self, client, subject, **query):
        answer = client.get(f"{subject.get_absolute_url()}stats.csv", query)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        return answer, list(csv.reader(io.StringIO(answer.content.decode())))

    def test_has_the_runs_of_every_page(self, as_member, subject):
        for day in range(30):
            a_run(subject, ago(days=day), accepted=9, refused=1)
        _, lines = self.lines(as_member, subject)
        assert len(lines) == 31
        assert lines[1] == [
            *("2026-11-24T12:00:00Z", "2026-11-24T12:02:00Z", "Partly", "90.00 %"),
            *("10", "9", "1", "0", "0", ""),
        ]

    def test_is_narrowed_like_the_page(self, as_member, subject):
        a_run(subject, ago(days=30), accepted=1)
        a_run(subject, ago(days=1), state="stopped")
        _, lines = self.lines(as_member, subject, outcome="stopped")
        assert [line[2] for line in lines] == ["Outcome", "Stopped"]

    def test_has_nothing_that_a_spreadsheet_would_compute(self, as_member, db):
        hostile = ImportFactory(nickname='=cmd|"/c calc"!A1\r\nSet-Cookie: a=b')
        a_run(hostile, ago(days=1), state="failed", failure_sentence="=1+1", stop_reason="@x")
        answer, lines = self.lines(as_member, hostile)
        assert not [cell for line in lines for cell in line if cell[:1] in "=+-@\t\r" and cell]
        assert answer["Content-Disposition"] == (
            'attachment; filename="cmdc-calca1-set-cookie-ab-stats.csv"'
        )


class TestAccess:
    @pytest.mark.parametrize("tab", ["", "mapping/", "schedule/", "stats/", "stats.csv"])
    def test_a_member_may_look_at_every_tab(self, tab, as_member, subject):
        assert as_member.get(f"{subject.get_absolute_url()}{tab}").status_code == 200

    @pytest.mark.parametrize("tab", ["", "mapping/", "schedule/", "stats/", "stats.csv"])
    def test_an_import_that_does_not_exist_is_not_found(self, tab, as_member, db):
        assert as_member.get(f"{CENTER}{uuid.uuid4()}/{tab}").status_code == 404

    @pytest.mark.parametrize("tab", ["settings/", "Stats/", "stats/all/"])
    def test_a_tab_that_does_not_exist_is_not_found(self, tab, as_member, subject):
        assert as_member.get(f"{subject.get_absolute_url()}{tab}").status_code == 404

    def test_runs_of_other_imports_are_not_among_them(self, as_member, subject):
        a_run(ImportFactory(), ago(days=1), accepted=5)
        assert "Not run yet" in stats(as_member, subject)


class TestCost:
    @pytest.mark.parametrize("tab", ["", "stats/"])
    def test_the_number_of_queries_does_not_grow_with_the_runs(self, tab, as_member, subject):
        a_run(subject, ago(days=1), accepted=5)
        url = f"{subject.get_absolute_url()}{tab}"
        few = _queries(as_member, url)
        for hour in range(40):
            a_run(subject, ago(hours=hour), accepted=5, refused=1)
        assert _queries(as_member, url) == few


def _queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)
