"""One statement, understood: what it does, to which tables, what it reads, and its DuckDB SQL.

Analysis checks everything that can be checked without running: syntax, names, rights, columns.
"""

from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.google.access import Caller
from sandbox.google.catalog import Table
from sandbox.google.errors import ApiError, invalid, invalid_query
from sandbox.google.schema import Field, fields_of
from sandbox.google.sql import columns, definitions, names, parameters, partitions, rules, syntax
from sandbox.google.sql.failures import explain
from sandbox.google.sql.names import Name, Scope
from sandbox.google.warehouse import Warehouse

_DML = {
    exp.Insert: "INSERT",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE",
    exp.Merge: "MERGE",
    exp.TruncateTable: "TRUNCATE_TABLE",
}


@dataclass
class Request:
    """What a client asks to run. Analysis fills in the `location` that follows from the tables."""

    sql: str
    caller: Caller
    location: str | None = None
    default_dataset: str | None = None
    parameters: list[Any] = field(default_factory=list)


@dataclass
class Statement:
    """A statement that may be run. `duckdb` is a query, or DML; DDL has a `definition`.

    `read` holds the tables below it with the bytes of the touched columns of each.
    """

    kind: str
    location: str
    duckdb: str = ""
    tree: exp.Expr | None = None
    fields: tuple[Field, ...] = ()
    read: list[tuple[Table, int]] = field(default_factory=list)
    target: Name | None = None
    definition: definitions.Definition | None = None

    @property
    def is_query(self) -> bool:
        """Whether it has rows as its result."""
        return self.kind == "SELECT"

    @property
    def is_dml(self) -> bool:
        """Whether it changes rows."""
        return self.kind in _DML.values()

    @property
    def bytes_processed(self) -> int:
        """The estimate, which is also what a run reports."""
        return sum(size for _, size in self.read)

    @property
    def bytes_billed(self) -> int:
        """What a run is billed for."""
        return columns.billed(size for _, size in self.read)


class Analyst:
    """Analyses statements against one warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def analyse(self, request: Request) -> Statement:
        """Raises: ApiError with the reason that the job or request fails with."""
        tree = syntax.parse(parameters.name_positions(request.sql))
        scope = Scope(
            self._warehouse.catalog,
            request.caller,
            request.sql,
            request.default_dataset,
            request.location,
            measured=self._measured,
        )
        try:
            parameters.bind(tree, request.sql, request.parameters)
            return self._understood(tree, scope)
        except SqlglotError:
            raise invalid_query("The sandbox cannot translate this statement.") from None
        except RecursionError:
            raise invalid_query("The query is too complex: nested too deeply.") from None
        finally:
            request.location = scope.location

    def view_sql(self, sql: str, caller: Caller, location: str | None) -> tuple[str, Any]:
        """DuckDB's SQL and the fields for the query of a view. Raises: ApiError."""
        statement = self.analyse(Request(sql, caller, location))
        if not statement.is_query:
            raise invalid("The view's query must be a SELECT statement.")
        return statement.duckdb, statement.fields

    def _understood(self, tree: exp.Expr, scope: Scope) -> Statement:
        if isinstance(tree, exp.Query):
            return self._query(tree, scope)
        if isinstance(tree, exp.Create | exp.Drop):
            return self._definition(tree, scope)
        return self._dml(tree, scope)

    def _query(self, tree: exp.Query, scope: Scope) -> Statement:
        columns.name_unnamed(tree)
        touched, filtered = columns.touched(tree), partitions.filtered(tree)
        names.resolve(tree, scope)
        partitions.need_filter(scope.read, filtered)
        read = self._sizes(scope, touched)
        changed = rules.to_duckdb(tree, scope.sql, scope.caller.email)
        written = changed.sql(dialect="duckdb")
        fields = self._described(written, scope.sql, changed)
        return Statement("SELECT", scope.location or "US", written, changed, fields, read)

    def _dml(self, tree: exp.Expr, scope: Scope) -> Statement:
        node = definitions.target_of(tree)
        name = names.full_name(node, scope)
        scope.dataset(name.dataset)
        definitions.need_table(scope, name)
        scope.caller.need_table("bigquery.tables.updateData", name.dataset, name.table)
        touched = columns.touched(tree)
        names.resolve(tree, scope, targets=(node,))
        names.point(node, name)
        kind = next(kind for known, kind in _DML.items() if isinstance(tree, known))
        read = self._sizes(scope, touched)
        tree = rules.to_duckdb(tree, scope.sql, scope.caller.email)
        written = tree.sql(dialect="duckdb")
        self._checked(written, scope.sql, tree)
        return Statement(kind, scope.location or "US", written, tree, (), read, name)

    def _definition(self, tree: exp.Create | exp.Drop, scope: Scope) -> Statement:
        definition = definitions.read(tree, scope)
        statement = Statement(definition.kind, "", target=definition.name, definition=definition)
        if definition.query is not None:
            query = self._query(definition.query, scope)
            _need_names(query.fields)
            statement.duckdb, statement.fields = query.duckdb, query.fields
            statement.read, statement.tree = query.read, query.tree
            if definition.is_view:
                statement.read = []
        statement.location = scope.location or definition.location or "US"
        return statement

    def _sizes(self, scope: Scope, touched: columns.Touched) -> list[tuple[Table, int]]:
        found: dict[tuple[str, str], tuple[Table, int]] = {}
        for table in scope.read:
            below = self._below(table, scope) if table.view is not None else []
            if table.view is None:
                _, sizes = self._warehouse.sizes(table)
                below = [(table, touched.bytes_of(sizes))]
            for one, size in below:
                known = found.get(one.key)
                found[one.key] = (one, max(size, known[1] if known else 0))
        return list(found.values())

    def _measured(self, table: Table) -> tuple[int, int]:
        rows, sizes = self._warehouse.sizes(table)
        return rows, sum(sizes.values())

    def _below(self, view: Table, scope: Scope) -> list[tuple[Table, int]]:
        sql = view.view or ""
        within = Scope(scope.catalog, scope.caller, sql, view.dataset, scope.location)
        tree = syntax.parse(sql)
        touched = columns.touched(tree)
        names.resolve(tree, within)
        return self._sizes(within, touched)

    def _described(self, written: str, sql: str, tree: exp.Expr) -> tuple[Field, ...]:
        cursor = self._warehouse.cursor()
        try:
            fields = fields_of(cursor.sql(written).description)
        except duckdb.Error as failure:
            raise explain(failure, sql, tree) from None
        finally:
            cursor.close()
        seen: set[str] = set()
        for one in fields:
            if one.name.lower() in seen:
                raise _duplicate_column(one.name)
            seen.add(one.name.lower())
        return fields

    def _checked(self, written: str, sql: str, tree: exp.Expr) -> None:
        cursor = self._warehouse.cursor()
        try:
            cursor.execute(f"EXPLAIN {written}")
        except duckdb.Error as failure:
            raise explain(failure, sql, tree) from None
        finally:
            cursor.close()


def _duplicate_column(name: str) -> ApiError:
    return invalid_query(
        "Duplicate column names in the result are not supported when a destination table is "
        f"present. Found duplicate(s): {name}"
    )


def _need_names(fields: tuple[Field, ...]) -> None:
    for place, one in enumerate(fields, start=1):
        if one.name.startswith("f") and one.name[1:-1].isdigit() and one.name.endswith("_"):
            raise invalid_query(
                f"CREATE TABLE columns must be named, but column {place} has no name"
            )
