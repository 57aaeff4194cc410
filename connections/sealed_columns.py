"""Every sealed column of every model: found, counted, verified, moved to the first key.

For the operator's command and the check at start. Found by introspection, so that a new
column cannot be forgotten. Gives away counts, tables and row ids; never a value.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models.functions import Substr

from connections import encryption
from connections.encryption import CannotOpen, SealContext, Unreadable
from connections.fields import SealedTextField

_CHUNK = 200
_SAMPLE = 20
# Counted under this, where the start of a value names no key that this program knows.
UNREADABLE_FORM = "?"


class SealedColumn(NamedTuple):
    """One column of one model."""

    model: type[models.Model]
    field: SealedTextField

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def rows(self) -> models.QuerySet[Any]:
        """The rows that hold a value, in the order of their keys."""
        holds = {f"{self.field.name}__isnull": False}
        return self.model._base_manager.filter(**holds).order_by("pk")

    def context(self, pk: object) -> SealContext:
        """Where the value of that row opens; equal to what the model itself says."""
        return SealContext(
            table=self.model._meta.db_table, column=str(self.field.column), row=str(pk)
        )


class Damaged(NamedTuple):
    """A stored value that does not open."""

    column: SealedColumn
    row: str
    reason: Unreadable


class Rotation(NamedTuple):
    """What a rotation did: values moved, values somebody changed meanwhile, damaged ones."""

    moved: int
    changed: int
    damaged: list[Damaged]


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of the installed apps."""
    return [
        SealedColumn(model, field)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedTextField)
    ]


def count_by_key_id(column: SealedColumn) -> Counter[str]:
    """How many values each key of the ring wraps; an unreadable form counts as ``?``."""
    start = Substr(column.field.name, 1, encryption.PREFIX_LENGTH)
    starts = column.rows().order_by().values_list(start, flat=True)
    return Counter(_key_id(text) for text in starts.iterator(chunk_size=2000))


def find_damaged(column: SealedColumn) -> Iterator[Damaged]:
    """Open every value of the column and name those that do not open."""
    for pk, value in column.rows().values_list("pk", column.field.name).iterator(_CHUNK):
        try:
            encryption.open_sealed(value, column.context(pk))
        except CannotOpen as refused:
            yield Damaged(column, str(pk), refused.reason)


def opens_any(column: SealedColumn, key_id: str) -> bool:
    """Whether one of the first values under the key opens, so that id and key belong together.

    One damaged row must not stand for all: it shows on its own connection.
    """
    with_key = {f"{column.field.name}__startswith": f"{encryption.VERSION}.{key_id}."}
    sample = column.rows().filter(**with_key).values_list("pk", column.field.name)[:_SAMPLE]
    return any(_opens(column, pk, value) for pk, value in sample)


def _opens(column: SealedColumn, pk: object, value: str) -> bool:
    try:
        encryption.open_sealed(value, column.context(pk))
    except CannotOpen:
        return False
    return True


def rotate(column: SealedColumn, *, limit: int | None = None, dry_run: bool = False) -> Rotation:
    """Wrap values under older keys with the first key, one row at a time.

    Restartable: what is left is found by looking. A row that somebody changes in between
    is left as it is, because their value is newer. Values under keys that are lost stay
    where they are. ``dry_run`` opens and writes nothing.
    """
    moved = changed = 0
    damaged: list[Damaged] = []
    for pk, value in _under_older_keys(column):
        if limit is not None and moved >= limit:
            break
        try:
            renewed = encryption.rewrap(value, column.context(pk))
        except CannotOpen as refused:
            damaged.append(Damaged(column, str(pk), refused.reason))
            continue
        if dry_run or _replace(column, pk, value, renewed):
            moved += 1
        else:
            changed += 1
    return Rotation(moved, changed, damaged)


def _under_older_keys(column: SealedColumn) -> Iterator[tuple[Any, str]]:
    """Row and value, a short read at a time, so that no cursor stays open while writing."""
    ring, name = encryption.current_ring(), column.field.name
    left = column.rows()
    for key_id in (ring.first_id, *ring.lost):
        left = left.exclude(**{f"{name}__startswith": f"{encryption.VERSION}.{key_id}."})
    after = None
    while True:
        page = left if after is None else left.filter(pk__gt=after)
        rows = list(page.values_list("pk", name)[:_CHUNK])
        if not rows:
            return
        yield from rows
        after = rows[-1][0]


def _replace(column: SealedColumn, pk: object, old: str, new: str) -> bool:
    name = column.field.name
    same = column.model._base_manager.filter(**{"pk": pk, name: old})
    return bool(same.update(**{name: new}))


def _key_id(start: str) -> str:
    parts = start.split(".")
    return parts[1] if len(parts) >= 3 and parts[0] == encryption.VERSION else UNREADABLE_FORM
