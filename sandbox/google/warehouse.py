"""The data behind BigQuery: one DuckDB file, and one for query results that ends with us.

Closed to the outside: no file, network, extension or setting can be reached from SQL.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from sandbox.google.catalog import STORE, Catalog, Dataset, Table, now_ms
from sandbox.google.schema import Field, fields_of, literal, quoted

FILE = "warehouse.duckdb"
RESULTS_FILE = "results.duckdb"
NAME = "warehouse"
RESULTS = "results"
RESULTS_DATASET = "_4711c0ffee5a8d0e7b3f2c9d61e8a4"
_HIDDEN = frozenset({STORE, "main", "information_schema", "pg_catalog"})

_SETTINGS = (
    "SET GLOBAL TimeZone = 'UTC'",
    "SET threads = 2",
    "SET memory_limit = '1GB'",
    "SET python_enable_replacements = false",
    "ATTACH {results} AS " + RESULTS,
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
# CAST(x AS STRING): BigQuery writes 1.5 and 1 where DuckDB writes 1.500000000 and 1.0.
_STRING_OF = f"""
CREATE OR REPLACE MACRO {STORE}.string_of(x) AS CASE
    WHEN typeof(x) LIKE 'DECIMAL%' AND contains(CAST(x AS VARCHAR), '.')
        THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.')
    WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN regexp_replace(CAST(x AS VARCHAR), '\\.0$', '')
    ELSE CAST(x AS VARCHAR) END
