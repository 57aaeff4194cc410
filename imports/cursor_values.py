"""Pure: the values of an Updated On column, as text, as moments, and as BigQuery takes them.

A value is kept as text, the way a query parameter of its type is written. Four types have
an order that time or a counter gives, and no other: TIMESTAMP, DATETIME, DATE and INT64.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

Value = datetime | date | int

COUNTER: Final = "counter"
TIMESTAMP, DATETIME, DATE, INT64 = "TIMESTAMP", "DATETIME", "DATE", "INT64"
# As the REST API names the same types.
_NAMES: Final = {"INTEGER": INT64, TIMESTAMP: TIMESTAMP, DATETIME: DATETIME, DATE: DATE}
_UNITS: Final = {"epoch_seconds": 1, "epoch_milliseconds": 1_000}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INT64: Final = range(-(2**63), 2**63)
# Clocks of writers differ a little; what lies further ahead is a mistake or a plan.
TOLERANCE: Final = timedelta(minutes=10)
# What a run remembers of its edge at most; rows beyond are sent again by the next one.
EDGE_ROWS: Final = 100_000


class NotAValue(ValueError):
    """The text is no value of this column; the message is fit for the user."""


def cursor_type(column_type: str, mode: str = "NULLABLE") -> str:
    """The type's name in SQL, or nothing if its order says nothing about time."""
    name = column_type.upper()
    return "" if mode.upper() == "REPEATED" else _NAMES.get(name, name if name == INT64 else "")


@dataclass(frozen=True)
class Scale:
    """How values of one column are read. ``unit``: of INT64, what a number counts, or
    *counter* for one that only grows. ``zone``: where DATETIME and DATE are written.
    """

    type: str
    unit: str = ""
    zone: str = "UTC"

    @property
    def is_counter(self) -> bool:
        """A number that only grows: it knows neither a look-back nor a future."""
        return self.type == INT64 and self.unit not in _UNITS

    def value(self, text: str) -> Value:
        """Raises: NotAValue."""
        try:
            return _read(self.type, text.strip())
        except (ValueError, OverflowError):
            raise NotAValue(_WANTED[self.type]) from None

    def text(self, value: Value) -> str:
        """As a query parameter of the type is written."""
        if isinstance(value, datetime) and self.type == TIMESTAMP:
            return (
                f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'microseconds')}+00:00"
            )
        return value.isoformat() if isinstance(value, date) else str(value)

    def of_cell(self, cell: str) -> str:
        """The text of a cell as REST gives it: a TIMESTAMP is whole microseconds."""
        if self.type == TIMESTAMP:
            return self.text(_EPOCH + timedelta(microseconds=int(cell)))
        return self.text(self.value(cell))

    def back(self, text: str, seconds: int) -> str:
        """So much earlier; of a DATE whole days, and the earliest there is at most."""
        value = self.value(text)
        try:
            if isinstance(value, int):
                return self.text(max(_INT64[0], value - seconds * _UNITS.get(self.unit, 0)))
            if not isinstance(value, datetime):
                return self.text(value - timedelta(days=-(-seconds // 86_400)))
            return self.text(value - timedelta(seconds=seconds))
        except OverflowError:
            return self.text(_EARLIEST[self.type])

    def latest(self, *texts: str) -> str:
        """The latest of them; an empty text is none."""
        return max(filter(None, texts), key=self.value, default="")

    def cap(self, now: datetime) -> str:
        """The last value that is not in the future, or nothing for a counter."""
        end = now + TOLERANCE
        if self.type == TIMESTAMP:
            return self.text(end)
        if self.type == INT64:
            unit = _UNITS.get(self.unit)
            return "" if unit is None else str(int(end.timestamp() * unit))
        local = end.astimezone(_zone(self.zone))
        return self.text(local.replace(tzinfo=None) if self.type == DATETIME else local.date())

    def words(self, text: str) -> str:
        """For reading: without zeros that say nothing, with the moment that a number means."""
        if not text:
            return ""
        value = self.value(text)
        if self.type == INT64:
            return f"{value:,}" if self.is_counter else f"{value} ({self._moment(int(str(value)))})"
        if isinstance(value, datetime):
            shown = value.replace(tzinfo=None).isoformat(" ")
            return f"{shown} UTC" if self.type == TIMESTAMP else shown
        return str(value)

    def _moment(self, number: int) -> str:
        try:
            at = _EPOCH + timedelta(seconds=number / _UNITS[self.unit])
        except OverflowError:
            return "no moment"
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"


_WANTED: Final = {
    TIMESTAMP: "Enter a moment such as 2026-01-31 09:30:00; without a zone it is UTC.",
    DATETIME: "Enter a date and time such as 2026-01-31 09:30:00, without a zone.",
    DATE: "Enter a date such as 2026-01-31.",
    INT64: "Enter a whole number such as 1769851800.",
}
_EARLIEST: Final[dict[str, Value]] = {
    TIMESTAMP: datetime(1, 1, 1, tzinfo=UTC),
    DATETIME: datetime(1, 1, 1),  # noqa: DTZ001 - DATETIME has no zone
    DATE: date.min,
    INT64: _INT64[0],
}


def _read(type_: str, text: str) -> Value:
    if type_ == INT64:
        number = int(text) if text.isascii() else 2**63
        if number not in _INT64:
            raise ValueError
        return number
    if type_ == DATE:
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text.removesuffix(" UTC"))
    if type_ == TIMESTAMP:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if at.tzinfo:
        raise ValueError
    return at


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
