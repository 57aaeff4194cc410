"""Rows as Arrow record batches, typed as BigQuery types them. DuckDB makes the columns.

https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details
"""

from collections.abc import Iterator

import pyarrow as pa

from sandbox.google.catalog import Table
from sandbox.google.schema import NUMERIC, Field, quoted
from sandbox.google.warehouse import Warehouse, place

_ROWS = 4096
_MOST_BYTES = 4 * 1024 * 1024

_ARROW = {
    "STRING": pa.string(), "INTEGER": pa.int64(), "FLOAT": pa.float64(), "BOOLEAN": pa.bool_(),
    "BYTES": pa.binary(), "DATE": pa.date32(), "DATETIME": pa.timestamp("us"),
    "TIME": pa.time64("us"), "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "NUMERIC": pa.decimal128(38, 9), "BIGNUMERIC": pa.decimal256(76, 38), "JSON": pa.string(),
    "GEOGRAPHY": pa.string(),
}  # fmt: skip
# What Arrow has no type of its own for, BigQuery tells in the field's metadata.
_EXTENSIONS = {
    "DATETIME": "google:sqlType:datetime",
    "GEOGRAPHY": "google:sqlType:geography",
    "JSON": "google:sqlType:json",
}


def schema_of(fields: tuple[Field, ...]) -> pa.Schema:
    """The Arrow schema of a table with these fields."""
    return pa.schema([_field(one) for one in fields])


def batches(
    warehouse: Warehouse, table: Table, fields: tuple[Field, ...], span: range, *, dense: bool
) -> Iterator[pa.RecordBatch]:
    """The rows of the span in the table's order, in batches fit for one message each."""
    if not span:
        return
    schema = schema_of(fields)
    cursor = warehouse.cursor()
    try:
        reader = cursor.sql(_query(table, fields, span, dense=dense)).to_arrow_reader(_ROWS)
        for batch in reader:
            yield from _cut(batch.rename_columns(schema.names).cast(schema))
    finally:
        cursor.close()


def _field(field: Field, *, in_record: bool = False) -> pa.Field:
    extension = _EXTENSIONS.get(field.type)
    metadata = {"ARROW:extension:name": extension} if extension else None
    kind = _type(field)
    if field.mode == "REPEATED":
        kind = pa.list_(pa.field("item", kind, metadata=metadata))
        metadata = None
    # An array is never NULL. In Arrow, one inside a record that is NULL is.
    nullable = field.mode == "NULLABLE" or in_record
    return pa.field(field.name, kind, nullable=nullable, metadata=metadata)


def _type(field: Field) -> pa.DataType:
    if field.type == "RECORD":
        return pa.struct([_field(one, in_record=True) for one in field.fields])
    return _ARROW[field.type]


def _query(table: Table, fields: tuple[Field, ...], span: range, *, dense: bool) -> str:
    columns = ", ".join(
        f"{_column(one, quoted(one.name), 0)} AS c{number}" for number, one in enumerate(fields)
    )
    if dense:
        which = f"WHERE rowid >= {span.start} AND rowid < {span.stop}"
    else:
        which = f"LIMIT {len(span)} OFFSET {span.start}"
    return f"SELECT {columns} FROM {place(table)} {which}"  # noqa: S608 - quoted by `place`


def _column(field: Field, value: str, depth: int) -> str:
    """SQL for the value as it travels: no array is NULL, and JSON is text."""
    if field.mode == "REPEATED":
        element, item = field.element(), f"x{depth}"
        if _travels_as_it_is(element):
            return f"coalesce({value}, CAST([] AS {field.duckdb_type()}))"
        inner = _column(element, item, depth + 1)
        return f"coalesce(list_transform({value}, lambda {item}: {inner}), [])"
    if field.type == "RECORD" and not _travels_as_it_is(field):
        parts = ", ".join(
            f"{quoted(one.name)} := {_column(one, f'{value}.{quoted(one.name)}', depth)}"
            for one in field.fields
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({parts}) END"
    if field.type == "JSON":
        return f"CAST(json({value}) AS VARCHAR)"
    return f"CAST({value} AS {NUMERIC})" if field.type == "NUMERIC" else value


def _travels_as_it_is(field: Field) -> bool:
    if field.mode == "REPEATED" or field.type in ("JSON", "NUMERIC"):
        return False
    return all(map(_travels_as_it_is, field.fields))


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Halves, and halves of them, until each is small enough or one row."""
    if batch.num_rows <= 1 or batch.nbytes <= _MOST_BYTES:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _cut(batch.slice(0, half))
    yield from _cut(batch.slice(half))
