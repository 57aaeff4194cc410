"""Load jobs: rows as newline-delimited JSON, checked one by one, into a table; all or none.

https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Table, now_ms
from sandbox.google.errors import ApiError, invalid
from sandbox.google.schema import Field, literal, quoted
from sandbox.google.warehouse import Warehouse, place

if TYPE_CHECKING:
    from sandbox.google.jobs import Job


@dataclass
class Load:
    """What a job loads, and where to; `rows_written` is None until it has."""

    dataset: str
    table: str
    data: bytes
    fields: tuple[Field, ...] = ()
    create: bool = True
    write: str = "WRITE_APPEND"
    ignores_unknown: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    rows_written: int | None = None

    @property
    def name(self) -> str:
        """The table as Google writes it in messages."""
        return f"{PROJECT}:{self.dataset}.{self.table}"


def perform(warehouse: Warehouse, job: "Job") -> None:
    """Carry it out with the job's cursor. Raises: ApiError; duckdb.Error when it was stopped."""
    load, cursor = job.load, job.cursor
    if load is None or cursor is None:
        raise RuntimeError("the job has nothing to load, or no cursor")
    warehouse.sweep()
    present = _permitted(warehouse, job, load)
    rows = _rows(load, (present.fields if present else ()) or load.fields)
    with warehouse.change(cursor):
        table = _target(warehouse, cursor, load, present)
        try:
            _insert(cursor, table, rows)
        except (duckdb.ConversionException, duckdb.ConstraintException):
            raise _too_many_errors(len(rows)) from None
        warehouse.drop_expired_rows(cursor, table)
        warehouse.catalog.touch(cursor, load.dataset, load.table)
    load.rows_written = len(rows)


def _permitted(warehouse: Warehouse, job: "Job", load: Load) -> Table | None:
    """The table, if it is there. Raises: ApiError without the right to what is to be done."""
    dataset = warehouse.catalog.dataset(load.dataset)
    present = warehouse.catalog.table(load.dataset, load.table)
    if present is None and load.create:
        job.caller.need_dataset("bigquery.tables.create", load.dataset)
    job.caller.need_table("bigquery.tables.updateData", load.dataset, load.table)
    if dataset is None or dataset.location.upper() != job.location.upper():
        raise errors.not_found("Dataset", f"{PROJECT}:{load.dataset}", job.location)
    if present is None and not load.create:
        raise errors.not_found("Table", load.name)
    if present is None and not load.fields:
        raise invalid("No schema specified on job or table.")
    if present is not None and present.view is not None:
        raise invalid(f"Cannot load into {load.name}: it is a VIEW.")
    if present is not None:
        _need_same_schema(load, present)
    return present


def _need_same_schema(load: Load, present: Table) -> None:
    known = {one.name.lower(): one for one in present.fields}
    for one in load.fields:
        there = known.get(one.name.lower())
        why = ""
        if there is None:
            why = f"Cannot add fields (field: {one.name})"
        elif there.type != one.type:
            why = f"Field {one.name} has changed type from {there.type} to {one.type}"
        elif there.mode != one.mode:
            why = f"Field {one.name} has changed mode from {there.mode} to {one.mode}"
        if why:
            raise invalid(f"Provided Schema does not match Table {load.name}. {why}")


def _target(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, load: Load, present: Table | None
) -> Table:
    if present is None:
        now = now_ms()
        made = Table(load.dataset, load.table, load.fields, now, now, extra=load.extra)
        warehouse.create(cursor, made)
        return made
    if load.write == "WRITE_TRUNCATE":
        cursor.execute(f"DELETE FROM {place(present)}")  # noqa: S608 - quoted by `place`
    elif load.write == "WRITE_EMPTY" and warehouse.sizes(present)[0]:
        raise errors.duplicate("Table", load.name)
    return present


def _rows(load: Load, fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    """The rows, each with nothing but the table's columns. Raises: ApiError."""
    lines = [line for line in load.data.split(b"\n") if line.strip()]
    rows, position = [], 0
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            raise _at(position, "Parser terminated before end of string") from None
        rows.append(_checked(row, fields, position, ignores_unknown=load.ignores_unknown))
        position += len(line) + 1
    return rows


def _checked(
    row: Any, fields: tuple[Field, ...], position: int, *, ignores_unknown: bool
) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise _at(position, "Expected JSON object")
    given = {str(name).lower(): (name, value) for name, value in row.items()}
    unknown = [row_name for low, (row_name, _) in given.items() if low not in _names(fields)]
    if unknown and not ignores_unknown:
        raise _at(position, f"No such field: {unknown[0]}.")
    found = {one.name: given.get(one.name.lower(), ("", None))[1] for one in fields}
    for one in fields:
        value = found[one.name]
        if value is None and one.mode == "REQUIRED":
            raise _at(position, f"Missing required field: {one.name}.")
        if (one.mode == "REPEATED") != isinstance(value, list) and value is not None:
            raise _at(position, f"Array specified for non-repeated field: {one.name}.")
    return found


def _names(fields: tuple[Field, ...]) -> frozenset[str]:
    return frozenset(one.name.lower() for one in fields)


def _insert(cursor: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Every scalar is read as text first, so that DuckDB's own casts say what fits."""
    if not rows:
        return
    shape = json.dumps([{one.name: _read_as(one) for one in table.fields}])
    values = ", ".join(_value_sql(one) for one in table.fields)
    names = ", ".join(quoted(one.name) for one in table.fields)
    cursor.execute(
        f"INSERT INTO {place(table)} ({names}) SELECT {values} FROM "  # noqa: S608 - quoted
        f"(SELECT unnest(from_json_strict(?, {literal(shape)})) AS r)",
        [json.dumps(rows)],
    )


def _read_as(one: Field) -> str:
    return "JSON" if one.fields or one.mode == "REPEATED" or one.type == "JSON" else "VARCHAR"


def _value_sql(one: Field) -> str:
    value = f"r.{quoted(one.name)}"
    if one.type == "BYTES":
        return f"from_base64({value})"
    return f"CAST({value} AS {one.duckdb_type()})"


def _at(position: int, why: str) -> ApiError:
    return ApiError(
        "invalid",
        "Error while reading data, error message: JSON parsing error in row starting at position "
        f"{position}: {why}",
    )


def _too_many_errors(rows: int) -> ApiError:
    return ApiError(
        "invalid",
        "Error while reading data, error message: JSON table encountered too many errors, giving "
        f"up. Rows: {rows}; errors: 1. Please look into the errors[] collection for more details.",
    )
