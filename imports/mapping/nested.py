"""Fields of STRUCT columns as columns of their own, named by their path: ``address.city``.

BigQuery allows no dot in a name, so a path stands for one field and nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from imports.mapping.columns import Column, ColumnLike, Family, family_of, is_repeated

SEPARATOR = "."


def flat_columns(columns: Sequence[ColumnLike], above: str = "") -> list[Column]:
    """The columns with each STRUCT replaced by its fields, in order and at any depth.

    A list of STRUCTs stays one column, because it has no single value for a field.
    """
    flat: list[Column] = []
    for column in columns:
        name = f"{above}{column.name}"
        if _is_opened(column):
            flat += flat_columns(column.fields, f"{name}{SEPARATOR}")
        else:
            flat.append(Column(name, column.type, column.mode, tuple(column.fields)))
    return flat


def flat_rows(columns: Sequence[ColumnLike], rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows of ``columns`` as rows of ``flat_columns(columns)``; cells as REST gives them.

    A field of a NULL is NULL. A cell of another shape than its column stands for each of
    its fields, and a row of another width stays as it is: the rules refuse both.
    """
    width = len(columns)
    return [list(_flat(columns, row)) if len(row) == width else list(row) for row in rows]


def parts_of(name: str) -> tuple[str, ...]:
    """The names along a path: of a column that is not nested, its own."""
    return tuple(name.split(SEPARATOR))


def named(columns: Sequence[ColumnLike], names: Sequence[str]) -> list[Column]:
    """The columns of a query's result under the names of the mapping that asked for them.

    A result cannot have a column that is called by a path. Columns beyond the names keep
    their own.
    """
    all_names = [*names, *(column.name for column in columns[len(names) :])]
    return [
        Column(name, column.type, column.mode, tuple(column.fields))
        for name, column in zip(all_names, columns, strict=False)
    ]


def _is_opened(column: ColumnLike) -> bool:
    return family_of(column) is Family.NESTED and not is_repeated(column) and bool(column.fields)


def _flat(columns: Sequence[ColumnLike], cells: Sequence[Any]) -> Iterator[Any]:
    for column, cell in zip(columns, cells, strict=True):
        if not _is_opened(column):
            yield cell
            continue
        inner = cell.get("f") if isinstance(cell, dict) else None
        if isinstance(inner, list) and len(inner) == len(column.fields):
            yield from _flat(column.fields, [field["v"] for field in inner])
        else:
            yield from [cell] * len(flat_columns(column.fields))
