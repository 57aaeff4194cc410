"""What is asked of BigQuery, as SQL: by a run, a dry run and the questions about a cursor."""

from collections.abc import Iterator, Sequence

from connections.bigquery import quoted
from imports.mapping import parts_of
from imports.models import Import
from imports.sql_text import in_brackets


class ColumnUnusable(Exception):
    """A column's name cannot stand in a query; the message is fit for the user."""


def source_of(parent: Import) -> str:
    """The FROM part of a query over what the import reads: its table, or its query in brackets."""
    place = parent.connection
    return source(place.project_id, place.dataset_id, table_id=parent.table_id, sql=parent.sql)


def source(project_id: str, dataset_id: str, *, table_id: str, sql: str) -> str:
    """As ``source_of``. Raises: BigQueryRefused (name_invalid), if the table has no such name."""
    return in_brackets(sql) if sql else quoted(project_id, dataset_id, table_id)


def selected(names: Sequence[str]) -> str:
    """What stands behind SELECT, one expression for each name, in their order.

    A field of a STRUCT gets a name of its own, because the fields of two STRUCTs may be
    called the same; ``imports.mapping.named`` gives the result its names back.
    Raises: ColumnUnusable.
    """
    return ", ".join(_expressions(names))


def cells_of(names: Sequence[str]) -> dict[str, str]:
    """By column, the short name that ``checked_cells`` gives its cell."""
    return {name: f"cell_{number}" for number, name in enumerate(names)}


def checked_cells(names: Sequence[str]) -> str:
    """As ``selected``, under the names of ``cells_of``. Raises: ColumnUnusable."""
    return ", ".join(f"{path(name)} AS {cell}" for name, cell in cells_of(names).items())


def _expressions(names: Sequence[str]) -> Iterator[str]:
    taken = {name.casefold() for name in names}
    for number, name in enumerate(names):
        alias = f"field_{number}"
        while alias in taken:
            alias += "_"
        yield path(name) if len(parts_of(name)) == 1 else f"{path(name)} AS `{alias}`"


def path(name: str) -> str:
    """A column as it stands in a query; a field of a STRUCT by its way. Raises: ColumnUnusable."""
    return ".".join(f"`{_safe(part)}`" for part in parts_of(name))


def _safe(column: str) -> str:
    if not column or "`" in column or "\\" in column or not column.isprintable():
        raise ColumnUnusable(f"The column name {column!r} cannot be used in a query.")
    return column
