"""INFORMATION_SCHEMA.SCHEMATA, TABLES and COLUMNS, as rows written into the statement."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlglot
from sqlglot import exp

from sandbox.google.access import Caller
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Catalog, Dataset, Table
from sandbox.google.errors import dataset_denied, not_found, not_imitated, project_denied
from sandbox.google.schema import Field, literal, quoted

_MARK = "INFORMATION_SCHEMA"

_COLUMNS = {
    "SCHEMATA": (
        ("catalog_name", "VARCHAR"), ("schema_name", "VARCHAR"), ("schema_owner", "VARCHAR"),
        ("creation_time", "TIMESTAMPTZ"), ("last_modified_time", "TIMESTAMPTZ"),
        ("location", "VARCHAR"),
    ),
    "TABLES": (
        ("table_catalog", "VARCHAR"), ("table_schema", "VARCHAR"), ("table_name", "VARCHAR"),
        ("table_type", "VARCHAR"), ("is_insertable_into", "VARCHAR"), ("is_typed", "VARCHAR"),
        ("creation_time", "TIMESTAMPTZ"),
    ),
    "COLUMNS": (
        ("table_catalog", "VARCHAR"), ("table_schema", "VARCHAR"), ("table_name", "VARCHAR"),
        ("column_name", "VARCHAR"), ("ordinal_position", "BIGINT"), ("is_nullable", "VARCHAR"),
        ("data_type", "VARCHAR"), ("is_generated", "VARCHAR"), ("is_hidden", "VARCHAR"),
        ("is_system_defined", "VARCHAR"), ("is_partitioning_column", "VARCHAR"),
        ("clustering_ordinal_position", "BIGINT"),
    ),
}  # fmt: skip

_STANDARD = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def is_view(node: exp.Table) -> bool:
    """Whether a table node names a view of INFORMATION_SCHEMA."""
    return _MARK in _path(node)[:-1] and len(_path(node)) > 1


def rows(node: exp.Table, catalog: Catalog, caller: Caller) -> exp.Expr:
    """The view's rows as a subquery under the node's name. Raises: ApiError."""
    path = _path(node)
    view, before = path[-1], path[: path.index(_MARK)]
    if before and before[0] == PROJECT:
        before = before[1:]
    if view not in _COLUMNS:
        raise not_imitated(f"INFORMATION_SCHEMA.{view}")
    found = list(_rows(view, before[0] if before else None, catalog, caller))
    alias = node.alias or view
    query = sqlglot.parse_one(_select(view, found), read="duckdb")
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _path(node: exp.Table) -> list[str]:
    parts = [piece for part in node.parts for piece in part.name.split(".")]
    return [part.upper() if part.upper() == _MARK else part for part in parts[:-1]] + [
        parts[-1].upper()
    ]


def _rows(
    view: str, within: str | None, catalog: Catalog, caller: Caller
) -> Iterator[tuple[Any, ...]]:
    for dataset in _datasets(view, within, catalog, caller):
        if view == "SCHEMATA":
            times = _moment(dataset.created), _moment(dataset.modified)
            yield PROJECT, dataset.id, None, *times, dataset.location
            continue
        for table in catalog.tables(dataset.id):
            yield from _table_rows(view, table)


def _datasets(view: str, within: str | None, catalog: Catalog, caller: Caller) -> Iterator[Dataset]:
    region = within is None or within.lower().startswith("region-")
    if not region and view != "SCHEMATA":
        found = catalog.dataset(within or "")
        if found is None:
            raise not_found("Dataset", f"{PROJECT}:{within}")
        if not caller.may("bigquery.tables.list", found.id):
            raise dataset_denied(PROJECT, found.id, "bigquery.tables.list")
        yield found
        return
    needed = "bigquery.datasets.get" if view == "SCHEMATA" else "bigquery.tables.list"
    if view != "SCHEMATA" and not caller.may(needed):
        raise project_denied(PROJECT, needed)
    place = (within or "").lower().removeprefix("region-")
    for dataset in catalog.datasets():
        if (not place or dataset.location.lower() == place) and caller.may(needed, dataset.id):
            yield dataset


def _table_rows(view: str, table: Table) -> Iterator[tuple[Any, ...]]:
    head = (PROJECT, table.dataset, table.id)
    if view == "TABLES":
        kind = "VIEW" if table.view is not None else "BASE TABLE"
        yield *head, kind, "NO" if table.view is not None else "YES", "NO", _moment(table.created)
        return
    for place, one in enumerate(table.fields, start=1):
        nullable = "NO" if one.mode == "REQUIRED" else "YES"
        flags = ("NEVER", "NO", "NO", "NO")
        yield *head, one.name, place, nullable, standard_type(one), *flags, None


def standard_type(one: Field) -> str:
    """A field's type in GoogleSQL."""
    if one.mode == "REPEATED":
        return f"ARRAY<{standard_type(one.element())}>"
    if one.type == "RECORD":
        return "STRUCT<" + ", ".join(f"{x.name} {standard_type(x)}" for x in one.fields) + ">"
    return _STANDARD.get(one.type, one.type)


def _select(view: str, found: list[tuple[Any, ...]]) -> str:
    columns = _COLUMNS[view]
    casts = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in columns)
    names = ", ".join(quoted(name) for name, _ in columns)
    values = ", ".join(
        f"({', '.join(map(_sql, row))})" for row in found or [(None,) * len(columns)]
    )
    nothing = "" if found else " WHERE FALSE"
    return f"SELECT {casts} FROM (VALUES {values}) AS v({names}){nothing}"  # noqa: S608


def _sql(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else literal(str(value))


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
