import datetime
import json
from decimal import Decimal

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery
from google.cloud.bigquery import ScalarQueryParameter, SchemaField

UTC = datetime.UTC


def one(client, sql, **options):
    (row,) = client.query(sql, **options).result()
    return row


def raw(sandbox, sql, **options):
    """The first row as it goes over the wire."""
    body = {"query": sql, "useLegacySql": False} | options
    status, answer = sandbox.ask("POST", "/queries", body)
    assert status == 200, answer
    return [cell["v"] for cell in answer["rows"][0]["f"]]


def test_pages_of_a_query_are_complete_and_in_order(client):
    job = client.query("SELECT event_id FROM shop.events ORDER BY event_id LIMIT 110000")
    pages = list(job.result(page_size=50_000).pages)
    keys = [row.event_id for page in pages for row in page]
    assert [page.num_items for page in pages][:2] == [50_000, 50_000]
    assert len(keys) == 110_000
    assert keys == sorted(keys)


def test_pages_of_a_table_are_complete(client):
    table = client.get_table("shop.customers")
    wanted = [field for field in table.schema if field.name in ("customer_id", "orders")]
    rows = list(client.list_rows(table, selected_fields=wanted, page_size=40_000))
    summed = one(client, "SELECT COUNT(*) AS n, SUM(orders) AS orders FROM shop.customers")
    assert len(rows) == table.num_rows == summed.n
    assert sum(row.orders or 0 for row in rows) == summed.orders


def test_a_page_has_at_most_its_bytes(sandbox, client):
    job = client.query("SELECT customer_id, address, tags FROM shop.customers")
    total = job.result().total_rows
    path, seen, token = f"/queries/{job.job_id}?location=EU", 0, ""
    while token is not None:
        _, answer = sandbox.ask("GET", path + (f"&pageToken={token}" if token else ""))
        rows = json.dumps(answer["rows"], separators=(",", ":"), ensure_ascii=False)
        assert len(rows.encode()) <= 20 * 1024 * 1024
        seen += len(answer["rows"])
        token = answer.get("pageToken")
    assert seen == total == 120_000


def test_a_start_index_skips_rows(client):
    job = client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(0, 99)) AS x ORDER BY x")
    assert [row.x for row in job.result(start_index=97)] == [97, 98, 99]
    assert [row.x for row in client.list_rows(job.destination, start_index=98)] == [98, 99]


def test_no_rows_are_asked_for_with_zero(sandbox, client):
    job = client.query("SELECT 1 AS x")
    job.result()
    _, answer = sandbox.ask("GET", f"/queries/{job.job_id}?maxResults=0")
    assert "rows" not in answer
    assert "pageToken" not in answer
    assert answer["totalRows"] == "1"


def test_a_page_token_of_its_own_making_is_refused(sandbox, client):
    job = client.query("SELECT 1 AS x")
    job.result()
    status, answer = sandbox.ask("GET", f"/queries/{job.job_id}?pageToken=abc")
    assert (status, "pageToken" in answer["error"]["message"]) == (400, True)


def test_rows_after_deletions_are_still_paged_completely(client):
    client.query(
        "CREATE OR REPLACE TABLE shop.holes AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 100)) AS x"
    ).result()
    client.query("DELETE FROM shop.holes WHERE MOD(x, 3) = 0").result()
    rows = [row.x for row in client.list_rows("shop.holes", page_size=7,
            selected_fields=[SchemaField("x", "INT64")])]  # fmt: skip
    assert rows == [x for x in range(1, 101) if x % 3]
    client.delete_table("shop.holes")


def test_a_view_cannot_be_listed(client):
    with pytest.raises(BadRequest, match="Cannot list a table of type VIEW"):
        list(client.list_rows("shop.active_customers", selected_fields=[SchemaField("x", "INT64")]))


def test_only_selected_nested_fields_are_sent(sandbox):
    path = "/datasets/shop/tables/customers/data?maxResults=1&selectedFields=address.geo.lat,name"
    _, answer = sandbox.ask("GET", path)
    name, address = answer["rows"][0]["f"]
    assert isinstance(name["v"], str)
    assert address["v"]["f"][0]["v"]["f"] == [{"v": "13.0"}]


def test_a_selected_field_that_is_not_there_is_refused(sandbox):
    status, answer = sandbox.ask("GET", "/datasets/shop/tables/customers/data?selectedFields=no")
    assert (status, "Selected field no" in answer["error"]["message"]) == (400, True)


