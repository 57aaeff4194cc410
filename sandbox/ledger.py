"""The record of every request to the token endpoint, BigQuery, its Storage API and CleverTap.

Append-only, in memory and as JSON Lines. Never holds a token, assertion, key or passcode:
bodies, headers and query strings are not recorded, only what a handler notes as a fact.
"""

import itertools
import json
import os
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request

KEPT = 200_000
SERVICES = ("token", "bigquery", "storage", "clevertap")
_SCOPE_KEY = "sandbox.entry"


@dataclass
class Entry:
    """One request. Times are epoch seconds; `status` is None while it is under way.

    `status` 0 means that the connection was closed without an answer. `facts` is free:
    account, job_id, run, batch, records, sha256, fault, whatever the handler knows.
    """

    service: str
    method: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    at: float = 0.0
    ended_at: float | None = None
    status: int | None = None
    milliseconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry as `GET /ledger` and the file show it."""
        return asdict(self)


@dataclass(frozen=True)
class Filter:
    """What `GET /ledger` may ask for; None asks for everything."""

    service: str | None = None
    since: float | None = None
    after: int | None = None
    run: str | None = None
    limit: int = 1000

    def admits(self, entry: Entry) -> bool:
        """Whether the entry belongs to the answer; `limit` is not judged here."""
        return (
            (self.service is None or entry.service == self.service)
            and (self.since is None or entry.at >= self.since)
            and (self.after is None or entry.seq > self.after)
            and (self.run is None or str(entry.facts.get("run")) == self.run)
        )


class Ledger:
    """All entries of this start, oldest first; the file of the start before is kept beside."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.replace(path.with_suffix(".previous.jsonl"))
        self._path = path
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._file = self._open()

    def record(self, entry: Entry) -> Entry:
        """Number and keep an entry at the moment its request begins."""
        with self._lock:
            entry.seq = next(self._numbers)
            entry.at = time.time()
            self._entries.append(entry)
            self._write(entry)
        return entry

    def complete(self, entry: Entry, status: int) -> None:
        """Say how the request ended; the file gets a second line with the same `seq`."""
        with self._lock:
            entry.ended_at = time.time()
            entry.milliseconds = round((entry.ended_at - entry.at) * 1000, 3)
            entry.status = status
            self._write(entry)

    def find(self, wanted: Filter) -> list[Entry]:
        """The newest `limit` entries that the filter admits, oldest first."""
        with self._lock:
            newest_first = (entry for entry in reversed(self._entries) if wanted.admits(entry))
            return list(itertools.islice(newest_first, max(wanted.limit, 0)))[::-1]

    def clear(self) -> None:
        """Forget all entries and empty the file; numbers go on."""
        with self._lock:
            self._entries.clear()
            self._file.truncate(0)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._file.close()

    def _open(self) -> Any:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", buffering=1)

    def _write(self, entry: Entry) -> None:
        if not self._file.closed:
            self._file.write(json.dumps(entry.as_json(), default=str) + "\n")


def attach(scope: Any, entry: Entry) -> None:
    """Let the handlers of this request reach its entry."""
    scope[_SCOPE_KEY] = entry


def note(request: Request, **facts: Any) -> None:
    """Add facts to the entry of this request; None values are left out."""
    entry = request.scope.get(_SCOPE_KEY)
    if isinstance(entry, Entry):
        entry.facts.update({name: value for name, value in facts.items() if value is not None})
