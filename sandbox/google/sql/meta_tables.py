"""`dataset.__TABLES__`: size and last change of each table, as rows written into the statement."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from sandbox.google.access import Caller
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Catalog, Table
from sandbox.google.errors import dataset_denied, not_found
from sandbox.google.schema import literal, quoted

NAME = "__TABLES__"
_COLUMNS = (
    ("project_id", "VARCHAR"), ("dataset_id", "VARCHAR"), ("table_id", "VARCHAR"),
    ("creation_time", "BIGINT"), ("last_modified_time", "BIGINT"), ("row_count", "BIGINT"),
    ("size_bytes", "BIGINT"), ("type", "BIGINT"),
)  # fmt: skip
_TABLE, _VIEW = 1, 2

Measured = Callable[[Table], tuple[int, int]]


def is_named(node: exp.Table) -> bool:
    """Whether a table node names the list of a dataset's tables."""
    return node.parts[-1].name.split(".")[-1].upper() == NAME


def rows(
    node: exp.Table, dataset: str, catalog: Catalog, caller: Caller, measured: Measured
) -> exp.Expr:
    """The list as a subquery under the node's name. Raises: ApiError."""
    if catalog.dataset(dataset) is None:
        raise not_found("Dataset", f"{PROJECT}:{dataset}")
    if not caller.may("bigquery.tables.list", dataset):
        raise dataset_denied(PROJECT, dataset, "bigquery.tables.list")
    values = ", ".join(_values(one, measured) for one in catalog.tables(dataset))
    casts = ", ".join(
        f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in _COLUMNS
    )
    names = ", ".join(quoted(name) for name, _ in _COLUMNS)
    none = f"({', '.join('NULL' for _ in _COLUMNS)})"
    where = "" if values else " WHERE FALSE"
    written = f"SELECT {casts} FROM (VALUES {values or none}) AS v({names}){where}"  # noqa: S608
    query = sqlglot.parse_one(written, read="duckdb")
    return exp.Subquery(
        this=query, alias=exp.TableAlias(this=exp.to_identifier(node.alias or NAME))
    )


def _values(table: Table, measured: Measured) -> str:
    is_view = table.view is not None
    count, size = (0, 0) if is_view else measured(table)
    kind = _VIEW if is_view else _TABLE
    head = ", ".join(literal(text) for text in (PROJECT, table.dataset, table.id))
    return f"({head}, {table.created}, {table.modified}, {count}, {size}, {kind})"
