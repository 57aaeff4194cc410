"""Carrying out an analysed statement: queries into a result table, DML and DDL in transactions."""

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Dataset, Table, now_ms
from sandbox.google.errors import ApiError
from sandbox.google.sql.definitions import Definition
from sandbox.google.sql.statement import Statement
from sandbox.google.warehouse import RESULTS_DATASET, Warehouse, place

if TYPE_CHECKING:
    from sandbox.google.jobs import Job


@dataclass
class Outcome:
    """What a job did: rows in its result, rows changed, or what became of a definition."""

    total_rows: int | None = None
    changed_rows: int | None = None
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


def is_anonymous(table: Table) -> bool:
    """Whether a result table is the job's own and not one that the client named."""
    return table.dataset == RESULTS_DATASET


def anonymous_table(job_id: str) -> str:
    """The id of a job's anonymous result."""
    return "anon" + hashlib.sha256(job_id.encode()).hexdigest()


def perform(warehouse: Warehouse, job: "Job", statement: Statement) -> None:
    """Run the statement with the job's cursor. Raises: ApiError, duckdb.Error."""
    cursor = job.cursor
    if cursor is None:
        raise RuntimeError("the job has no cursor")
    if statement.definition is not None:
        _define(warehouse, cursor, statement, statement.definition)
    elif statement.is_dml:
        _change(warehouse, cursor, job, statement)
    else:
        _query(warehouse, cursor, job, statement)


def _query(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, job: "Job", statement: Statement
) -> None:
    named = job.configuration.get("query", {}).get("destinationTable")
    if named and named.get("datasetId") != RESULTS_DATASET:
        result = _into_named(warehouse, cursor, job, statement)
    else:
        now = now_ms()
        result = Table(RESULTS_DATASET, anonymous_table(job.id), statement.fields, now, now)
        # The table's types are those of the query, so the fields stay as analysed.
        cursor.execute(f"CREATE TABLE {place(result)} AS {statement.duckdb}")
    job.result = result
    job.outcome.total_rows = _count(cursor, result)


def _into_named(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, job: "Job", statement: Statement
) -> Table:
    query = job.configuration["query"]
    dataset = str(query["destinationTable"]["datasetId"])
    name = str(query["destinationTable"]["tableId"])
    if warehouse.catalog.dataset(dataset) is None:
        raise errors.not_found("Dataset", f"{PROJECT}:{dataset}")
    job.caller.need_dataset("bigquery.tables.create", dataset)
    job.caller.need_table("bigquery.tables.updateData", dataset, name)
    present = warehouse.catalog.table(dataset, name)
    disposition = str(query.get("writeDisposition") or "WRITE_EMPTY")
    with warehouse.change(cursor):
        if present is None or disposition.startswith("WRITE_TRUNCATE"):
            now = now_ms()
            created = replace(present, modified=now) if present else Table(
                dataset, name, (), now, now
            )  # fmt: skip
            warehouse.adopt(cursor, created, statement.duckdb)
        elif disposition == "WRITE_APPEND" or _count(cursor, present) == 0:
            cursor.execute(f"INSERT INTO {place(present)} BY NAME {statement.duckdb}")
            warehouse.catalog.touch(cursor, dataset, name)
        else:
            raise errors.duplicate("Table", f"{PROJECT}:{dataset}.{name}")
    found = warehouse.catalog.table(dataset, name)
    if found is None:
        raise errors.not_found("Table", f"{PROJECT}:{dataset}.{name}")
    return found


def _change(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, job: "Job", statement: Statement
) -> None:
    target = statement.target
    if target is None:
        raise RuntimeError("DML without a table")
    with warehouse.change(cursor):
        row = cursor.execute(statement.duckdb).fetchone()
        warehouse.catalog.touch(cursor, target.dataset, target.table)
    count = int(row[0]) if row else 0
    outcome = job.outcome
    outcome.changed_rows = count
    if statement.kind in ("INSERT", "MERGE"):
        outcome.inserted = count
    elif statement.kind == "UPDATE":
        outcome.updated = count
    else:
        outcome.deleted = count


def _define(
    warehouse: Warehouse,
    cursor: duckdb.DuckDBPyConnection,
    statement: Statement,
    definition: Definition,
) -> None:
    if definition.skips:
        return
    if definition.kind.endswith("_SCHEMA"):
        _define_schema(warehouse, definition)
        return
    name = definition.name
    warehouse.sweep()
    present = warehouse.catalog.table(name.dataset, name.table)
    with warehouse.change(cursor):
        if present is not None:
            warehouse.remove(cursor, present)
        if definition.kind.startswith("CREATE"):
            _create(warehouse, cursor, statement, definition)


def _create(
    warehouse: Warehouse,
    cursor: duckdb.DuckDBPyConnection,
    statement: Statement,
    definition: Definition,
) -> None:
    now = now_ms()
    table = Table(
        dataset=definition.name.dataset,
        id=definition.name.table,
        fields=definition.fields or statement.fields,
        created=now,
        modified=now,
        expires=definition.expires,
        extra=definition.extra,
    )
    if definition.is_view:
        view = replace(table, view=definition.query_sql)
        cursor.execute(f"CREATE VIEW {place(view)} AS {statement.duckdb}")
        warehouse.catalog.put_table(cursor, view)
    elif statement.duckdb:
        warehouse.adopt(cursor, table, statement.duckdb)
    else:
        warehouse.create(cursor, table)


def _define_schema(warehouse: Warehouse, definition: Definition) -> None:
    name = definition.name.dataset
    if definition.kind == "DROP_SCHEMA":
        warehouse.drop_dataset(name)
        return
    if not warehouse.free_name(name):
        raise ApiError("invalid", f'Invalid dataset ID "{name}".')
    now = now_ms()
    warehouse.add_dataset(Dataset(name, definition.location or "US", now, now))


def _count(cursor: duckdb.DuckDBPyConnection, table: Table) -> int:
    row = cursor.execute(f"SELECT count(*) FROM {place(table)}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0
