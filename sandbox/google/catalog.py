"""Datasets and tables as the REST API describes them, kept in the warehouse's own file.

Only descriptions: the rows are DuckDB's. Nothing here checks who asks.
"""

import json
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from sandbox.google.schema import Field, read_schema, schema_json

STORE = "_sandbox"


@dataclass(frozen=True)
class Dataset:
    """A dataset; times are epoch milliseconds. `extra` holds what is only given back."""

    id: str
    location: str
    created: int
    modified: int
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table, or a view when `view` holds its GoogleSQL; times are epoch milliseconds."""

    dataset: str
    id: str
    fields: tuple[Field, ...]
    created: int
    modified: int
    view: str | None = None
    expires: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def partition_field(self) -> str:
        """The column whose day is a row's partition; empty where there is none."""
        return str((self.extra.get("timePartitioning") or {}).get("field") or "")

    @property
    def row_life_ms(self) -> int | None:
        """How long a partition lives; None where it lives on."""
        life = (self.extra.get("timePartitioning") or {}).get("expirationMs")
        return int(life) if life and self.partition_field else None

    @property
    def key(self) -> tuple[str, str]:
        """What the catalog finds it by."""
        return self.dataset, self.id


def now_ms() -> int:
    """Epoch milliseconds."""
    return int(time.time() * 1000)


class Catalog:
    """All descriptions, in memory and written through the cursor of the change itself."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._lock = threading.RLock()
        self._datasets: dict[str, Dataset] = {}
        self._tables: dict[tuple[str, str], Table] = {}
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {STORE}")
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {STORE}.objects "
            "(dataset VARCHAR, id VARCHAR, document VARCHAR)"
        )
        found = cursor.execute("SELECT dataset, id, document FROM _sandbox.objects").fetchall()
        for dataset, table, document in found:
            self._load(dataset, table, json.loads(document))

    def datasets(self) -> list[Dataset]:
        """All datasets by id."""
        with self._lock:
            return [self._datasets[name] for name in sorted(self._datasets)]

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of this id."""
        return self._datasets.get(name)

    def tables(self, dataset: str) -> list[Table]:
        """The tables and views of a dataset by id, expired ones left out."""
        with self._lock:
            names = sorted(key for key in self._tables if key[0] == dataset)
            return [self._tables[key] for key in names if not _expired(self._tables[key])]

    def table(self, dataset: str, name: str) -> Table | None:
        """The table or view, unless it has expired."""
        found = self._tables.get((dataset, name))
        return None if found is None or _expired(found) else found

    def expired(self) -> list[Table]:
        """The tables whose time is over and whose rows are still there."""
        with self._lock:
            return [table for table in self._tables.values() if _expired(table)]

    def with_expiring_rows(self) -> list[Table]:
        """The tables that are there and whose partitions have an end."""
        with self._lock:
            found = [one for one in self._tables.values() if one.row_life_ms is not None]
            return [table for table in found if not _expired(table)]

    def put_dataset(self, cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
        """Keep a new or changed dataset."""
        document = {
            "location": dataset.location,
            "created": dataset.created,
            "modified": dataset.modified,
            "extra": dataset.extra,
        }
        self._write(cursor, dataset.id, "", document)
        with self._lock:
            self._datasets[dataset.id] = dataset

    def put_table(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Keep a new or changed table."""
        document = {
            "schema": schema_json(table.fields),
            "created": table.created,
            "modified": table.modified,
            "view": table.view,
            "expires": table.expires,
            "extra": table.extra,
        }
        self._write(cursor, table.dataset, table.id, document)
        with self._lock:
            self._tables[table.key] = table

    def touch(self, cursor: duckdb.DuckDBPyConnection, dataset: str, name: str) -> None:
        """Note that the rows of a table have changed."""
        table = self.table(dataset, name)
        if table is not None:
            self.put_table(cursor, replace(table, modified=max(now_ms(), table.modified + 1)))

    def drop_table(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Forget a table."""
        self._erase(cursor, table.dataset, table.id)
        with self._lock:
            self._tables.pop(table.key, None)

    def drop_dataset(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        """Forget a dataset and its tables."""
        cursor.execute("DELETE FROM _sandbox.objects WHERE dataset = ?", [name])
        with self._lock:
            self._datasets.pop(name, None)
            self._tables = {key: one for key, one in self._tables.items() if key[0] != name}

    def _write(
        self, cursor: duckdb.DuckDBPyConnection, dataset: str, name: str, document: dict[str, Any]
    ) -> None:
        self._erase(cursor, dataset, name)
        cursor.execute(
            "INSERT INTO _sandbox.objects VALUES (?, ?, ?)", [dataset, name, json.dumps(document)]
        )

    def _erase(self, cursor: duckdb.DuckDBPyConnection, dataset: str, name: str) -> None:
        cursor.execute("DELETE FROM _sandbox.objects WHERE dataset = ? AND id = ?", [dataset, name])

    def _load(self, dataset: str, table: str, document: dict[str, Any]) -> None:
        created, modified = document["created"], document["modified"]
        extra = document["extra"]
        if not table:
            self._datasets[dataset] = Dataset(
                dataset, document["location"], created, modified, extra
            )
            return
        fields = read_schema(document["schema"])
        loaded = Table(
            dataset, table, fields, created, modified, document["view"], document["expires"], extra
        )
        self._tables[loaded.key] = loaded


def _expired(table: Table) -> bool:
    return table.expires is not None and table.expires <= now_ms()
