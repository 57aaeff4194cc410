"""The UPDATE that an owner makes of its run, with its text put together once for each shape.

With each group of requests the row of the run is written. Django makes such a statement anew
each time, which costs many times what the database takes for it (ADR 36). This is the same
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


def update_owned(
    run: "Run", values: Mapping[str, Any], *, extends: bool = False, unless_stopping: bool = False
) -> bool | None:
    """Whether the row was written: it is still this owner's. None: Django has to write it.

    ``extends``: its lease, too. ``unless_stopping``: only while no stop is pending.
    """
    if not (values or extends) or any(isinstance(value, Model) for value in values.values()):
        return None
    added = {name: _added(name, value) for name, value in values.items() if _is_expression(value)}
    if None in added.values():
        return None
    # The connection of this thread, looked up once: the common name for it costs with each use.
    db: Any = connections[DEFAULT_DB_ALIAS]
    sql, lease = _statement(
        type(run),
        tuple(values),
        frozenset(added),
        (settings.RUN_LEASE_SECONDS, db.vendor) if extends else None,
        unless_stopping,
    )
    fields: Any = run._meta
    prepared = [
        added[name] if name in added else fields.get_field(name).get_db_prep_save(value, db)
        for name, value in values.items()
    ]
    key = fields.get_field("id").get_db_prep_save(run.pk, db)
    with db.cursor() as cursor:
        cursor.execute(sql, [*prepared, *lease, key, run.State.RUNNING.value, run.fence])
        return bool(cursor.rowcount)


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
    model: type["Run"],
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
    mine = [f"{_quoted(model, name)} = %s" for name in ("id", "state", "fence")]
    if unless_stopping:
        mine.append(f"{_quoted(model, 'stop_requested_at')} IS NULL")
    sql = f"UPDATE imports_run SET {', '.join(parts)} WHERE {' AND '.join(mine)}"  # noqa: S608 - names of columns
    return sql, tuple(filled)


def _quoted(model: type["Run"], name: str) -> str:
    field: Any = model._meta.get_field(name)
    column: str = connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column)
    return column
