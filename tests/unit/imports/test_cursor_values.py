"""Values of an Updated On column: read, written, compared, and moved back in time."""

from datetime import UTC, datetime

import pytest

from imports.cursor_values import NotAValue, Scale, cursor_type

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOMENT, WALL, DAY = Scale("TIMESTAMP"), Scale("DATETIME"), Scale("DATE")
SECONDS, MILLIS = Scale("INT64", "epoch_seconds"), Scale("INT64", "epoch_milliseconds")
COUNTER = Scale("INT64", "counter")


@pytest.mark.parametrize(
    ("type_", "mode", "found"),
    [
        ("INTEGER", "NULLABLE", "INT64"),
        ("TIMESTAMP", "REQUIRED", "TIMESTAMP"),
        ("DATE", "REPEATED", ""),
        ("STRING", "NULLABLE", ""),
        ("NUMERIC", "NULLABLE", ""),
        ("FLOAT", "NULLABLE", ""),
        ("TIME", "NULLABLE", ""),
        ("RECORD", "NULLABLE", ""),
    ],
)
def test_only_types_whose_order_is_that_of_time_or_of_a_counter(type_, mode, found):
    assert cursor_type(type_, mode) == found


@pytest.mark.parametrize(
    ("scale", "typed", "written"),
    [
        (MOMENT, "2026-01-31 09:30", "2026-01-31 09:30:00.000000+00:00"),
        (MOMENT, " 2026-01-31T09:30:00.5+02:00 ", "2026-01-31 07:30:00.500000+00:00"),
        (MOMENT, "2026-01-31 09:30:00 UTC", "2026-01-31 09:30:00.000000+00:00"),
        (WALL, "2026-01-31 09:30:00.123456", "2026-01-31T09:30:00.123456"),
        (DAY, "2026-01-31", "2026-01-31"),
        (SECONDS, "1769851800", "1769851800"),
        (COUNTER, "-5", "-5"),
    ],
)
def test_what_is_typed_becomes_what_a_parameter_takes(scale, typed, written):
    assert scale.text(scale.value(typed)) == written


@pytest.mark.parametrize(
    ("scale", "typed"),
    [
        (MOMENT, "yesterday"),
        (MOMENT, ""),
        (MOMENT, "0000-01-01"),
        (WALL, "2026-01-31 09:30+01:00"),
        (DAY, "31.01.2026"),
        (DAY, "2026-02-30"),
        (SECONDS, "12.5"),
        (SECONDS, "١٢"),
        (COUNTER, str(2**63)),
    ],
)
def test_what_is_no_value_is_refused_with_an_example(scale, typed):
    with pytest.raises(NotAValue, match="Enter a"):
        scale.value(typed)


@pytest.mark.parametrize(
    ("scale", "cell", "text"),
    [
        (MOMENT, "1640995200123456", "2022-01-01 00:00:00.123456+00:00"),
        (MOMENT, "-62135596800000000", "0001-01-01 00:00:00.000000+00:00"),
        (MOMENT, "253402300799999999", "9999-12-31 23:59:59.999999+00:00"),
        (WALL, "2026-01-31T09:30:00", "2026-01-31T09:30:00"),
        (SECONDS, "17", "17"),
    ],
)
def test_a_cell_keeps_its_last_microsecond(scale, cell, text):
    assert scale.of_cell(cell) == text


@pytest.mark.parametrize(
    ("scale", "text", "seconds", "earlier"),
    [
        (MOMENT, "2026-03-29 00:30:00.000000+00:00", 3600, "2026-03-28 23:30:00.000000+00:00"),
        (WALL, "2026-03-01T00:00:00", 60, "2026-02-28T23:59:00"),
        (DAY, "2026-03-01", 1, "2026-02-28"),
        (DAY, "2026-03-01", 0, "2026-03-01"),
        (DAY, "2026-03-01", 86_401, "2026-02-27"),
        (SECONDS, "1000", 60, "940"),
        (MILLIS, "1000", 1, "0"),
        (COUNTER, "1000", 3600, "1000"),
        (DAY, "0001-01-02", 999_999, "0001-01-01"),
        (WALL, "0001-01-01T00:00:00", 1, "0001-01-01T00:00:00"),
        (SECONDS, str(-(2**63)), 1, str(-(2**63))),
    ],
)
def test_a_look_back_ends_where_the_type_ends(scale, text, seconds, earlier):
    assert scale.back(text, seconds) == earlier


@pytest.mark.parametrize(
    ("scale", "cap"),
    [
        (MOMENT, "2026-03-01 12:10:00.000000+00:00"),
        (Scale("DATETIME", zone="Asia/Tokyo"), "2026-03-01T21:10:00"),
        (Scale("DATE", zone="Pacific/Kiritimati"), "2026-03-02"),
        (Scale("DATE", zone="No/Where"), "2026-03-01"),
        (SECONDS, "1772367000"),
        (MILLIS, "1772367000000"),
        (COUNTER, ""),
    ],
)
def test_the_future_begins_ten_minutes_from_now_in_the_columns_zone(scale, cap):
    assert scale.cap(NOW) == cap


def test_the_latest_is_the_latest_moment_and_not_the_greatest_text():
    assert SECONDS.latest("9", "10", "") == "10"
    assert SECONDS.latest("", "") == ""


@pytest.mark.parametrize(
    ("scale", "text", "words"),
    [
        (MOMENT, "2026-01-31 09:30:00.000000+00:00", "2026-01-31 09:30:00 UTC"),
        (WALL, "2026-01-31T09:30:00.500000", "2026-01-31 09:30:00.500000"),
        (SECONDS, "0", "0 (1970-01-01 00:00:00 UTC)"),
        (MILLIS, str(2**62), f"{2**62} (no moment)"),
        (COUNTER, "1234567", "1,234,567"),
        (DAY, "", ""),
    ],
)
def test_it_is_said_as_people_read_it(scale, text, words):
    assert scale.words(text) == words
