"""Every form of a moment, read to the second, and those that are refused."""

from datetime import UTC, datetime
from itertools import product

import pytest

from imports.mapping import FORMATS
from tests.unit.imports.mapping_makers import refused, sent


def seconds(*parts):
    return f"$D_{int(datetime(*parts, tzinfo=UTC).timestamp())}"


FORMATTED = [
    ("epoch_seconds", "1640995200", "$D_1640995200"),
    ("epoch_seconds", "-86400", "$D_-86400"),
    ("epoch_milliseconds", "1640995200999", "$D_1640995200"),
    ("dd/MM/yyyy HH:mm:ss", "18/03/2024 06:25:32", seconds(2024, 3, 18, 6, 25, 32)),
    ("MM/dd/yyyy HH:mm:ss", "03/18/2024 06:25:32", seconds(2024, 3, 18, 6, 25, 32)),
    ("yyyy/dd/MM HH:mm:ss", "2024/18/03 23:59:59", seconds(2024, 3, 18, 23, 59, 59)),
    ("yyyy/MM/dd HH:mm:ss", "2024/03/18 00:00:00", seconds(2024, 3, 18)),
    ("dd MMM yyyy HH:mm:ss", "18 Mar 2024 06:25:32", seconds(2024, 3, 18, 6, 25, 32)),
    ("dd/MM/yyyy", "18/03/2024", seconds(2024, 3, 18, 12)),
    ("MM/dd/yyyy", "03/18/2024", seconds(2024, 3, 18, 12)),
    ("yyyy/dd/MM", "2024/18/03", seconds(2024, 3, 18, 12)),
    ("yyyy/MM/dd", "2024/03/18", seconds(2024, 3, 18, 12)),
    ("ddMMMyyyy", "18MAR2024", seconds(2024, 3, 18, 12)),
    ("ddMMMyyyy", "18 Mar 2024", seconds(2024, 3, 18, 12)),
    ("iso8601", "2024-03-18", seconds(2024, 3, 18, 12)),
    ("iso8601", "2024-03-18T06:25:32.999Z", seconds(2024, 3, 18, 6, 25, 32)),
    ("iso8601", "2024-03-18 06:25", seconds(2024, 3, 18, 6, 25)),
    ("iso8601", "2024-03-18T06:25:32+05:30", seconds(2024, 3, 18, 0, 55, 32)),
    ("iso8601", "2024-03-18T06:25:32-0800", seconds(2024, 3, 18, 14, 25, 32)),
]


@pytest.mark.parametrize(("key", "cell", "value"), FORMATTED)
def test_reads_text_in_the_chosen_format(key, cell, value):
    assert sent(f" {cell} ", "date", format=key, time_zone="UTC") == value


def test_offers_clevertaps_twelve_formats_and_iso_8601():
    assert len(FORMATS) == 13
    assert {key for key, _, _ in FORMATTED} == set(FORMATS)


MISMATCHED = [
    ("epoch_seconds", "1640995200000"),
    ("epoch_milliseconds", "1640995200"),
    ("epoch_seconds", "soon"),
    ("dd/MM/yyyy", "18-03-2024"),
    ("dd/MM/yyyy", "8/3/2024"),
    ("dd/MM/yyyy", "31/02/2024"),
    ("MM/dd/yyyy", "18/03/2024"),
    ("yyyy/MM/dd", "0000/01/01"),
    ("dd/MM/yyyy", "18/03/2024 06:25:32"),
    ("dd/MM/yyyy HH:mm:ss", "18/03/2024"),
    ("dd/MM/yyyy HH:mm:ss", "18/03/2024 06:25:32 PM"),
    ("dd/MM/yyyy HH:mm:ss", "18/03/2024 24:00:00"),
    ("dd MMM yyyy HH:mm:ss", "18 Mai 2024 06:25:32"),
    ("ddMMMyyyy", "31Jun2024"),
    ("iso8601", "2024-02-30"),
    ("iso8601", "2024-03-18T25:00:00"),
    ("iso8601", "2024-03-18T06:25:32+24:30"),
    ("iso8601", "٢٠٢٤-٠٣-١٨"),
    ("iso8601", ""),
]


@pytest.mark.parametrize(("key", "cell"), MISMATCHED)
def test_refuses_text_that_is_not_in_the_chosen_format(key, cell):
    assert refused(cell, "date", format=key, time_zone="UTC") == "date_invalid"


