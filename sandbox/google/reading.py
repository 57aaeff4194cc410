"""Rows of a table as pages of the API's JSON, encoded by DuckDB and cut by size."""

from dataclasses import dataclass

import duckdb

from sandbox.google.catalog import Table
from sandbox.google.cells import row_sql
from sandbox.google.listing import make_token
from sandbox.google.schema import Field
from sandbox.google.warehouse import Warehouse, place

MEGABYTE = 1024 * 1024
TABLEDATA_LIMIT = 10 * MEGABYTE
RESULTS_LIMIT = 20 * MEGABYTE
_CHUNK = 5000


@dataclass(frozen=True)
class Wanted:
    """Which rows: from `start`, at most `most`, until the page has `limit` bytes."""

    start: int
    most: int | None
    limit: int
    timestamps_as_int: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Page:
    """The JSON of each row in UTF-8, in the table's order, and the token of the next page."""

    rows: list[bytes]
    token: str | None


def read_page(warehouse: Warehouse, table: Table, total: int, wanted: Wanted) -> Page:
    """One page of a table of `total` rows; at least one row when any is left."""
    most = total if wanted.most is None else wanted.most
    end = min(total, wanted.start + most)
    rows: list[bytes] = []
    size = 0
    cursor = warehouse.cursor()
    position = wanted.start
    dense = warehouse.is_dense(table, total)
    while position < end and size < wanted.limit:
        chunk = _chunk(cursor, table, wanted, (position, min(position + _CHUNK, end)), dense=dense)
        for (text,) in chunk:
            row = text.encode()
            size += len(row) + 1
            if size >= wanted.limit and rows:
                break
            rows.append(row)
            position += 1
        if not chunk:
            break
    cursor.close()
    more = position < total and most > 0
    return Page(rows, make_token(position) if more else None)


def _chunk(
    cursor: duckdb.DuckDBPyConnection,
    table: Table,
    wanted: Wanted,
    part: tuple[int, int],
    *,
    dense: bool,
) -> list[tuple[str]]:
    first, end = part
    encoded = row_sql(wanted.fields, timestamps_as_int=wanted.timestamps_as_int)
    if dense:
        which = f"WHERE rowid >= {first} AND rowid < {end}"
    else:
        which = f"LIMIT {end - first} OFFSET {first}"
    query = f"SELECT {encoded} FROM {place(table)} {which}"  # noqa: S608 - quoted by `place`
    return cursor.execute(query).fetchall()
