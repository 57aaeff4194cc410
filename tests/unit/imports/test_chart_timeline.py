"""Days into columns: none is lost, none counts twice, and no chart has too many."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports import charts
from imports.charts.timeline import MOST
from tests.examples import examples

days = st.dates(date(1970, 1, 1), date(2120, 12, 31))
TODAY = date(2026, 11, 24)


@given(days, st.integers(0, 50_000))
@examples(40)
def test_the_spans_lie_side_by_side_from_the_first_day_to_the_last(first, length):
    last = min(first + timedelta(days=length), date(2120, 12, 31))
    spans = charts.timeline_of(first, last, today=TODAY).spans
    assert spans[0].begin == first
    assert spans[-1].end == last + timedelta(days=1)
    assert all(one.end == after.begin for one, after in itertools.pairwise(spans))
    assert all(span.begin < span.end for span in spans)


@given(days, st.integers(0, 1800))
@examples(40)
def test_five_years_and_less_are_at_most_62_columns(first, length):
    last = min(first + timedelta(days=length), date(2120, 12, 31))
    assert len(charts.timeline_of(first, last, today=TODAY).spans) <= MOST


@pytest.mark.parametrize(
    ("length", "each", "rule"),
    [
        (61, "day", ""),
        (62, "week", "Each column is a week, from Monday."),
        (365, "week", "Each column is a week, from Monday."),
        (500, "month", "Each column is a month."),
        (365 * 20, "year", "Each column is a year."),
    ],
)
def test_what_a_column_is_depends_on_the_days(length, each, rule):
    timeline = charts.timeline_of(TODAY - timedelta(days=length), TODAY, today=TODAY)
    assert (timeline.each, timeline.rule) == (each, rule)


def test_weeks_begin_on_monday_but_for_the_first_which_may_be_short():
    timeline = charts.timeline_of(date(2026, 7, 1), TODAY, today=TODAY)
    assert timeline.spans[0].begin == date(2026, 7, 1)
    assert {span.begin.weekday() for span in timeline.spans[1:]} == {0}
    assert timeline.spans[1].title == "Week from 6 July 2026"


def test_today_is_called_today_and_no_other_day_is():
    spans = charts.timeline_of(date(2026, 11, 20), date(2026, 11, 24), today=TODAY).spans
    assert [span.label for span in spans] == ["20 Nov", "21 Nov", "22 Nov", "23 Nov", "Today"]
    assert spans[-1].title == "24 November 2026"


@pytest.mark.parametrize("today", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 31)])
def test_twelve_months_end_with_today_and_begin_on_a_first(today):
    spans = charts.months_until(today, count=12).spans
    assert len(spans) == 12
    assert spans[-1].end == today + timedelta(days=1)
    assert {span.begin.day for span in spans} == {1}
    assert spans[0].begin == (today.replace(day=1) - timedelta(days=330)).replace(day=1)


def test_january_carries_its_year():
    labels = [span.label for span in charts.months_until(date(2026, 3, 5), count=4).spans]
    assert labels == ["Dec", "Jan 2026", "Feb", "Mar"]