def test_no_text_is_read_in_two_day_first_and_month_first_ways_at_once():
    """18 can only be a day: of the two readings one is refused, never guessed."""
    assert sent("18/03/2024", "date", format="dd/MM/yyyy") == seconds(2024, 3, 18, 12)
    assert refused("18/03/2024", "date", format="MM/dd/yyyy") == "date_invalid"


NATIVE = [
    ("TIMESTAMP", "1640995200999999", "$D_1640995200"),
    ("TIMESTAMP", "-1", "$D_-1"),
    ("DATE", "2024-03-18", seconds(2024, 3, 18, 12)),
    ("DATE", "0001-01-01", "$D_-62135553600"),
    ("DATETIME", "2024-03-18T06:25:32.5", seconds(2024, 3, 18, 6, 25, 32)),
]


@pytest.mark.parametrize(("column", "cell", "value"), NATIVE)
def test_reads_bigquerys_own_types_without_a_format(column, cell, value):
    assert sent(cell, "date", column, time_zone="UTC") == value


NATIVE_REFUSED = [
    ("TIMESTAMP", "2024-03-18", "cell_unreadable"),
    ("TIMESTAMP", "9" * 24, "date_out_of_range"),
    ("DATE", "18/03/2024", "cell_unreadable"),
    ("DATE", "2024-02-30", "cell_unreadable"),
    ("DATETIME", "now", "cell_unreadable"),
    ("DATETIME", "2024-03-18T06:25:32+01:00", "cell_unreadable"),
]


@pytest.mark.parametrize(("column", "cell", "code"), NATIVE_REFUSED)
def test_refuses_a_cell_that_is_not_of_its_own_type(column, cell, code):
    assert refused(cell, "date", column, time_zone="UTC") == code


NUMBERS = [
    ("INTEGER", "1640995200", "epoch_seconds"),
    ("NUMERIC", "1640995200.75", "epoch_seconds"),
    ("FLOAT64", "1.6409952E9", "epoch_seconds"),
    ("INTEGER", "1640995200123", "epoch_milliseconds"),
]


@pytest.mark.parametrize(("column", "cell", "key"), NUMBERS)
def test_reads_numbers_as_epoch(column, cell, key):
    assert sent(cell, "date", column, format=key) == "$D_1640995200"


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "1e300"])
def test_refuses_a_number_that_is_no_epoch(cell):
    assert refused(cell, "date", "FLOAT64", format="epoch_seconds") == "date_invalid"


ZONED = [
    ("Asia/Kolkata", "2024-03-18T06:00:00", seconds(2024, 3, 18, 0, 30)),
    ("America/New_York", "2024-07-01T06:00:00", seconds(2024, 7, 1, 10)),
    # The clocks jump from 02:00 to 03:00: 02:30 is read as 03:30 summer time.
    ("Europe/Berlin", "2024-03-31T02:30:00", seconds(2024, 3, 31, 1, 30)),
    # 02:30 happens twice: the first one, in summer time.
    ("Europe/Berlin", "2024-10-27T02:30:00", seconds(2024, 10, 27, 0, 30)),
]


@pytest.mark.parametrize(("zone", "cell", "value"), ZONED)
@pytest.mark.parametrize(("column", "key"), [("DATETIME", None), ("STRING", "iso8601")])
def test_reads_local_times_in_the_chosen_time_zone(zone, cell, value, column, key):
    assert sent(cell, "date", column, format=key, time_zone=zone) == value


def test_a_written_offset_wins_over_the_chosen_time_zone():
    cell = "2024-03-18T06:00:00Z"
    got = sent(cell, "date", format="iso8601", time_zone="Asia/Kolkata")
    assert got == seconds(2024, 3, 18, 6)


def test_the_first_day_of_the_calendar_is_refused_where_utc_has_no_such_day():
    got = refused("0001-01-01T00:00:00", "date", "DATETIME", time_zone="Asia/Kolkata")
    assert got == "date_out_of_range"


@pytest.mark.parametrize(("hours", "zone"), list(product([-11, 0, 11], ["UTC"])))
def test_a_bare_date_keeps_its_day_when_it_is_shown_elsewhere(hours, zone):
    stored = int(sent("2024-03-18", "date", "DATE", time_zone=zone)[3:])
    assert datetime.fromtimestamp(stored + hours * 3600, tz=UTC).day == 18
