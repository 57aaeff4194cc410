"""The tables of a dataset as Create Import lists them: searched, and never all of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

SHOWN: Final = 10
_KINDS: Final = {
    "TABLE": "Table",
    "VIEW": "View",
    "MATERIALIZED_VIEW": "Materialised view",
    "EXTERNAL": "External table",
    "SNAPSHOT": "Snapshot",
}


@dataclass(frozen=True)
class TableLine:
    """One table; None and "" where it is not known, or not of its kind."""

    id: str
    kind: str
    rows: int | None
    bytes: int | None
    modified: datetime | None
    partition: str
    needs_filter: bool


@dataclass(frozen=True)
class TableList:
    """``lines`` are the first that fit the search; ``found`` is how many do, of ``total``."""

    lines: tuple[TableLine, ...]
    found: int
    total: int
    has_sizes: bool

    @property
    def more(self) -> int:
        return max(0, self.found - SHOWN)


def listed(answer: Sequence[dict[str, Any]], *, search: str, chosen: str) -> TableList:
    """Tables whose name holds every word of ``search``; the chosen one stays, and is first."""
    words = search.lower().split()
    fits = [one for one in answer if all(word in one["id"].lower() for word in words)]
    first = [one for one in answer if one["id"] == chosen] if chosen else []
    rest = [one for one in fits if one["id"] != chosen][: SHOWN - len(first)]
    return TableList(
        lines=tuple(_line(one) for one in (*first, *rest)),
        found=len(fits),
        total=len(answer),
        has_sizes=any(one.get("bytes") is not None for one in answer),
    )


def _line(one: dict[str, Any]) -> TableLine:
    modified = one.get("modified")
    return TableLine(
        id=one["id"],
        kind=_KINDS.get(one["kind"], one["kind"].replace("_", " ").capitalize()),
        rows=one.get("rows"),
        bytes=one.get("bytes"),
        modified=datetime.fromisoformat(modified) if modified else None,
        partition=one.get("partition", ""),
        needs_filter=one.get("needs_filter", False),
    )