def test_every_type_arrives_as_python_knows_it(client):
    row = one(
        client,
        """SELECT 1 AS i, 1.5 AS f, TRUE AS b, 'é"\\n' AS s, b'\\xff\\x00' AS y,
        NUMERIC '123456789012345678.123456789' AS n, BIGNUMERIC '1.00000000000000000001' AS big,
        DATE '0001-02-03' AS d, TIME '01:02:03.5' AS t, DATETIME '2020-01-02 03:04:05.678901' AS dt,
        TIMESTAMP '2020-01-02 03:04:05.678901+05:30' AS ts, JSON '{"a": [1, null]}' AS j""",
    )
    assert dict(row) == {
        "i": 1, "f": 1.5, "b": True, "s": 'é"\n', "y": b"\xff\x00",
        "n": Decimal("123456789012345678.123456789"), "big": Decimal("1.00000000000000000001"),
        "d": datetime.date(1, 2, 3), "t": datetime.time(1, 2, 3, 500000),
        "dt": datetime.datetime(2020, 1, 2, 3, 4, 5, 678901),  # noqa: DTZ001
        "ts": datetime.datetime(2020, 1, 1, 21, 34, 5, 678901, UTC), "j": {"a": [1, None]},
    }  # fmt: skip


def test_nothing_is_null_and_an_empty_array(client):
    row = one(
        client,
        """SELECT CAST(NULL AS STRING) AS s, CAST(NULL AS ARRAY<INT64>) AS a,
        CAST(NULL AS TIMESTAMP) AS t, CAST(NULL AS NUMERIC) AS n, CAST(NULL AS BYTES) AS y""",
    )
    assert dict(row) == {"s": None, "a": [], "t": None, "n": None, "y": None}


def test_nested_values_arrive_nested(client):
    row = one(
        client,
        """SELECT STRUCT(1 AS a, STRUCT('x' AS c, ['p', 'q'] AS d) AS b) AS s,
        [STRUCT(NUMERIC '1.10' AS price, TIMESTAMP '2020-01-01 00:00:00+00' AS at)] AS items""",
    )
    assert row.s == {"a": 1, "b": {"c": "x", "d": ["p", "q"]}}
    assert row["items"] == [
        {"price": Decimal("1.1"), "at": datetime.datetime(2020, 1, 1, tzinfo=UTC)}
    ]


def test_the_wire_form_is_googles(sandbox):
    sql = """SELECT TIMESTAMP '2014-08-19 00:41:35.22+00', NUMERIC '10.50', 1e300,
        CAST('inf' AS FLOAT64), CAST('nan' AS FLOAT64), DATETIME '2020-01-01 00:00:00', b'ab',
        JSON '{"a": 1}', 9007199254740993, NUMERIC '0'"""
    assert raw(sandbox, sql) == [
        "1.40840889522E9", "10.5", "1e+300", "Infinity", "NaN", "2020-01-01T00:00:00", "YWI=",
        '{"a":1}', "9007199254740993", "0",
    ]  # fmt: skip


def test_timestamps_come_as_microseconds_when_asked_for(sandbox):
    sql = "SELECT TIMESTAMP '1969-12-31 23:59:59.5+00', CAST(NULL AS TIMESTAMP)"
    options = {"formatOptions": {"useInt64Timestamp": True}}
    assert raw(sandbox, sql, **options) == ["-500000", None]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("STRING", "it's; DROP TABLE x -- \\"),
        ("INT64", -(2**63)),
        ("FLOAT64", 0.1),
        ("BOOL", False),
        ("BYTES", b"\x00\xff"),
        ("NUMERIC", Decimal("99.123456789")),
        ("DATE", datetime.date(2024, 2, 29)),
        ("DATETIME", datetime.datetime(2024, 2, 29, 1, 2, 3, 4)),  # noqa: DTZ001
        ("TIME", datetime.time(1, 2, 3, 4)),
        ("TIMESTAMP", datetime.datetime(2024, 2, 29, 1, 2, 3, 4, UTC)),
        ("STRING", None),
    ],
)
def test_a_parameter_comes_back_as_it_was(client, kind, value):
    config = bigquery.QueryJobConfig(query_parameters=[ScalarQueryParameter("p", kind, value)])
    assert one(client, "SELECT @p AS p", job_config=config).p == value


def test_an_array_parameter_is_put_in_its_place(client):
    keys = bigquery.ArrayQueryParameter("keys", "STRING", ["C0000001", "C0000002"])
    config = bigquery.QueryJobConfig(query_parameters=[keys])
    sql = "SELECT COUNT(*) AS n FROM shop.customers WHERE customer_id IN UNNEST(@keys)"
    assert one(client, sql, job_config=config).n == 2


def test_positional_parameters_go_by_their_place_in_the_text(client):
    places = [ScalarQueryParameter(None, "INT64", number) for number in range(1, 6)]
    config = bigquery.QueryJobConfig(query_parameters=places)
    sql = """SELECT ? AS a, (SELECT ? + x FROM UNNEST([0]) AS x WHERE ? = 3) AS b, c, '?' AS d
        FROM (SELECT ? AS c) WHERE ? = 5"""
    assert one(client, sql, job_config=config).values() == (1, 2, 4, "?")


def test_a_missing_positional_parameter_is_said(client):
    with pytest.raises(BadRequest, match="Query parameter number 1 is not defined"):
        client.query("SELECT ?").result()


def test_a_parameter_without_a_value_is_said(client):
    with pytest.raises(BadRequest, match="Query parameter 'p' not found"):
        client.query("SELECT @p").result()
