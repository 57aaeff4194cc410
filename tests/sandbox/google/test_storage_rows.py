"""Rows over the Storage Read API are the rows that REST gives, in BigQuery's Arrow types."""

import json

import pyarrow as pa
import pytest
from google.api_core.exceptions import GoogleAPICallError, OutOfRange, ServiceUnavailable
from google.cloud.bigquery_storage_v1 import types

from sandbox.ledger import Filter
from tests.sandbox.google.storage import PROJECT, batches_of, reader, rows_of, schema_of, session_on

EVERY_TYPE = """
SELECT
  'Zoë "q"' AS text, 9007199254740993 AS whole, 1.5 AS real, TRUE AS yes, b'\\x00\\xff' AS raw,
  DATE '1970-01-01' AS day, DATETIME '2026-02-03 04:05:06.000007' AS local,
  TIME '23:59:59.999999' AS clock, TIMESTAMP '1969-12-31 23:59:59.5+00' AS instant,
  NUMERIC '-123456789012345678.123456789' AS money,
  CAST('12345678901234567.12345678901234567890' AS BIGNUMERIC) AS big,
  JSON '{"a": [1, null]}' AS document, ['x', 'y'] AS words,
  [STRUCT(1 AS n, NUMERIC '0.5' AS p), STRUCT(2, NULL)] AS items,
  STRUCT('in' AS place, STRUCT(1.25 AS lat) AS geo, [DATE '2020-02-29'] AS days) AS nested
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
"""
TYPES = {
    "text": pa.string(), "whole": pa.int64(), "real": pa.float64(), "yes": pa.bool_(),
    "raw": pa.binary(), "day": pa.date32(), "local": pa.timestamp("us"),
    "clock": pa.time64("us"), "instant": pa.timestamp("us", tz="UTC"),
    "money": pa.decimal128(38, 9), "big": pa.decimal256(76, 38), "document": pa.string(),
    "words": pa.list_(pa.string()),
    "items": pa.list_(pa.struct({"n": pa.int64(), "p": pa.decimal128(38, 9)})),
}  # fmt: skip


@pytest.fixture
def storage(sandbox):
    with reader(sandbox) as client:
        yield client


def by_rest(client, table):
    return [dict(row.items()) for row in client.list_rows(table)]


def parsed(rows, name):
    """Arrow carries a JSON column as text; Google's client reads it for REST."""
    return [row | {name: row[name] and json.loads(row[name])} for row in rows]


def test_a_stored_table_has_the_rows_that_rest_gives(client, storage):
    found = rows_of(storage, session_on(storage, "customers_small"))
    known = by_rest(client, "sandbox-shop-4711.shop.customers_small")
    assert parsed(found, "preferences") == known


def test_the_result_of_a_query_has_the_rows_that_rest_gives(client, storage):
    job = client.query(EVERY_TYPE, location="EU")
    job.result()
    found = rows_of(storage, session_on(storage, job.destination.path.strip("/")))
    assert parsed(found, "document") == by_rest(client, job.destination)
    assert found[1]["words"] == []


def test_every_type_is_the_arrow_type_that_bigquery_gives(client, storage):
    job = client.query(EVERY_TYPE, location="EU")
    job.result()
    schema = schema_of(session_on(storage, job.destination.path.strip("/")))
    assert {name: schema.field(name).type for name in TYPES} == TYPES
    kinds = {one.name: one.metadata[b"ARROW:extension:name"] for one in schema if one.metadata}
    assert kinds == {
        "local": b"google:sqlType:datetime",
        "document": b"google:sqlType:json",
    }


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_unmodified_client_takes_its_result_this_way(sandbox, client, storage):
    rows = client.query("SELECT * FROM shop.customers_small", location="EU").result(page_size=50)
    table = rows.to_arrow(bqstorage_client=storage)
    assert table.num_rows == 500
    calls = sandbox.state.ledger.find(Filter(service="storage"))
    assert any(one.path.endswith("/ReadRows") for one in calls)


