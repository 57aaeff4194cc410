"""The two statements that write batches, with their text put together once.

For each group of requests some batches are inserted, and some are updated. Django would put such a
statement together anew each time, field by field, at many times the cost (ADR 30, 40). Their
columns come from the model.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from imports.models.owned_update import Statement

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
    with db.cursor() as cursor:
        if db.vendor == "postgresql":
            # Not executemany: psycopg's leaves the connection such that the server does not end its
            # session any more when it stands still in the transaction (ADR 3, settings).
            cursor.execute(*insert_of_all(batches))
        else:
            cursor.executemany(_insert_each(type(batches[0])), _prepared(INTENT, batches, db))


def update(batches: Sequence["Batch"]) -> None:
    """Write what ``ANSWER`` names of batches that are there, by their id."""
    if not batches:
        return
    db: Any = connections[DEFAULT_DB_ALIAS]
    with db.cursor() as cursor:
        if db.vendor == "postgresql":
            cursor.execute(*update_of_all(batches))
        else:
            rows = _prepared((*ANSWER, _KEY), batches, db)
            cursor.executemany(_update_each(type(batches[0])), rows)


def insert_of_all(batches: Sequence["Batch"]) -> Statement:
    """For PostgreSQL: one statement for all, which may go on with a condition."""
    return _insert_from(type(batches[0])), _arrays(INTENT, batches)


def update_of_all(batches: Sequence["Batch"]) -> Statement:
    """For PostgreSQL: one statement for all, which may go on with one more condition."""
    return _update_from(type(batches[0])), _arrays((*ANSWER, _KEY), batches)


def _arrays(names: Sequence[str], batches: Sequence["Batch"]) -> list[str]:
    """Column by column, as PostgreSQL writes arrays.

    However many batches there are, the statement is the same one. psycopg takes a statement to pieces
    anew each time if it is long or has more than 50 values, which costs more than all else here.
    """
    return [f"{{{','.join([_element(getattr(one, name)) for one in batches])}}}" for name in names]


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _prepared(names: Sequence[str], batches: Sequence["Batch"], db: Any) -> list[list[Any]]:
    """Row by row, as SQLite holds them. Each field's own ``get_db_prep_save`` says the same, slowly."""
    moment = db.ops.adapt_datetimefield_value
    return [[_as_held(getattr(batch, name), moment=moment) for name in names] for batch in batches]


def _as_held(value: Any, *, moment: Callable[[datetime], str]) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return moment(value) if isinstance(value, datetime) else value


@lru_cache(maxsize=8)
def _insert_each(model: type["Batch"]) -> str:
    columns, defaults = _columns_of_new(model)
    values = ", ".join([*["%s"] * len(INTENT), *defaults])
    return f"INSERT INTO {_table(model)} ({columns}) VALUES ({values})"  # noqa: S608 - names of columns


@lru_cache(maxsize=8)
def _insert_from(model: type["Batch"]) -> str:
    columns, defaults = _columns_of_new(model)
    given = [_column(model, name) for name in INTENT]
    values = ", ".join([*given, *defaults])
    begun = _rows_of(model, INTENT, name="begun")
    return f"INSERT INTO {_table(model)} ({columns}) SELECT {values} FROM {begun}"  # noqa: S608 - names of columns


def _rows_of(model: type["Batch"], names: Sequence[str], *, name: str) -> str:
    """Rows made of arrays, one of each column."""
    db: Any = connections[DEFAULT_DB_ALIAS]
    arrays = [f"%s::{_field(model, one).cast_db_type(db)}[]" for one in names]
    columns = ", ".join(_column(model, one) for one in names)
    return f"UNNEST({', '.join(arrays)}) AS {name} ({columns})"


def _columns_of_new(model: type["Batch"]) -> tuple[str, list[str]]:
    """All columns, those of ``INTENT`` first, and what stands for the others."""
    others: list[Any] = [
        field for field in model._meta.concrete_fields if field.attname not in INTENT
    ]
    names = (*INTENT, *(field.attname for field in others))
    columns = ", ".join(_column(model, name) for name in names)
    return columns, [_literal(one.get_default()) for one in others]


@lru_cache(maxsize=8)
def _update_each(model: type["Batch"]) -> str:
    changes = ", ".join(f"{_column(model, name)} = %s" for name in ANSWER)
    return f"UPDATE {_table(model)} SET {changes} WHERE {_column(model, _KEY)} = %s"  # noqa: S608 - names of columns


@lru_cache(maxsize=8)
def _update_from(model: type["Batch"]) -> str:
    table, key = _table(model), _column(model, _KEY)
    changes = ", ".join(f"{_column(model, name)} = told.{_column(model, name)}" for name in ANSWER)
    told = _rows_of(model, (*ANSWER, _KEY), name="told")
    return f"UPDATE {table} SET {changes} FROM {told} WHERE {table}.{key} = told.{key}"  # noqa: S608 - names of columns


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
