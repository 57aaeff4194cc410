"""Charts: whatever the numbers are, the drawing stays in its box and says what the table says."""

import itertools
import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imports import charts
from imports.charts.axis import STEPS, axis_for
from imports.charts.chart import FOOT, HEAD
from imports.charts.columns import LEAST, columns_of
from imports.charts.measures import short, short_bytes
from tests.examples import examples

SERIES = [charts.Series(tone, tone.title()) for tone in ("accepted", "refused", "unknown")]
HEIGHT = 200
counts = st.integers(0, 2**62)
small = st.integers(0, 50)
values = st.tuples(*[st.one_of(counts, small, st.just(0))] * 3)
points = st.lists(st.one_of(st.none(), values), max_size=62)


def chart(points, **more):
    named = [charts.Point(f"{n}", f"Day {n}", point) for n, point in enumerate(points)]
    return charts.chart_of(
        **{
            "id": "c",
            "title": "Rows",
            "each": "day",
            "series": SERIES,
            "points": named,
            "measure": charts.ROWS,
            **more,
        }
    )


def totals(points):
    return [sum(point or ()) for point in points]


def number(text):
    found = float(text.removesuffix("%"))
    assert math.isfinite(found)
    return found


def whole(words):
    return int(words.replace(",", ""))


class TestDrawing:
    @given(points)
    @examples(25)
    def test_keeps_every_bar_in_its_box(self, points):
        drawn = chart(points, height=HEIGHT)
        for column in drawn.columns:
            for bar in column.bars:
                assert 0 <= number(bar.x) <= number(bar.x) + number(bar.width) <= 100.001
                assert number(bar.y) >= HEAD - 0.05
                assert number(bar.height) > 0
                assert number(bar.y) + number(bar.height) <= HEAD + HEIGHT + 0.11
        assert all(-0.001 <= number(text.x) <= 100.001 for text in (*drawn.ticks, *drawn.values))
        assert all(0 <= number(text.y) <= drawn.height for text in (*drawn.lines, *drawn.values))

    @given(points)
    @examples(25)
    def test_says_in_legend_and_table_what_it_was_given(self, points):
        drawn = chart(points)
        told = [point for point in points if point is not None]
        sums = [sum(point[place] for point in told) for place in range(3)]
        assert [whole(key.total.words) for key in drawn.legend] == sums
        rows = [[whole(cell.words) for cell in row.cells] for row in drawn.rows]
        assert rows == [[sum(point), *point] for point in told]

    @given(points)
    @examples(20)
    def test_has_a_bar_for_each_part_that_is_not_zero_and_no_other(self, points):
        drawn = chart(points)
        for point, column in zip(points, drawn.columns, strict=True):
            kept = [s.tone for s, value in zip(SERIES, point or (), strict=False) if value]
            assert [bar.tone for bar in column.bars] == kept

    @given(points)
    @examples(20)
    def test_tells_a_gap_from_a_zero(self, points):
        drawn = chart(points)
        assert [column.is_zero for column in drawn.columns] == [
            point is not None and not sum(point) for point in points
        ]
        gaps = [c.title for c, p in zip(drawn.columns, points, strict=True) if p is None]
        assert all(title.endswith(": no run") for title in gaps)

    @given(st.lists(counts, min_size=1, max_size=60))
    @examples(25)
    def test_draws_more_never_shorter(self, tall):
        axis = axis_for(tall)
        columns = columns_of([(value,) for value in tall], axis=axis, height=HEIGHT)
        heights = [sum(bar.height for bar in column.bars) for column in columns]
        ordered = [height for _, height in sorted(zip(tall, heights, strict=True))]
        assert all(one <= next_ + 1e-9 for one, next_ in itertools.pairwise(ordered))

    @given(values)
    @examples(25)
    def test_hides_no_part_that_is_not_zero(self, point):
        assume(sum(point))
        (column,) = columns_of([point], axis=axis_for([sum(point)]), height=HEIGHT)
        assert all(bar.height >= LEAST for bar in column.bars)

    @given(st.lists(st.integers(1, 10**6), min_size=1, max_size=90))
    @examples(20)
    def test_labels_a_few_places_and_the_last_one_always(self, tall):
        drawn = chart([(value, 0, 0) for value in tall])
        labels = [text.words for text in drawn.ticks]
        assert labels[0] == str(len(tall) - 1)
        assert len(labels) <= 6
        assert sum(1 for text in drawn.ticks if not text.is_more) <= 3

    @pytest.mark.parametrize("gaps", [0, 8])
    def test_of_many_places_only_the_tallest_has_its_value_however_few_are_filled(self, gaps):
        drawn = chart([None] * gaps + [(118_000 + n, 0, 0) for n in range(12)])
        assert [text.words for text in drawn.values] == ["118 k"] * (1 if gaps else 12)