def test_streams_hold_each_row_once_and_in_order(storage):
    one = rows_of(storage, session_on(storage, "customers_small"))
    session = session_on(storage, "customers_small", streams=3)
    parts = [rows_of(storage, session, number) for number in range(3)]
    assert len(session.streams) == 3
    assert [row for part in parts for row in part] == one


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (4, 4), (100, 5), (0, 4)])
def test_gives_at_most_as_many_streams_as_asked_for(storage, asked, given):
    assert len(session_on(storage, "customers_small", streams=asked).streams) == given


def test_an_empty_table_has_no_streams(client, storage):
    job = client.query("SELECT 1 AS n FROM shop.customers_small WHERE FALSE", location="EU")
    job.result()
    session = session_on(storage, job.destination.path.strip("/"))
    assert (list(session.streams), schema_of(session).names) == ([], ["n"])


def test_a_stream_goes_on_behind_the_rows_that_were_read(storage):
    session = session_on(storage, "customers_small")
    everything = rows_of(storage, session)
    assert rows_of(storage, session, offset=123) == everything[123:]
    assert rows_of(storage, session, offset=500) == []


@pytest.mark.parametrize("offset", [501, -1])
def test_refuses_an_offset_outside_of_the_stream(storage, offset):
    session = session_on(storage, "customers_small")
    with pytest.raises(OutOfRange):
        rows_of(storage, session, offset=offset)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_googles_reader_goes_on_after_a_connection_that_broke(sandbox, storage):
    session = session_on(storage, "customers", **selected("customer_id"))
    sandbox.fault(effect="lost_answer", service="storage", path="*/ReadRows", times=2)
    table = storage.read_rows(session.streams[0].name).to_arrow(session)
    assert table.num_rows == 120_000
    assert table.to_pylist() == rows_of(storage, session)


def test_a_broken_connection_is_told_after_the_first_rows(sandbox, storage):
    session = session_on(storage, "customers")
    sandbox.fault(effect="lost_answer", service="storage", path="*/ReadRows")
    found = batches_of(storage, session)
    assert next(found).num_rows > 0
    with pytest.raises(ServiceUnavailable, match="Socket closed"):
        next(found)


def selected(*names):
    return {"read_options": types.ReadSession.TableReadOptions(selected_fields=list(names))}


def test_gives_only_the_fields_that_are_selected(storage):
    session = session_on(storage, "customers_small", **selected("address.geo.lat", "EMAIL"))
    schema = schema_of(session)
    assert schema.names == ["email", "address"]
    assert str(schema.field("address").type) == "struct<geo: struct<lat: double>>"
    assert {name for row in rows_of(storage, session) for name in row} == {"email", "address"}


@pytest.mark.parametrize("codec", ["LZ4_FRAME", "ZSTD"])
def test_compresses_what_is_to_be_compressed(storage, codec):
    options = types.ReadSession.TableReadOptions(
        arrow_serialization_options=types.ArrowSerializationOptions(buffer_compression=codec)
    )
    session = session_on(storage, "customers_small", read_options=options)
    assert rows_of(storage, session) == rows_of(storage, session_on(storage, "customers_small"))


def test_no_message_is_larger_than_a_few_megabytes(client, storage):
    job = client.query("SELECT REPEAT('x', 400000) AS long FROM UNNEST(GENERATE_ARRAY(1, 40))",
                       location="EU")  # fmt: skip
    job.result()
    sizes = [batch.nbytes for batch in batches_of(
        storage, session_on(storage, job.destination.path.strip("/")))]  # fmt: skip
    assert len(sizes) > 1
    assert max(sizes) < 5_000_000


@pytest.mark.parametrize(
    "wanted",
    [
        {"data_format": types.DataFormat.AVRO},
        {"data_format": types.DataFormat.DATA_FORMAT_UNSPECIFIED},
        {"table": "nonsense"},
        {"table": f"{PROJECT}/datasets/shop/tables/active_customers"},
        {"read_options": types.ReadSession.TableReadOptions(row_restriction="orders > 1")},
        selected("no_such_column"),
    ],
    ids=["avro", "no format", "no table", "view", "restriction", "unknown field"],
)
def test_refuses_what_it_cannot_read(storage, wanted):
    with pytest.raises(GoogleAPICallError) as refused:
        session_on(storage, "customers_small", **wanted)
    assert refused.value.grpc_status_code.name in {"INVALID_ARGUMENT", "UNIMPLEMENTED"}
