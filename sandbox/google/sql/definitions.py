"""CREATE and DROP of tables, views and schemas: what is asked for, and the right to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp

from sandbox.google import errors
from sandbox.google.accounts import PROJECT
from sandbox.google.errors import invalid, invalid_query, not_imitated
from sandbox.google.schema import Field, type_name
from sandbox.google.sql.names import Name, Scope, full_name, schema_name

_TYPE_NAMES = {
    "BIGINT": "INTEGER", "INT": "INTEGER", "DOUBLE": "FLOAT", "TEXT": "STRING",
    "VARCHAR": "STRING", "VARBINARY": "BYTES", "BINARY": "BYTES", "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC", "TIMESTAMPTZ": "TIMESTAMP", "TIMESTAMP": "DATETIME",
    "DATETIME": "DATETIME", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME",
    "JSON": "JSON", "GEOGRAPHY": "GEOGRAPHY",
}  # fmt: skip
_KINDS = frozenset({"TABLE", "VIEW", "SCHEMA"})


@dataclass
class Definition:
    """One CREATE or DROP. `present` tells whether its object is there already."""

    kind: str
    name: Name
    present: bool = False
    replace: bool = False
    if_exists: bool = False
    fields: tuple[Field, ...] = ()
    query: exp.Query | None = None
    query_sql: str = ""
    location: str | None = None
    expires: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_view(self) -> bool:
        """Whether it makes a view."""
        return self.kind == "CREATE_VIEW"

    @property
    def skips(self) -> bool:
        """Whether IF [NOT] EXISTS leaves nothing to do."""
        creates = self.kind.startswith("CREATE")
        return self.if_exists and (self.present if creates else not self.present)

    @property
    def operation(self) -> str:
        """The job statistics' ddlOperationPerformed."""
        if self.skips:
            return "SKIP"
        if self.kind.startswith("DROP"):
            return "DROP"
        return "REPLACE" if self.replace and self.present else "CREATE"


def target_of(tree: exp.Expr) -> exp.Table:
    """The table that DML changes. Raises: ApiError when there is not exactly one."""
    node = tree.expressions[0] if isinstance(tree, exp.TruncateTable) else tree.this
    if isinstance(node, exp.Schema):
        node = node.this
    if not isinstance(node, exp.Table):
        raise invalid_query("Syntax error: the statement names no table")
    return node


def need_table(scope: Scope, name: Name) -> None:
    """Raises: ApiError (notFound) unless the table is there; views cannot be changed."""
    found = scope.catalog.table(name.dataset, name.table)
    if found is None:
        where = f"{PROJECT}:{name.dataset}.{name.table}"
        raise errors.not_found("Table", where, scope.location)
    if found.view is not None:
        raise invalid(f"{PROJECT}:{name.dataset}.{name.table} is not allowed for this operation "
                      "because it is currently a VIEW.")  # fmt: skip


def read(tree: exp.Create | exp.Drop, scope: Scope) -> Definition:
    """The definition, with the right to it checked. Raises: ApiError."""
    kind = str(tree.args.get("kind") or "").upper()
    if kind not in _KINDS:
        raise not_imitated(f"{tree.key.upper()} {kind}")
    _refuse_variants(tree)
    verb = "DROP" if isinstance(tree, exp.Drop) else "CREATE"
    if kind == "SCHEMA":
        return _schema(tree, scope, verb)
    name = full_name(_target(tree), scope)
    scope.dataset(name.dataset)
    found = scope.catalog.table(name.dataset, name.table)
    definition = Definition(
        kind=f"{verb}_{kind}",
        name=name,
        present=found is not None,
        replace=bool(tree.args.get("replace")),
        if_exists=bool(tree.args.get("exists")),
    )
    if verb == "CREATE":
        scope.caller.need_dataset("bigquery.tables.create", name.dataset)
        _read_create(tree, definition)
    else:
        scope.caller.need_table("bigquery.tables.delete", name.dataset, name.table)
        if found is not None and (found.view is not None) != (kind == "VIEW"):
            raise invalid(f"Cannot drop {_said(name)}: it is not a {kind.lower()}.")
    _refuse_presence(definition, verb, scope)
    return definition


def _target(tree: exp.Create | exp.Drop) -> exp.Table:
    """What the statement is about; BigQuery drops one object at a time."""
    found = (tree.args.get("tables") or []) if isinstance(tree, exp.Drop) else [tree.this]
    node = found[0].this if found and isinstance(found[0], exp.Schema) else next(iter(found), None)
    if len(found) != 1 or not isinstance(node, exp.Table):
        raise invalid_query("Syntax error: Expected one name of a table, view or schema")
    return node


def _schema(tree: exp.Create | exp.Drop, scope: Scope, verb: str) -> Definition:
    name = schema_name(_target(tree))
    found = scope.catalog.dataset(name)
    if verb == "CREATE":
        scope.caller.need_project("bigquery.datasets.create")
    else:
        scope.caller.need_dataset("bigquery.datasets.delete", name)
    options = _options(tree)
    location = str(options.get("location") or scope.location or "US").upper()
    definition = Definition(
        kind=f"{verb}_SCHEMA",
        name=Name(name, ""),
        present=found is not None,
        if_exists=bool(tree.args.get("exists")),
        location=found.location if found else location,
    )
    _refuse_presence(definition, verb, scope)
    filled = verb == "DROP" and scope.catalog.tables(name) and not tree.args.get("cascade")
    if filled:
        raise invalid(f"Dataset {PROJECT}:{name} is still in use")
    return definition


