"""Reading what "CleverTap" received: counts, batches, profiles, events. Changes nothing."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_SUMS = """
SELECT count(*) AS batches, count(DISTINCT sha256) AS distinct_bodies,
       coalesce(sum(records), 0) AS records, coalesce(sum(accepted), 0) AS accepted,
       coalesce(sum(refused), 0) AS refused, coalesce(sum(profiles), 0) AS profile_records,
       coalesce(sum(events), 0) AS event_records,
       coalesce(sum(duplicate_events), 0) AS duplicate_events
FROM batches WHERE dry_run = 0 AND (:run IS NULL OR run = :run)
"""
_CODES = """
SELECT refused_by_code FROM batches
WHERE refused > 0 AND dry_run = 0 AND (:run IS NULL OR run = :run)
"""
_BATCHES = """
SELECT * FROM batches WHERE (:run IS NULL OR run = :run) ORDER BY id DESC LIMIT :limit
"""
_NEWEST_PROFILES = "SELECT * FROM profiles ORDER BY updated_at DESC, id DESC LIMIT :limit"
_PROFILES = "SELECT * FROM profiles WHERE value = :identity ORDER BY id DESC LIMIT :limit"
_NEWEST_EVENTS = "SELECT * FROM events ORDER BY id DESC LIMIT :limit"
_EVENTS = "SELECT * FROM events WHERE value = :identity ORDER BY id DESC LIMIT :limit"


class Received:
    """Questions to the store's file; every answer is a snapshot of its own connection."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro"

    def counts(self, run: str | None = None) -> Row:
        """All sums without dry runs; `profiles` and `events` are what is stored in all."""
        with self._reader() as db:
            sums = dict(db.execute(_SUMS, {"run": run}).fetchone())
            codes: Counter[str] = Counter()
            for (by_code,) in db.execute(_CODES, {"run": run}):
                codes.update(json.loads(by_code))
            return {
                "profiles": db.execute("SELECT count(*) FROM profiles").fetchone()[0],
                "events": db.execute("SELECT count(*) FROM events").fetchone()[0],
                **sums,
                "dry_runs": db.execute("SELECT sum(dry_run) FROM batches").fetchone()[0] or 0,
                "refused_by_code": dict(sorted(codes.items())),
            }

    def batches(self, run: str | None = None, limit: int = 1000) -> list[Row]:
        """The newest batches first, dry runs among them."""
        with self._reader() as db:
            rows = [dict(row) for row in db.execute(_BATCHES, {"run": run, "limit": limit})]
        for row in rows:
            row["dry_run"] = bool(row["dry_run"])
            row["refused_by_code"] = json.loads(row["refused_by_code"])
        return rows

    def profiles(self, identity: str | None = None, limit: int = 100) -> list[Row]:
        """Profiles of this identity of any kind, in any account; without one the newest."""
        return self._records(_PROFILES if identity else _NEWEST_PROFILES, identity, limit)

    def events(self, identity: str | None = None, limit: int = 100) -> list[Row]:
        """Events of this identity, the last received first."""
        return self._records(_EVENTS if identity else _NEWEST_EVENTS, identity, limit)

    def _records(self, query: str, identity: str | None, limit: int) -> list[Row]:
        with self._reader() as db:
            found = db.execute(query, {"identity": identity, "limit": limit})
            return [{**dict(row), "data": json.loads(row["data"])} for row in found]

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._uri, uri=True)) as db:
            db.row_factory = sqlite3.Row
            db.execute("BEGIN")
            yield db
