"""What the adviser makes of the numbers of a column."""

import pytest

from imports.advice import advice_of
from imports.cursor_values import EDGE_ROWS, Scale

MOMENT = Scale("TIMESTAMP")
GOOD = {
    "rows": 5_000,
    "nulls": 0,
    "ahead": 0,
    "ties": 1,
    "first": "2025-01-01 00:00:00.000000+00:00",
    "top": "2026-01-01 00:00:00.000000+00:00",
    "last": "2026-01-01 00:00:00.000000+00:00",
    "partition": "updated_at",
    "kind": "TABLE",
    "bytes": 1,
}


def told(scale=MOMENT, **changes):
    found = advice_of({**GOOD, **changes}, column="updated_at", scale=scale)
    return " ".join(one.text for one in found), {one.tone for one in found}


def test_a_good_column_is_praised_for_each_thing():
    text, tones = told()
    assert tones == {"ok"}
    assert "from 2025-01-01 00:00:00 UTC to 2026-01-01 00:00:00 UTC" in text
    assert "partitioned by it" in text


@pytest.mark.parametrize(
    ("changes", "tone", "said"),
    [
        ({"nulls": 1}, "warn", "1 row is without a value"),
        ({"nulls": 1_200}, "warn", "1,200 rows are without a value"),
        ({"ahead": 3}, "warn", "3 rows are in the future"),
        ({"ties": 200}, "ok", "200 rows share the newest value"),
        ({"ties": 4_000}, "warn", "4,000 rows share the newest value"),
        ({"ties": EDGE_ROWS + 1}, "bad", "A run remembers 100,000"),
        ({"partition": ""}, "warn", "not partitioned by it"),
        ({"partition": "", "kind": "VIEW"}, "ok", "a view"),
        ({"rows": 0}, "warn", "The table is empty"),
        ({"top": "", "nulls": 5_000}, "bad", "every value of it is NULL"),
        ({"top": "", "ahead": 5_000}, "bad", "every value of it lies in the future"),
    ],
)
def test_what_can_go_wrong_is_said_plainly(changes, tone, said):
    text, tones = told(**changes)
    assert said in text
    assert tone in tones


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (Scale("DATETIME", zone="Europe/Berlin"), "is read as Europe/Berlin"),
        (Scale("DATE"), "reads the whole newest day again"),
    ],
)
def test_types_without_a_zone_or_a_time_say_what_follows(scale, said):
    assert said in told(scale, first="2025-01-01", top="2026-01-01", last="2026-01-01")[0]


def test_a_counter_has_no_future():
    text, _ = told(Scale("INT64", "counter"), first="1", top="9", last="9", ahead=0)
    assert "future" not in text
