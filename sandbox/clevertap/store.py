"""What "CleverTap" received: profiles that converge, events that append, every batch.

SQLite in WAL mode; one writer, readers beside it. Judges nothing: it gets accepted records.
"""

import hashlib
import json
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.clevertap.accounts import Accounts
from sandbox.clevertap.profiles import merge
from sandbox.clevertap.received import Received
from sandbox.clevertap.records import Event, Person, Profile
from sandbox.clevertap.values import fold_name

FILE = "clevertap.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY, received_at REAL NOT NULL, account TEXT NOT NULL,
    run TEXT, batch INTEGER, dry_run INTEGER NOT NULL, sha256 TEXT NOT NULL,
    records INTEGER NOT NULL, accepted INTEGER NOT NULL, refused INTEGER NOT NULL,
    profiles INTEGER NOT NULL, events INTEGER NOT NULL, duplicate_events INTEGER NOT NULL,
    refused_by_code TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS batches_run ON batches (run, batch);
CREATE TABLE IF NOT EXISTS profiles (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    data TEXT NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL,
    uploads INTEGER NOT NULL, UNIQUE (account, kind, value)
);
CREATE INDEX IF NOT EXISTS profiles_value ON profiles (value);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
    value TEXT NOT NULL, name TEXT NOT NULL, ts INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_value ON events (value);
CREATE TABLE IF NOT EXISTS event_digests (digest BLOB PRIMARY KEY) WITHOUT ROWID;
"""

_CLEAR = (
    "DELETE FROM profiles",
    "DELETE FROM events",
    "DELETE FROM event_digests",
    "DELETE FROM batches",
)
_INSERT_BATCH = """
INSERT INTO batches (received_at, account, run, batch, dry_run, sha256, records, accepted,
                     refused, profiles, events, duplicate_events, refused_by_code)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPSERT_PROFILE = """
INSERT INTO profiles (account, kind, value, data, created_at, updated_at, uploads)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, kind, value) DO UPDATE SET
    data = excluded.data, updated_at = excluded.updated_at,
    uploads = uploads + excluded.uploads
"""
_TOUCH_PROFILE = """
INSERT INTO profiles (account, kind, value, data, created_at, updated_at, uploads)
VALUES (?, ?, ?, '{}', ?, ?, 0) ON CONFLICT (account, kind, value) DO NOTHING
"""
_STORED_PROFILES = """
SELECT value, data FROM profiles
WHERE account = ? AND kind = ? AND value IN (SELECT value FROM json_each(?))
"""
_INSERT_EVENT = """
INSERT INTO events (batch, account, kind, value, name, ts, data) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One judged upload. `received_at` in epoch seconds; `sha256` of the body as sent."""

    account: str
    received_at: float
    sha256: str
    records: int
    run: str | None = None
    batch: int | None = None
    dry_run: bool = False
    accepted: Sequence[Profile | Event] = ()
    refused_by_code: dict[int, int] = field(default_factory=dict)


class Store:
    """The memory of the sandbox's CleverTap; survives a restart."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._path = data_dir / FILE
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._writing = threading.Lock()
        self._db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self.accounts = Accounts(data_dir)
        self.received = Received(self._path)

    def close(self) -> None:
        """Give the file back; the store is of no use afterwards."""
        self._db.close()

    def keep(self, batch: Batch) -> None:
        """Store the batch in one transaction; of a dry run only that it took place."""
        with self._transaction():
            batch_id = self._add_batch(batch)
            if batch.dry_run:
                return
            duplicates = self._apply(batch, batch_id)
            if duplicates:
                self._db.execute(
                    "UPDATE batches SET duplicate_events = ? WHERE id = ?", (duplicates, batch_id)
                )

    def clear(self) -> None:
        """Forget profiles, events and batches; accounts stay."""
        with self._transaction():
            for statement in _CLEAR:
                self._db.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._writing:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _add_batch(self, batch: Batch) -> int:
        profiles = sum(1 for record in batch.accepted if isinstance(record, Profile))
        accepted = len(batch.accepted)
        codes = json.dumps(batch.refused_by_code)
        row = (
            batch.received_at, batch.account, batch.run, batch.batch, batch.dry_run,
            batch.sha256, batch.records, accepted, sum(batch.refused_by_code.values()),
            profiles, accepted - profiles, 0, codes,
        )  # fmt: skip
        return self._db.execute(_INSERT_BATCH, row).lastrowid or 0

    def _apply(self, batch: Batch, batch_id: int) -> int:
        profiles = [record for record in batch.accepted if isinstance(record, Profile)]
        events = [record for record in batch.accepted if isinstance(record, Event)]
        if profiles:
            self._merge_profiles(batch, profiles)
        return self._append_events(batch, batch_id, events) if events else 0

    def _merge_profiles(self, batch: Batch, records: list[Profile]) -> None:
        stored = self._stored(batch.account, [record.person for record in records])
        uploads: dict[Person, int] = defaultdict(int)
        for record in records:
            stored[record.person] = merge(stored.get(record.person, {}), record.data)
            uploads[record.person] += 1
        now = batch.received_at
        self._db.executemany(
            _UPSERT_PROFILE,
            (
                (batch.account, *person, json.dumps(stored[person]), now, now, count)
                for person, count in uploads.items()
            ),
        )

    def _stored(self, account: str, people: list[Person]) -> dict[Person, dict[str, Any]]:
        by_kind: dict[str, set[str]] = defaultdict(set)
        for person in people:
            by_kind[person.kind].add(person.value)
        return {
            Person(kind, value): json.loads(data)
            for kind, values in by_kind.items()
            for value, data in self._db.execute(
                _STORED_PROFILES, (account, kind, json.dumps(list(values)))
            )
        }

    def _append_events(self, batch: Batch, batch_id: int, events: list[Event]) -> int:
        now = batch.received_at
        rows, digests = [], []
        for event in events:
            data = json.dumps(event.data, sort_keys=True)
            ts = event.ts or int(now)
            rows.append((batch_id, batch.account, *event.person, event.name, ts, data))
            digests.append((_digest(batch.account, event, data),))
        people = {event.person for event in events}
        touched = ((batch.account, *person, now, now) for person in people)
        self._db.executemany(_TOUCH_PROFILE, touched)
        self._db.executemany(_INSERT_EVENT, rows)
        before = self._db.total_changes
        self._db.executemany("INSERT OR IGNORE INTO event_digests (digest) VALUES (?)", digests)
        return len(digests) - (self._db.total_changes - before)


def _digest(account: str, event: Event, data: str) -> bytes:
    """Equal for events that are equal as sent: person, folded name, time, properties."""
    parts = json.dumps([account, *event.person, fold_name(event.name), event.ts, data])
    return hashlib.blake2b(parts.encode("ascii"), digest_size=16).digest()
