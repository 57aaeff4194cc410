"""One upload: from the bytes of a request to a verdict for each record.

Pure: no storage, no HTTP. Body shapes: recorded answers of the real API.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.clevertap.records import Event, Profile, check
from sandbox.clevertap.refusals import Refusal

RECORD_LIMIT = 1000


class UploadRefused(Exception):
    """The request as a whole is refused; `text` is CleverTap's sentence for it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Verdict:
    """What became of the records of one upload, in their order."""

    accepted: list[Profile | Event]
    unprocessed: list[dict[str, Any]]

    def refused_by_code(self) -> dict[int, int]:
        """How many records each code refused."""
        return dict(Counter(entry["code"] for entry in self.unprocessed))

    def body(self) -> dict[str, Any]:
        """The answer to the sender; HTTP 200 goes with each of the three."""
        failed = "partial" if self.accepted else "fail"
        return {
            "status": failed if self.unprocessed else "success",
            "processed": len(self.accepted),
            "unprocessed": self.unprocessed,
        }


def read(body: bytes) -> list[object]:
    """The records of `{"d": [...]}`.

    Raises: UploadRefused, for anything that is not that, and for more than 1,000 records.
    """
    try:
        document = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise UploadRefused("Malformed request") from None
    records = document.get("d") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise UploadRefused("Malformed request")
    if len(records) > RECORD_LIMIT:
        raise UploadRefused(f"Maximum {RECORD_LIMIT} records allowed per request")
    return records


def judge(records: list[object], forced: dict[int, Refusal] | None = None) -> Verdict:
    """Judge each record; `forced` refuses good records by their 1-based position."""
    accepted: list[Profile | Event] = []
    unprocessed = []
    for position, record in enumerate(records, start=1):
        found = check(record)
        if forced and position in forced and not isinstance(found, Refusal):
            found = forced[position]
        if isinstance(found, Refusal):
            unprocessed.append(found.entry(position, record))
        else:
            accepted.append(found)
    return Verdict(accepted, unprocessed)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
