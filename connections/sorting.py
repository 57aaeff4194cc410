"""The columns of Import Connections and the orders they can be put in.

Every order ends with the id, so no row is on two pages. Which index serves which order:
``connection_newest_first`` Connected On, the unique ``name_key`` Name; the others sort.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from connections import status
from connections.models.connection import ConnectionQuerySet


@dataclass(frozen=True)
class Column:
    """A column; ``field`` is what it is sorted by, empty for one that is not."""

    name: str
    label: str
    field: str = ""
    begins_descending: bool = False
    is_numeric: bool = False


# Names are long: those of one group share a column, in two lines.
GROUPS = (
    (Column("name", "Name", "name_key"),),
    (Column("project", "Project", "project_id"), Column("dataset", "Dataset", "dataset_id")),
    (Column("location", "Location", "location"),),
    (Column("status", "Status", "badge"),),
    (Column("tested", "Last tested", "latest_test__finished_at", begins_descending=True),),
    (Column("imports", "Imports", is_numeric=True),),
    (
        Column("connected_on", "Connected On", "created_at", begins_descending=True),
        Column("connected_by", "Connected By", "created_by__email"),
    ),
)
COLUMNS = tuple(column for group in GROUPS for column in group)
DEFAULT = "-connected_on"
_FIELDS = {column.name: column.field for column in COLUMNS if column.field}
# What the address may say: the name of a column, with a minus for descending.
SORTS = (*_FIELDS, *(f"-{name}" for name in _FIELDS))


def in_order(connections: ConnectionQuerySet, sort: str) -> ConnectionQuerySet:
    """The connections in the order of ``sort``, one of ``SORTS``; never tested is last."""
    is_descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name == "status":
        connections = status.with_badge(connections)
    field = F(_FIELDS[name])
    empty = {"nulls_last": True} if name == "tested" else {}
    if is_descending:
        return connections.order_by(field.desc(**empty), "id")
    return connections.order_by(field.asc(**empty), "-id")


def next_sort(column: Column, sort: str) -> str:
    """What a press on the column's head asks for: the other direction once it is sorted."""
    if sort.removeprefix("-") == column.name:
        return column.name if sort.startswith("-") else f"-{column.name}"
    return f"-{column.name}" if column.begins_descending else column.name


def direction(column: Column, sort: str) -> str:
    """The column's ``aria-sort``; empty when the list is sorted by another."""
    if sort.removeprefix("-") != column.name:
        return ""
    return "descending" if sort.startswith("-") else "ascending"


def heads(
    columns: Sequence[Column], sort: str, url: Callable[[dict[str, str]], str]
) -> list[dict[str, Any]]:
    """The heads of the table; ``url`` gives the address of the list with another order."""
    return [
        {
            "label": column.label,
            "is_numeric": column.is_numeric,
            "direction": direction(column, sort),
            "url": column.field and url({"sort": next_sort(column, sort)}),
        }
        for column in columns
    ]
