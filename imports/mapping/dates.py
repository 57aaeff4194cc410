"""Reads moments: BigQuery's own types, CleverTap's twelve formats, and ISO 8601.

Every reader gives whole epoch seconds or a RefusalCode, and never looks at the clock.
Decisions that the vendor leaves open are in ADR 6.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from math import floor
from zoneinfo import ZoneInfo

from imports.mapping.columns import Family
from imports.mapping.refusals import RefusalCode

Moment = int | RefusalCode
ReadMoment = Callable[[str], Moment]

EPOCH_SECONDS, EPOCH_MILLISECONDS, ISO_8601 = "epoch_seconds", "epoch_milliseconds", "iso8601"
NOON = 12  # a date without a time keeps its calendar day from UTC-12 to UTC+11 (ADR 6)

_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # the years 1 to 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - DATETIME and TIME have no zone
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_TIME = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """``has_time``: not a bare date. ``has_zone``: the value never needs a time zone."""

    key: str
    has_time: bool
    has_zone: bool
    pattern: re.Pattern[str]


def _format(
    key: str, pattern: str, *, has_time: bool = False, has_zone: bool = False
) -> DateFormat:
    return DateFormat(key, has_time, has_zone, re.compile(pattern, re.ASCII | re.IGNORECASE))


def _clevertap_format(key: str) -> DateFormat:
    """One of CleverTap's patterns, as shown to the user, turned into an expression."""
    pattern = key.replace("HH:mm:ss", _TIME).replace("ddMMMyyyy", "dd ?MMM ?yyyy")
    for letters, group in (
        ("yyyy", r"(?P<year>\d{4})"),
        ("MMM", r"(?P<month_name>[a-z]{3})"),
        ("MM", r"(?P<month>\d{2})"),
        ("dd", r"(?P<day>\d{2})"),
    ):
        pattern = pattern.replace(letters, group, 1)
    return _format(key, pattern, has_time="HH" in key)


# The formats offered to the user, in CleverTap's order; the last one is ours.
FORMATS: dict[str, DateFormat] = {
    each.key: each
    for each in (
        _format(EPOCH_SECONDS, r"-?\d{1,10}", has_time=True, has_zone=True),
        # Ten digits or fewer are seconds by mistake: milliseconds of early 1970.
        _format(EPOCH_MILLISECONDS, r"-?\d{11,13}", has_time=True, has_zone=True),
        _clevertap_format("dd/MM/yyyy HH:mm:ss"),
        _clevertap_format("MM/dd/yyyy HH:mm:ss"),
        _clevertap_format("yyyy/dd/MM HH:mm:ss"),
        _clevertap_format("yyyy/MM/dd HH:mm:ss"),
        _clevertap_format("dd MMM yyyy HH:mm:ss"),
        _clevertap_format("dd/MM/yyyy"),
        _clevertap_format("MM/dd/yyyy"),
        _clevertap_format("yyyy/dd/MM"),
        _clevertap_format("yyyy/MM/dd"),
        _clevertap_format("ddMMMyyyy"),
        _format(
            ISO_8601,
            r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
            r"(?:[t ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
            r"(?P<zone>z|[+-]\d{2}(?::?\d{2})?)?)?",
            has_time=True,
        ),
    )
}
EPOCH_FORMATS = (EPOCH_SECONDS, EPOCH_MILLISECONDS)


def zone_named(name: str | None) -> tzinfo | None:
    """The IANA time zone, UTC for None; None when there is no such zone."""
    if name is None or name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # odd keys reach the file system
        return None


def moment_reader(family: Family, format_key: str | None, zone: tzinfo) -> ReadMoment:
    """The reader for a column of ``family``; ``zone`` is for values that carry none.

    Raises: KeyError for a text or number column without a known format, which
    ``problems`` has refused before.
    """
    if family is Family.TIMESTAMP:
        return _timestamp
    if family is Family.DATE:
        return _native_date(zone)
    if family is Family.DATETIME:
        return _native_datetime(zone)
    return _formatted(FORMATS[format_key or ""], zone, trims_fraction=family is not Family.TEXT)


def timestamp_text(cell: str) -> str | RefusalCode:
    """A TIMESTAMP cell (microseconds) as ISO 8601 in UTC, for String properties."""
    try:
        moment = _EPOCH + timedelta(microseconds=int(cell, 10))
    except ValueError:
        return RefusalCode.CELL_UNREADABLE
    except OverflowError:
        return RefusalCode.DATE_OUT_OF_RANGE
    return moment.isoformat().replace("+00:00", "Z")