"""


class WarehouseBusy(Exception):
    """Another process has the file open."""


class Warehouse:
    """Tables and their rows. Every thread works on its own `cursor()`."""

    def __init__(self, data_dir: Path) -> None:
        self._connection = _connect(data_dir / FILE)
        for leftover in data_dir.glob(f"{RESULTS_FILE}*"):
            leftover.unlink()
        results = literal(str(data_dir / RESULTS_FILE))
        for statement in _SETTINGS:
            self._connection.execute(statement.replace("{results}", results))
        self.catalog = Catalog(self._connection.cursor())
        self._connection.execute(_STRING_OF)
        self._changing = threading.RLock()
        self._sizes: dict[tuple[str, str], tuple[int, int, dict[str, int]]] = {}

    def close(self) -> None:
        """Write what is pending and give the file back."""
        self._connection.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same data; its `interrupt()` stops only its query."""
        return self._connection.cursor()

    @contextlib.contextmanager
    def change(
        self, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction over rows and descriptions; changes follow one another."""
        with self._changing:
            cursor = cursor or self.cursor()
            cursor.execute("BEGIN")
            try:
                yield cursor
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def add_dataset(self, dataset: Dataset) -> None:
        """Make a dataset; its name must be free."""
        with self.change() as cursor:
            cursor.execute(f"CREATE SCHEMA {NAME}.{quoted(dataset.id)}")
            self.catalog.put_dataset(cursor, dataset)

    def drop_dataset(self, name: str) -> None:
        """Remove a dataset with all that is in it."""
        with self.change() as cursor:
            cursor.execute(f"DROP SCHEMA {NAME}.{quoted(name)} CASCADE")
            self.catalog.drop_dataset(cursor, name)

    def add_table(self, table: Table, view_sql: str | None = None) -> None:
        """Make an empty table, or a view over DuckDB's SQL; its name must be free."""
        with self.change() as cursor:
            if view_sql is None:
                self.create(cursor, table)
            else:
                cursor.execute(f"CREATE VIEW {place(table)} AS {view_sql}")
                self.catalog.put_table(cursor, table)

    def create(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Within a change: make an empty table."""
        cursor.execute(f"CREATE TABLE {place(table)} ({columns_sql(table.fields)})")
        self.catalog.put_table(cursor, table)

    def drop_table(self, table: Table) -> None:
        """Remove a table or view."""
        with self.change() as cursor:
            self.remove(cursor, table)

    def remove(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Remove a table or view within a change."""
        kind = "VIEW" if table.view is not None else "TABLE"
        cursor.execute(f"DROP {kind} IF EXISTS {place(table)}")
        self.catalog.drop_table(cursor, table)

    def sweep(self) -> None:
        """Remove the tables and the partitions whose time is over."""
        for table in self.catalog.expired():
            self.drop_table(table)
        for table in self.catalog.with_expiring_rows():
            if self._has_expired_rows(table):
                with self.change() as cursor:
                    self.drop_expired_rows(cursor, table)
                    self.catalog.touch(cursor, *table.key)

    def _has_expired_rows(self, table: Table) -> bool:
        query = f"SELECT 1 FROM {place(table)} WHERE {expired_sql(table)} LIMIT 1"  # noqa: S608
        return self.cursor().execute(query).fetchone() is not None

    def drop_expired_rows(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Within a change: remove the partitions whose time is over."""
        if table.row_life_ms is not None:
            cursor.execute(f"DELETE FROM {place(table)} WHERE {expired_sql(table)}")  # noqa: S608

    def free_name(self, dataset: str) -> bool:
        """Whether a dataset may have this name; DuckDB does not tell cases apart."""
        taken = {one.id.lower() for one in self.catalog.datasets()} | _HIDDEN
        return dataset.lower() not in taken and dataset != RESULTS_DATASET

    def sizes(self, table: Table) -> tuple[int, dict[str, int]]:
        """Rows, and logical bytes by column, measured once per change of the rows."""
        if table.view is not None:
            return 0, {}
        known = self._sizes.get(table.key)
        if known is None or known[0] != table.modified:
            sums = ", ".join(
                f"coalesce(sum({one.bytes_sql(quoted(one.name))}), 0)" for one in table.fields
            )
            query = f"SELECT count(*){', ' if sums else ''}{sums} FROM {place(table)}"  # noqa: S608
            rows, *sizes = self.cursor().execute(query).fetchone() or (0,)
            by_column = {one.name: int(size) for one, size in zip(table.fields, sizes, strict=True)}
            known = (table.modified, int(rows), by_column)
            self._sizes[table.key] = known
        return known[1], known[2]

    def is_dense(self, table: Table, total: int) -> bool:
        """Whether row ids run from 0 without a gap, so that a range of them is a range of rows."""
        query = f"SELECT max(rowid) FROM {place(table)}"  # noqa: S608 - quoted by `place`
        row = self.cursor().execute(query).fetchone()
        return row is not None and row[0] == total - 1

    def adopt(
        self, cursor: duckdb.DuckDBPyConnection, table: Table, select_sql: str
    ) -> tuple[Field, ...]:
        """Within a change: make the table from a query, and describe what came out."""
        cursor.execute(f"CREATE OR REPLACE TABLE {place(table)} AS {select_sql}")
        described = cursor.execute(f"SELECT * FROM {place(table)} LIMIT 0")  # noqa: S608
        fields = fields_of(described.description or [])
        created = replace(table, fields=fields, modified=now_ms())
        self.catalog.put_table(cursor, created)
        return fields


def place(table: Table) -> str:
    """The table's name in DuckDB, quoted."""
    database = RESULTS if table.dataset == RESULTS_DATASET else NAME
    schema = "main" if table.dataset == RESULTS_DATASET else table.dataset
    return f"{database}.{quoted(schema)}.{quoted(table.id)}"


def expired_sql(table: Table) -> str:
    """Which rows lie in a day whose time is over: a partition goes as a whole."""
    day = f"date_trunc('day', CAST({quoted(table.partition_field)} AS TIMESTAMP))"
    now = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"
    return f"{day} + INTERVAL {table.row_life_ms or 0} MILLISECOND < {now}"


def columns_sql(fields: tuple[Field, ...]) -> str:
    """The column list of a CREATE TABLE."""
    return ", ".join(
        f"{quoted(one.name)} {one.duckdb_type()}{' NOT NULL' if one.mode == 'REQUIRED' else ''}"
        for one in fields
    )


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    options: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        connection = duckdb.connect(str(path), config=options)
    except duckdb.IOException as refused:
        if "lock" in str(refused):
            raise WarehouseBusy(f"Another sandbox is using {path.parent}.") from None
        raise OSError(f"{path} cannot be opened.") from refused
    path.chmod(0o600)
    return connection
