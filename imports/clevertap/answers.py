"""What CleverTap's answer means: for the request as a whole, and record by record.

Knows no HTTP library. Of CleverTap's error text only a record's position is read.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from imports.clevertap.errors import (
    CleverTapError,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)

TRANSIENT_CODE = 555  # "other server error": the record itself may be fine
_BUSY = {429: Reason.TOO_MANY_REQUESTS, 503: Reason.BUSY}
_LONGEST_WAIT_SECONDS = 300.0
_POSITION = re.compile(r"record number\s*:\s*(\d{1,9})", re.IGNORECASE)

# https://developer.clevertap.com/docs/api-errors
RECORD_CODES: dict[int, str] = {
    509: "The event has no name. Fill the event name column.",
    512: (
        "The event’s form is not valid. Check its name and properties for forbidden characters, "
        "lengths and types."
    ),
    513: "The event’s name belongs to CleverTap itself. Rename the event.",
    514: "Gender is not valid. Send M or F.",
    515: "The e-mail address is not valid. Correct it, or make it NULL to leave Email out.",
    516: (
        "The phone number is not valid. Write it as +, country code and number, or make it NULL "
        "to leave Phone out."
    ),
    517: "Employed is not valid. Send Y or N.",
    518: "Education is not valid. Send School, College or Graduate.",
    519: "Married is not valid. Send Y or N.",
    520: "Age is not valid. Send a whole number of years.",
    522: "The event has too many properties. Map fewer columns.",
    523: "The identity is missing or not allowed. Put a real identity in the column.",
    524: "The record is neither a profile nor an event. Open the mapping and save it again.",
    525: "The time is not valid as epoch seconds. Check the date format of Created On.",
    526: "The CleverTap ID is not valid. Check that the column holds CleverTap IDs.",
    528: "The event is discarded in CleverTap’s schema. Restore it there, or skip these rows.",
    TRANSIENT_CODE: (
        "CleverTap could not store the record because of an error of its own server or a value "
        "over its limits. Try the row again, then check its names and lengths."
    ),
}
_UNKNOWN_CODE = "CleverTap refused the record with a code that this version does not know."


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """A record that CleverTap refused. ``position`` counts from 0 in the batch."""

    position: int
    code: int
    sentence: str

    @property
    def is_transient(self) -> bool:
        """The same record may be accepted later."""
        return self.code == TRANSIENT_CODE


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch: ``processed`` and ``refused`` add up to its records."""

    processed: int
    refused: tuple[RecordVerdict, ...]
    milliseconds: int


def is_success(status: int) -> bool:
    """Whether the answer has a body to read; not whether anything was stored."""
    return 200 <= status < 300


def failure_of(status: int, *, retry_after: str = "") -> CleverTapError:
    """The error for an answer that is no success; what follows from each is in ADR 8."""
    if status in _BUSY:
        return CleverTapUnavailable(_BUSY[status], wait_seconds=_seconds_of(retry_after))
    if status >= 500:
        return CleverTapOutcomeUnknown(Reason.SERVER_ERROR)
    refused = {
        400: Reason.MALFORMED,
        401: Reason.CREDENTIALS,
        403: Reason.CREDENTIALS,
        413: Reason.TOO_LARGE,
    }
    return CleverTapRefused(refused.get(status, Reason.UNEXPECTED))


def _seconds_of(retry_after: str) -> float:
    """A Retry-After in seconds, at most five minutes. None is documented; a proxy may send one."""
    text = retry_after.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return 0.0  # absent, or a date: our own back-off decides
    return min(float(text), _LONGEST_WAIT_SECONDS)


def verdicts_of(
    content: bytes, body: Sequence[bytes | memoryview], count: int
) -> tuple[int, tuple[RecordVerdict, ...]]:
    """How many records are stored, and which are not. HTTP 200 alone does not mean stored.

    ``body``: pieces of what was sent.
    Raises: CleverTapOutcomeUnknown.
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise CleverTapOutcomeUnknown(Reason.UNREADABLE) from None
    processed = answer.get("processed") if isinstance(answer, dict) else None
    entries = answer.get("unprocessed", []) if isinstance(answer, dict) else None
    if type(processed) is not int or processed < 0 or not isinstance(entries, list):
        raise CleverTapOutcomeUnknown(Reason.UNREADABLE)
    if processed + len(entries) != count:
        raise CleverTapOutcomeUnknown(Reason.COUNTS_DISAGREE)
    positions = _positions(entries, body, count)
    verdicts = [
        _verdict(position, entry) for position, entry in zip(positions, entries, strict=True)
    ]
    return processed, tuple(sorted(verdicts, key=lambda verdict: verdict.position))


def _verdict(position: int, entry: Any) -> RecordVerdict:
    code = entry.get("code") if isinstance(entry, dict) else None
    code = code if type(code) is int else 0
    return RecordVerdict(position, code, RECORD_CODES.get(code, _UNKNOWN_CODE))


def _positions(entries: list[Any], body: Sequence[bytes | memoryview], count: int) -> list[int]:
    """The position of each refused record: as it is told, else by the record sent back."""
    told = [_told_position(entry) for entry in entries]
    if all(0 <= position < count for position in told) and len(set(told)) == len(told):
        return told
    return list(_matched_positions(entries, body))


def _told_position(entry: Any) -> int:
    """From "Skipped record number : 2", which counts from 1; -1 when it is not there."""
    error = entry.get("error") if isinstance(entry, dict) else None
    found = _POSITION.search(error) if isinstance(error, str) else None
    return int(found[1]) - 1 if found else -1


def _matched_positions(entries: list[Any], body: Sequence[bytes | memoryview]) -> Iterator[int]:
    free = dict(enumerate(json.loads(b"".join(body))["d"]))
    for entry in entries:
        echo = entry.get("record") if isinstance(entry, dict) else None
        if isinstance(echo, str):  # older answers quote the record as text
            try:
                echo = json.loads(echo)
            except (ValueError, RecursionError):
                echo = None
        found = next((position for position, record in free.items() if record == echo), None)
        if found is None:
            raise CleverTapOutcomeUnknown(Reason.UNREADABLE)
        del free[found]
        yield found
