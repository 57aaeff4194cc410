"""Which tables a statement names: resolved against the catalog, checked, put in DuckDB's words.

After `resolve` every table in the tree is one of the sandbox's own or a name of the query.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from sandbox.google import errors
from sandbox.google.access import Caller
from sandbox.google.accounts import PROJECT
from sandbox.google.catalog import Catalog, Dataset, Table
from sandbox.google.errors import invalid, invalid_query, not_imitated
from sandbox.google.sql import information_schema, meta_tables
from sandbox.google.sql.syntax import place_of
from sandbox.google.warehouse import NAME


@dataclass(frozen=True)
class Name:
    """A full name of a table, or of a dataset when `table` is empty."""

    dataset: str
    table: str


@dataclass
class Scope:
    """What names are looked up in, and what was found.

    `location` is the job's: asked for by the client, else that of the first dataset found.
    """

    catalog: Catalog
    caller: Caller
    sql: str
    default_dataset: str | None = None
    location: str | None = None
    read: list[Table] = field(default_factory=list)
    measured: Callable[[Table], tuple[int, int]] = lambda table: (0, 0)

    def dataset(self, name: str) -> Dataset:
        """The dataset, in the location of the job. Raises: ApiError (notFound)."""
        found = self.catalog.dataset(name)
        if found is not None and self.location is None:
            self.location = found.location
        where = self.location or "US"
        if found is None or found.location != where:
            raise errors.not_found("Dataset", f"{PROJECT}:{name}", where)
        return found

    def source(self, name: Name) -> Table:
        """The table to read from. Raises: ApiError (notFound, accessDenied)."""
        self.dataset(name.dataset)
        found = self.catalog.table(name.dataset, name.table)
        if found is None:
            self.caller.need_query(name.dataset, name.table)
            where = f"{PROJECT}:{name.dataset}.{name.table}"
            raise errors.not_found("Table", where, self.location)
        self.caller.need_query(name.dataset, name.table)
        self.read.append(found)
        return found


def full_name(node: exp.Table, scope: Scope) -> Name:
    """The name of a table node. Raises: ApiError for another project or a missing dataset."""
    parts = [part.name for part in node.parts]
    if len(parts) == 1 and "." in parts[0]:
        parts = parts[0].split(".")
    if len(parts) > 3:
        raise invalid(f"Invalid table name: `{'.'.join(parts)}`")
    project = parts[-3] if len(parts) == 3 else PROJECT
    dataset = parts[-2] if len(parts) > 1 else scope.default_dataset
    if not dataset:
        raise invalid(f'Table "{parts[-1]}" must be qualified with a dataset (e.g. dataset.table).')
    if project != PROJECT:
        raise errors.query_denied(project, dataset, parts[-1])
    if "*" in parts[-1]:
        raise not_imitated("wildcard tables")
    return Name(dataset, parts[-1])


def schema_name(node: exp.Table) -> str:
    """The dataset that a CREATE or DROP SCHEMA names. Raises: ApiError."""
    parts = [piece for part in node.parts for piece in part.name.split(".")]
    if len(parts) > 2 or not parts:
        raise invalid(f"Invalid dataset name: `{'.'.join(parts)}`")
    if len(parts) == 2 and parts[0] != PROJECT:
        raise errors.project_denied(parts[0], "bigquery.datasets.create")
    return parts[-1]


def resolve(tree: exp.Expr, scope: Scope, targets: tuple[exp.Table, ...] = ()) -> None:
    """Put every table of the tree in DuckDB's words; `targets` are done by the caller."""
    for node in list(tree.find_all(exp.Table)):
        if any(node is target for target in targets):
            continue
        _refuse_odd(node, scope)
        if _names_a_cte(node):
            continue
        if information_schema.is_view(node):
            node.replace(information_schema.rows(node, scope.catalog, scope.caller))
            continue
        if meta_tables.is_named(node):
            dataset = full_name(node, scope).dataset
            scope.dataset(dataset)
            node.replace(
                meta_tables.rows(node, dataset, scope.catalog, scope.caller, scope.measured)
            )
            continue
        put_place(node, full_name(scope=scope, node=node), scope)


def put_place(node: exp.Table, name: Name, scope: Scope) -> None:
    """Point a source node to the table's place in DuckDB, under the name it had."""
    found = scope.source(name)
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(found.id, quoted=True))
    node.set("alias", alias)
    point(node, name)


def point(node: exp.Table, name: Name) -> None:
    """Give a table node DuckDB's full name."""
    node.set("this", exp.to_identifier(name.table, quoted=True))
    node.set("db", exp.to_identifier(name.dataset, quoted=True))
    node.set("catalog", exp.to_identifier(NAME, quoted=True))


def _refuse_odd(node: exp.Table, scope: Scope) -> None:
    if not isinstance(node.this, exp.Identifier | exp.Dot):
        called = node.this.name if isinstance(node.this, exp.Anonymous) else node.this.key.upper()
        place = place_of(scope.sql, node)
        raise invalid_query(f"Table-valued function not found: {called}{place}")
    for name in ("version", "when", "pivots", "changes"):
        if node.args.get(name):
            raise not_imitated("time travel and pivots")


def _names_a_cte(node: exp.Table) -> bool:
    if len(node.parts) != 1:
        return False
    query: exp.Expr | None = node
    while query is not None:
        clause = query.args.get("with_") or query.args.get("with")
        if isinstance(clause, exp.With) and any(
            cte.alias.lower() == node.name.lower() for cte in clause.expressions
        ):
            return True
        query = query.parent
    return False
