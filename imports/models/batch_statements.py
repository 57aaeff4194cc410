"""The two statements that write batches, with their text put together once.

For each group of requests some batches are inserted, and some are updated. Django would put such a
statement together anew each time, field by field, at many times the cost (ADR 30, 40). Their
columns come from the model.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from imports.models.batch import Batch

# What a new batch says for itself; all else is what the model has for it.
INTENT = (
    *("id", "run_id", "first_row", "end_row"),
    *("record_count", "skipped_count", "sha256", "sent_at"),
)
ANSWER = ("state", "accepted_count", "refused_count", "milliseconds", "answered_at")
_KEY = "id"


def insert(batches: Sequence["Batch"]) -> None:
    """Write new ones. Of their values those that ``INTENT`` names are looked at."""
    if not batches:
        return
    # The connection of this thread, looked up once: the common name for it costs with each use.
    db: Any = connections[DEFAULT_DB_ALIAS]
    model = type(batches[0])
    head, row = _insert(model, db.vendor)
    rows = _prepared(model, INTENT, batches, db)
    with db.cursor() as cursor:
        if db.vendor == "postgresql":
            # Not executemany: psycopg's leaves the connection such that the server does not end its
            # session any more when it stands still in the transaction (ADR 3, settings).
            cursor.execute(f"{head} {_side_by_side(row, rows)}", _flat(rows))
        else:
            cursor.executemany(f"{head} {row}", rows)


def update(batches: Sequence["Batch"]) -> None:
    """Write what ``ANSWER`` names of batches that are there, by their id."""
    if not batches:
        return
    db: Any = connections[DEFAULT_DB_ALIAS]
    model = type(batches[0])
    rows = _prepared(model, (*ANSWER, _KEY), batches, db)
    with db.cursor() as cursor:
        if db.vendor == "postgresql":
            first, row, last = _update_from(model, db.vendor)
            cursor.execute(f"{first} {_side_by_side(row, rows)} {last}", _flat(rows))
        else:
            cursor.executemany(_update_each(model, db.vendor), rows)


def _side_by_side(row: str, rows: Sequence[Any]) -> str:
    return ", ".join([row] * len(rows))


def _flat(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [value for row in rows for value in row]


def _prepared(
    model: type["Batch"], names: tuple[str, ...], batches: Sequence["Batch"], db: Any
) -> list[list[Any]]:
    prepare = [(name, _field(model, name).get_db_prep_save) for name in names]
    return [[save(getattr(batch, name), db) for name, save in prepare] for batch in batches]


@lru_cache(maxsize=8)
def _insert(model: type["Batch"], _vendor: str) -> tuple[str, str]:
    """All but a row's values, and what stands for those."""
    others: list[Any] = [
        field for field in model._meta.concrete_fields if field.attname not in INTENT
    ]
    names = (*INTENT, *(field.attname for field in others))
    columns = ", ".join(_column(model, name) for name in names)
    values = ", ".join([*["%s"] * len(INTENT), *(_literal(one.get_default()) for one in others)])
    return f"INSERT INTO {_table(model)} ({columns}) VALUES", f"({values})"


@lru_cache(maxsize=8)
def _update_each(model: type["Batch"], _vendor: str) -> str:
    changes = ", ".join(f"{_column(model, name)} = %s" for name in ANSWER)
    return f"UPDATE {_table(model)} SET {changes} WHERE {_column(model, _KEY)} = %s"  # noqa: S608 - names of columns


@lru_cache(maxsize=8)
def _update_from(model: type["Batch"], _vendor: str) -> tuple[str, str, str]:
    """Before the rows of values, for each row, and behind them."""
    db: Any = connections[DEFAULT_DB_ALIAS]
    table, key = _table(model), _column(model, _KEY)
    types = {name: _field(model, name).cast_db_type(db) for name in (*ANSWER, _KEY)}
    changes = ", ".join(
        f"{_column(model, name)} = told.{_column(model, name)}::{types[name]}" for name in ANSWER
    )
    names = ", ".join(_column(model, name) for name in types)
    row = ", ".join(["%s"] * len(types))
    last = f") AS told ({names}) WHERE {table}.{key} = told.{key}::{types[_KEY]}"
    return f"UPDATE {table} SET {changes} FROM (VALUES", f"({row})", last  # noqa: S608 - names of columns


def _literal(value: Any) -> str:
    """Of the model's own defaults, which are numbers, plain words, or nothing."""
    if value is None:
        return "NULL"
    return str(int(value)) if isinstance(value, int) else f"'{value!s}'"


def _field(model: type["Batch"], name: str) -> Any:
    return model._meta.get_field(name.removesuffix("_id"))


def _column(model: type["Batch"], name: str) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(_field(model, name).column))


def _table(model: type["Batch"]) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table))