class TestAxis:
    @given(st.lists(counts, max_size=60), st.sampled_from([charts.ROWS, charts.BYTES]))
    @examples(40)
    def test_ascends_from_zero_in_even_steps(self, tall, measure):
        axis = axis_for(tall, units=measure.units)
        steps = {after - before for before, after in zip(axis.ticks, axis.ticks[1:], strict=False)}
        assert axis.ticks[0] == 0
        assert len(steps) <= 1
        assert len(axis.ticks) <= STEPS + 1
        assert axis.top >= 1

    @given(st.lists(counts, max_size=60))
    @examples(40)
    def test_cuts_off_three_at_most_and_only_what_is_far_above_all_others(self, tall):
        axis = axis_for(tall)
        cut = [value for value in tall if value > axis.top]
        rest = [value for value in tall if value <= axis.top]
        assert len(cut) <= 3
        assert not cut or (len([v for v in rest if v]) >= 3 and min(cut) > 8 * max(rest))

    def test_shows_the_first_full_run_beside_the_small_ones_that_follow(self):
        drawn = chart([(1_930_220, 0, 0), *[(n, 0, 0) for n in (900, 1000, 1100)]])
        assert [column.is_cut for column in drawn.columns] == [True, False, False, False]
        assert [number(bar.height) for bar in drawn.columns[0].bars] == [HEIGHT]
        assert "1.9 M" in [text.words for text in drawn.values]
        assert "Day 0 with 1,930,220 is cut off" in " ".join(drawn.notes)

    def test_cuts_nothing_where_two_points_only_could_be_compared(self):
        drawn = chart([(1_930_220, 0, 0), (900, 0, 0), (1000, 0, 0)])
        assert not any(column.is_cut for column in drawn.columns)

    @pytest.mark.parametrize("tall", [[], [0], [0, 0]])
    def test_of_nothing_and_of_zeros_has_one_tick(self, tall):
        assert axis_for(tall).ticks == (0,)

    def test_of_bytes_is_round_in_the_units_that_are_billed(self):
        axis = axis_for([3 * 1024**3], units=charts.BYTES.units)
        assert [short_bytes(tick) for tick in axis.ticks] == ["0 bytes", "1 GiB", "2 GiB", "3 GiB"]


class TestNumbers:
    @pytest.mark.parametrize(
        ("count", "words"),
        [
            (0, "0"),
            (999, "999"),
            (1_000, "1 k"),
            (1_250, "1.2 k"),
            (99_949, "99.9 k"),
            (123_456, "123 k"),
            (999_499, "999 k"),
            (999_500, "1 M"),
            (1_930_220, "1.9 M"),
            (2_000_000_000, "2 bn"),
            (7 * 10**15, "7,000 T"),
        ],
    )
    def test_are_short_on_the_axis(self, count, words):
        assert short(count) == words

    @given(counts)
    @examples(100)
    def test_are_never_longer_than_the_room_beside_the_axis(self, count):
        assume(count < 10**15)
        assert re.fullmatch(r"\d{1,3}(\.\d)?( (k|M|bn|T))?", short(count))


class TestWords:
    def test_summarise_range_sums_and_the_tallest(self):
        drawn = chart([(10, 2, 0), None, (5, 0, 0)])
        assert drawn.summary == (
            "Day 0 to Day 2, 2 of 3 days: 17 rows (accepted 15, refused 2). Most: Day 0, with 12."
        )

    def test_say_that_there_is_nothing(self):
        assert chart([None, None]).is_empty
        assert chart([]).summary == "There is nothing in it."

    def test_explain_gaps_and_zeros_only_where_there_are_some(self):
        assert chart([(1, 0, 0), (2, 0, 0)]).notes == ()
        assert chart([(1, 0, 0), None]).notes == ("A day without a run is left empty.",)
        assert chart([(0, 0, 0)]).notes == ("All are zero.",)

    def test_give_bytes_exactly_on_hover(self):
        one = [charts.Series("plain", "Bytes billed")]
        drawn = chart([(1_288_490_189,)], series=one, measure=charts.BYTES)
        assert drawn.columns[0].title == "Day 0: 1.2 GiB billed, 1,288,490,189 bytes"
        assert (drawn.rows[0].cells[0].words, drawn.rows[0].cells[0].whole) == (
            "1.2 GiB",
            "1,288,490,189 bytes",
        )

    def test_leave_room_below_for_the_words_of_the_axis(self):
        assert chart([(1, 0, 0)], height=80).height == HEAD + 80 + FOOT


class TestStrip:
    def test_shows_the_ten_newest_with_the_newest_at_the_right(self):
        strip = charts.strip_of([charts.Mark("green", f"{n} %") for n in range(12)])
        assert [placed.mark.words for placed in strip.marks][-1] == "0 %"
        assert len(strip.marks) == 10
        assert strip.width == 118

    def test_is_told_in_one_sentence(self):
        marks = [charts.Mark("none", "Nothing new"), *[charts.Mark("green", "100 %")] * 2]
        assert charts.strip_of(marks).words == (
            "Last 3 runs: Nothing new, 2 times 100 %. The newest: Nothing new"
        )

    @pytest.mark.parametrize(
        ("marks", "words"),
        [([], "No runs yet"), ([charts.Mark("failed", "Failed")], "One run: Failed")],
    )
    def test_of_none_and_of_one_says_so(self, marks, words):
        assert charts.strip_of(marks).words == words