def _refuse_presence(definition: Definition, verb: str, scope: Scope) -> None:
    if definition.skips or definition.replace:
        return
    name = definition.name
    kind = "Table" if name.table else "Dataset"
    if verb == "CREATE" and definition.present:
        raise errors.duplicate(kind, _said(name))
    if verb == "DROP" and not definition.present:
        raise errors.not_found(kind, _said(name), scope.location)


def _said(name: Name) -> str:
    return f"{PROJECT}:{name.dataset}" + (f".{name.table}" if name.table else "")


def _refuse_variants(tree: exp.Create | exp.Drop) -> None:
    properties = tree.args.get("properties")
    found = properties.expressions if properties is not None else []
    for one in found:
        if isinstance(one, exp.TemporaryProperty | exp.LikeProperty | exp.MaterializedProperty):
            raise not_imitated("temporary, copied and materialized tables")
    if tree.args.get("clone") or tree.args.get("materialized") or tree.args.get("temporary"):
        raise not_imitated("temporary, copied and materialized tables")


def _read_create(tree: exp.Create | exp.Drop, definition: Definition) -> None:
    if isinstance(tree.this, exp.Schema) and not definition.is_view:
        parts = tree.this.expressions
        definition.fields = tuple(_column(one) for one in parts if isinstance(one, exp.ColumnDef))
    query = tree.args.get("expression")
    if isinstance(query, exp.Query):
        definition.query = query
        definition.query_sql = query.sql(dialect="bigquery")
        if definition.kind == "CREATE_TABLE":
            definition.kind = "CREATE_TABLE_AS_SELECT"
    elif not definition.fields:
        raise invalid_query("CREATE TABLE needs a list of columns or a query")
    options = _options(tree)
    if "expiration_timestamp" in options:
        definition.expires = _milliseconds(str(options["expiration_timestamp"]))
    definition.extra |= _partitioning(tree) | _demand(options)
    for name in ("description", "friendly_name"):
        if name in options:
            definition.extra["friendlyName" if "_" in name else name] = str(options[name])


def _partitioning(tree: exp.Expr) -> dict[str, Any]:
    """Kept as a description only: the sandbox reads all rows of any table."""
    found: dict[str, Any] = {}
    properties = tree.args.get("properties")
    for one in properties.expressions if properties is not None else []:
        if isinstance(one, exp.PartitionedByProperty):
            named = isinstance(one.this, exp.Column | exp.Identifier)
            column = one.this if named else one.this.find(exp.Column)
            if column is None:
                raise not_imitated("tables partitioned by ingestion time")
            found["timePartitioning"] = {"type": "DAY", "field": column.name}
        elif isinstance(one, exp.Cluster | exp.ClusterProperty):
            found["clustering"] = {"fields": [part.name for part in one.expressions]}
    return found


def _demand(options: dict[str, Any]) -> dict[str, bool]:
    asked = str(options.get("require_partition_filter")).lower() == "true"
    return {"requirePartitionFilter": True} if asked else {}


def _options(tree: exp.Expr) -> dict[str, Any]:
    properties = tree.args.get("properties")
    found: dict[str, Any] = {}
    for one in properties.expressions if properties is not None else []:
        if isinstance(one, exp.LocationProperty):
            found["location"] = one.this.name
        elif isinstance(one, exp.Property):
            value = one.args.get("value") or one.this
            if isinstance(value, exp.Cast):
                value = value.this
            if isinstance(value, exp.Expr):
                written = str(value.this) if isinstance(value, exp.Boolean) else value.name
                found[one.name.lower() or str(one.this).lower()] = written
    return found


def _milliseconds(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        raise invalid_query(f"Invalid timestamp: '{text}'") from None


def _column(node: exp.ColumnDef) -> Field:
    constraints = node.args.get("constraints") or []
    required = any(isinstance(one.kind, exp.NotNullColumnConstraint) for one in constraints)
    if node.kind is None:
        raise invalid_query(f"Column {node.name} has no type")
    return _typed(node.name, node.kind, required=required)


def _typed(name: str, kind: exp.DataType, *, required: bool = False) -> Field:
    mode = "REQUIRED" if required else "NULLABLE"
    if kind.is_type("array"):
        inner = _typed(name, kind.expressions[0])
        return Field(name, inner.type, "REPEATED", inner.fields)
    if kind.is_type("struct"):
        nested = tuple(_typed(one.name, one.kind) for one in kind.expressions)
        return Field(name, "RECORD", mode, nested)
    written = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
    found = _TYPE_NAMES.get(written, type_name(written))
    if found not in _TYPE_NAMES.values():
        raise invalid_query(f"Type not found: {written}")
    return Field(name, found, mode)