def datetime_text(cell: str) -> str | RefusalCode:
    """A DATETIME cell in the one spelling that both readers of BigQuery give it."""
    try:
        local = datetime.fromisoformat(cell)
    except ValueError:
        return RefusalCode.CELL_UNREADABLE
    return RefusalCode.CELL_UNREADABLE if local.tzinfo else local.isoformat()


def time_text(cell: str) -> str | RefusalCode:
    """A TIME cell, likewise."""
    try:
        return time.fromisoformat(cell).isoformat()
    except ValueError:
        return RefusalCode.CELL_UNREADABLE


def datetime_cell(microseconds: int) -> str:
    """A DATETIME as a cell, from the microseconds since 1970 that Arrow holds."""
    try:
        return (_LOCAL_EPOCH + timedelta(microseconds=microseconds)).isoformat()
    except OverflowError:
        return ""  # BigQuery has no such value; refused as unreadable


def time_cell(microseconds: int) -> str:
    """A TIME as a cell, from the microseconds since midnight."""
    return (_LOCAL_EPOCH + timedelta(microseconds=microseconds)).time().isoformat()


def _timestamp(cell: str) -> Moment:
    try:
        seconds = int(cell, 10) // 1_000_000
    except ValueError:
        return RefusalCode.CELL_UNREADABLE
    return seconds if _FIRST <= seconds <= _LAST else RefusalCode.DATE_OUT_OF_RANGE


def _native_date(zone: tzinfo) -> ReadMoment:
    def read(cell: str) -> Moment:
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            return RefusalCode.CELL_UNREADABLE
        return _seconds(datetime(day.year, day.month, day.day, NOON, tzinfo=UTC), zone)

    return read


def _native_datetime(zone: tzinfo) -> ReadMoment:
    def read(cell: str) -> Moment:
        try:
            local = datetime.fromisoformat(cell)
        except ValueError:
            return RefusalCode.CELL_UNREADABLE
        return RefusalCode.CELL_UNREADABLE if local.tzinfo else _seconds(local, zone)

    return read


def _formatted(chosen: DateFormat, zone: tzinfo, *, trims_fraction: bool) -> ReadMoment:
    if chosen.key in EPOCH_FORMATS:
        return _epoch(chosen, trims_fraction=trims_fraction)
    pattern = chosen.pattern

    def read(cell: str) -> Moment:
        found = pattern.fullmatch(cell.strip())
        if found is None:
            return RefusalCode.DATE_INVALID
        return _from_parts(found.groupdict(), zone)

    return read


def _epoch(chosen: DateFormat, *, trims_fraction: bool) -> ReadMoment:
    unit = 1 if chosen.key == EPOCH_SECONDS else 1000

    def read(cell: str) -> Moment:
        text = cell.strip()
        if trims_fraction:
            text = _whole_part(text)
        if chosen.pattern.fullmatch(text) is None:
            return RefusalCode.DATE_INVALID
        return int(text) // unit

    return read


def _whole_part(number: str) -> str:
    """A FLOAT64 or NUMERIC rounded down to whole digits; anything else as it is."""
    if number.isdigit():
        return number
    try:
        return str(floor(float(number)))
    except (ValueError, OverflowError):  # not a number; NaN; infinite
        return number


def _from_parts(parts: dict[str, str | None], zone: tzinfo) -> Moment:
    name = parts.get("month_name")
    month = _MONTHS.get(name.lower(), 0) if name else int(parts.get("month") or 0)
    hour, minute, second = parts.get("hour"), parts.get("minute"), parts.get("second")
    try:
        local = datetime(
            int(parts["year"] or 0),
            month,
            int(parts["day"] or 0),
            NOON if hour is None else int(hour),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
        return _seconds(local, _written_zone(parts.get("zone")) or zone)
    except ValueError:
        return RefusalCode.DATE_INVALID


def _written_zone(text: str | None) -> tzinfo | None:
    """``Z``, ``+05:30``, ``+0530`` or ``+05``. Raises: ValueError beyond 24 hours."""
    if text is None:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _seconds(local: datetime, zone: tzinfo) -> Moment:
    """Epoch seconds of a wall-clock time; the zone that ``local`` itself carries is ignored.

    A time that the clocks jump over counts as if they had not jumped yet (02:30 becomes
    03:30); one that happens twice is the first. ``fold=0`` does both, as java.time does.
    """
    offset = timedelta(0)
    if zone is not UTC:
        try:
            offset = local.replace(tzinfo=zone).utcoffset() or offset
        except OverflowError:
            return RefusalCode.DATE_OUT_OF_RANGE
    days = local.toordinal() - _EPOCH_DAY
    seconds = days * 86_400 + local.hour * 3600 + local.minute * 60 + local.second
    seconds -= int(offset.total_seconds())
    return seconds if _FIRST <= seconds <= _LAST else RefusalCode.DATE_OUT_OF_RANGE
