"""The UPDATE that an owner makes of its run or shard, with its text put together once for each shape.

With each group of requests that row is written. Django makes such a statement anew each time,
which costs many times what the database takes for it (ADR 36). This is the same
statement, and whatever is not a value, or a number added to a column, is left to Django.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F, Model, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.sql import UpdateQuery

from imports.models.leases import lease_end

if TYPE_CHECKING:
    from imports.models.run import Run
    from imports.models.shard import Shard

Statement = tuple[str, list[Any]]  # with what stands in it


def update_owned(
    work: "Run | Shard",
    values: Mapping[str, Any],
    *,
    extends: bool = False,
    unless_stopping: bool = False,
) -> bool | None:
    """Whether the row was written: it is still this owner's. None: Django has to write it.

    As ``owned_update``.
    """
    statement = owned_update(work, values, extends=extends, unless_stopping=unless_stopping)
    if statement is None:
        return None
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(*statement)
        return bool(cursor.rowcount)


def owned_update(
    work: "Run | Shard",
    values: Mapping[str, Any],
    *,
    extends: bool = False,
    unless_stopping: bool = False,
) -> Statement | None:
    """The statement that writes ``values`` if the row is still this owner's; None: Django has to.

    ``extends``: its lease, too. ``unless_stopping``: only while nothing says that its run is to end.
    """
    if not (values or extends) or any(isinstance(value, Model) for value in values.values()):
        return None
    added = {name: _added(name, value) for name, value in values.items() if _is_expression(value)}
    if None in added.values():
        return None
    # The connection of this thread, looked up once: the common name for it costs with each use.
    db: Any = connections[DEFAULT_DB_ALIAS]
    sql, lease = _statement(
        type(work),
        tuple(values),
        frozenset(added),
        (settings.RUN_LEASE_SECONDS, db.vendor) if extends else None,
        unless_stopping,
    )
    fields: Any = work._meta
    prepared = [
        added[name] if name in added else fields.get_field(name).get_db_prep_save(value, db)
        for name, value in values.items()
    ]
    key = fields.get_field("id").get_db_prep_save(work.pk, db)
    return sql, [*prepared, *lease, key, work.fence]


def _is_expression(value: Any) -> bool:
    return hasattr(value, "resolve_expression")


def _added(name: str, value: Any) -> int | None:
    """The number of ``F(name) + number``."""
    if not isinstance(value, CombinedExpression) or value.connector != value.ADD:
        return None
    column, number = value.lhs, value.rhs
    is_own = isinstance(column, F) and column == F(name)
    if is_own and isinstance(number, Value) and isinstance(number.value, int):
        return number.value
    return None


@lru_cache(maxsize=64)  # more than there are callers
def _statement(
    model: "type[Run | Shard]",
    names: tuple[str, ...],
    sums: frozenset[str],
    lease: tuple[int, str] | None,
    unless_stopping: bool,
) -> tuple[str, tuple[Any, ...]]:
    """The text, and what stands in it for the lease; ``lease``: what that depends on."""
    columns = {name: _quoted(model, name) for name in names}
    parts = [
        f"{column} = {column} + %s" if name in sums else f"{column} = %s"
        for name, column in columns.items()
    ]
    filled: tuple[Any, ...] = ()
    if lease is not None:
        query = UpdateQuery(model)
        end: Any = lease_end()
        end = end.resolve_expression(query, for_save=True)
        text, filled = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS]).compile(end)
        parts.append(f"{_quoted(model, 'lease_until')} = {text}")
    mine = " AND ".join(_mine(model, unless_stopping=unless_stopping))
    sql = f"UPDATE {model._meta.db_table} SET {', '.join(parts)} WHERE {mine}"  # noqa: S608 - names of columns
    return sql, tuple(filled)


def _mine(model: "type[Run | Shard]", *, unless_stopping: bool) -> list[str]:
    """Whose the row is; of a shard, that its run goes on as well. Filled: its key, and its fence."""
    own = [f"{_quoted(model, name)} = %s" for name in ("id", "fence")]
    if model._meta.model_name == "run":
        calm = ["stop_requested_at IS NULL"] if unless_stopping else []
        return [*own, "state = 'running'", *calm]
    calm = ["run.stop_requested_at IS NULL", "run.failure_code = ''"] if unless_stopping else []
    goes_on = " AND ".join(
        [f"run.id = {model._meta.db_table}.run_id", "run.state = 'running'", *calm]
    )
    return [*own, f"EXISTS (SELECT 1 FROM imports_run AS run WHERE {goes_on})"]  # noqa: S608 - names of columns


def _quoted(model: "type[Run | Shard]", name: str) -> str:
    field: Any = model._meta.get_field(name)
    column: str = connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column)
    return column
