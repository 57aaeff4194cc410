import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.bigquery import QueryJobConfig


def value(client, expression):
    (row,) = client.query_and_wait(f"SELECT {expression} AS v")
    return row.v


def failure(client, sql):
    with pytest.raises(GoogleAPICallError) as found:
        client.query_and_wait(sql)
    return found.value.errors[0]["message"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST('1.123456789' AS NUMERIC) * 1", "1.123456789"),
        ("DATE_SUB(DATE '2024-03-01', INTERVAL 1 DAY)", "2024-02-29"),
        ("DATE_TRUNC(DATE '2024-03-15', MONTH)", "2024-03-01"),
        ("DATE_DIFF(DATE '2024-03-01', DATE '2024-02-01', DAY)", "29"),
        ("TIMESTAMP_DIFF(TIMESTAMP '2024-01-02 00:00:00+00', TIMESTAMP '2024-01-01 23:00:00+00', "
         "DAY)", "0"),
        ("FORMAT_TIMESTAMP('%F %H:%M', TIMESTAMP '2024-01-01 20:00:00+00', 'Asia/Kolkata')",
         "2024-01-02 01:30"),
        ("DATE(TIMESTAMP '2024-01-01 20:00:00+00', 'Asia/Kolkata')", "2024-01-02"),
        ("EXTRACT(DAYOFWEEK FROM DATE '2024-01-07')", "1"),
        ("CAST(NUMERIC '1.50' AS STRING)", "1.5"),
        ("CAST(2.0 AS STRING)", "2"),
        ("SAFE_CAST('x' AS INT64)", "None"),
        ("SAFE.PARSE_DATE('%Y-%m-%d', 'x')", "None"),
        ("PARSE_DATE('%Y-%m-%d', '2024-05-06')", "2024-05-06"),
        ("SAFE_DIVIDE(1, 0)", "None"),
        ("UNIX_MICROS(TIMESTAMP_MICROS(1700000000000001))", "1700000000000001"),
        ("UNIX_SECONDS(TIMESTAMP_SECONDS(1700000000))", "1700000000"),
        ("[10, 20][OFFSET(0)] + [10, 20][ORDINAL(2)]", "30"),
        ("(SELECT SUM(o) FROM UNNEST(['a', 'b', 'c']) AS x WITH OFFSET AS o)", "3"),
        ("ARRAY(SELECT x * 2 FROM UNNEST([1, 2]) AS x)", "[2, 4]"),
        ("(SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC LIMIT 2) FROM UNNEST([1, 3, 2]) AS x)",
         "[3, 2]"),
        ("JSON_VALUE('{\"a\": {\"b\": \"c\"}}', '$.a.b')", "c"),
        ("TO_JSON_STRING(STRUCT(1 AS a))", '{"a":1}'),
        ("REGEXP_EXTRACT('order-42', r'-(\\d+)')", "42"),
        ("COUNTIF(x > 1) FROM UNNEST([1, 2, 3]) AS x; --", "2"),
        ("SESSION_USER()", "sandbox-good@sandbox-shop-4711.iam.gserviceaccount.com"),
    ],
)  # fmt: skip
def test_an_expression_means_what_it_means_at_google(client, expression, expected):
    tail = " AS v" if "; --" not in expression else ""
    sql = f"SELECT {expression}{tail}".replace(" FROM UNNEST([1, 2, 3]) AS x; --",
                                               " AS v FROM UNNEST([1, 2, 3]) AS x")  # fmt: skip
    (row,) = client.query_and_wait(sql)
    assert str(row.v) == expected


def test_unnamed_columns_are_called_as_at_google(client):
    rows = client.query_and_wait("SELECT 1, address.city, tags[SAFE_OFFSET(9)], COUNT(*) OVER () "
                                 "FROM shop.customers_small LIMIT 1")  # fmt: skip
    assert [field.name for field in rows.schema] == ["f0_", "city", "f1_", "f2_"]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH c AS (SELECT name FROM shop.customers_small) SELECT COUNT(*) AS n FROM c",
        "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT 500 AS n FROM b",
        "SELECT COUNT(*) AS n FROM `sandbox-shop-4711`.shop.customers_small AS t WHERE t.orders IS "
        "NULL OR t.orders >= 0",
        "SELECT COUNT(*) AS n FROM (SELECT * EXCEPT (name) FROM `shop.customers_small`)",
        "SELECT COUNT(*) AS n FROM sandbox-shop-4711.shop.customers_small",
        "SELECT COUNT(*) AS n FROM shop.customers_small WHERE EXISTS (SELECT 1 FROM shop.events)",
        "SELECT SUM(n) AS n FROM (SELECT COUNT(*) AS n FROM shop.customers_small GROUP BY city)",
        "SELECT COUNT(*) AS n FROM shop.customers_small UNION ALL SELECT 500 LIMIT 1",
        "# a comment\nSELECT /* so */ COUNT(*) AS n -- yes\nFROM shop.customers_small;",
    ],
)
def test_the_ways_to_name_a_table(client, sql):
    assert next(iter(client.query_and_wait(sql))).n == 500


def test_a_default_dataset_names_the_rest(client):
    config = QueryJobConfig(default_dataset="sandbox-shop-4711.shop")
    rows = client.query("SELECT COUNT(*) AS n FROM customers_small", job_config=config).result()
    assert next(iter(rows)).n == 500


def test_items_are_joined_to_their_row(client):
    sql = """SELECT COUNT(*) AS n, COUNT(DISTINCT e.event_id) AS events, SUM(i.quantity) AS q
        FROM shop.events AS e, e.items AS i WHERE e.event_id < 'E00000100'"""
    (row,) = client.query_and_wait(sql)
    assert row.n > row.events > 50
    assert row.q >= row.n


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", 'Syntax error: Unexpected identifier "SELEC" at [1:1]'),
        ("", "Syntax error: Unexpected end of statement at [1:1]"),
        ("SELECT 1 FROM shop.events WHERE", "Syntax error"),
        ("SELECT a b c FROM shop.events", 'Syntax error: Unexpected identifier "c" at [1:12]'),
        ("SELECT (1", 'Syntax error: Expected ")" but got end of script at [1:10]'),
        ("SELECT 'abc", "Syntax error: Unclosed string literal at [1:8]"),
        ("SELECT *\nFORM shop.events", "Syntax error: Unexpected"),
        ("SELECT nam FROM shop.customers", "Unrecognized name: nam at [1:8]"),
        ("SELECT name,\n  c.nam FROM shop.customers AS c", "Name nam not found inside c at [2:5]"),
        ("SELECT NOSUCH(1)", "Function not found: NOSUCH at [1:8]"),
        ("SELECT 1 AS a, 2 AS a", "Duplicate column names in the result"),
        ("SELECT name FROM customers",
         'Table "customers" must be qualified with a dataset (e.g. dataset.table).'),
        ("SELECT 1 FROM shop.nothing",
         "Not found: Table sandbox-shop-4711:shop.nothing was not found in location EU"),
        ("SELECT CAST('x' AS INT64)", "Bad int64 value: x"),
        ("SELECT 1; SELECT 2", "The sandbox does not imitate scripts of several statements."),
        ("DECLARE x INT64", "The sandbox does not imitate the statement DECLARE."),
        ("SELECT * FROM `shop.events_*`", "The sandbox does not imitate wildcard tables."),
        ("SELECT FARM_FINGERPRINT('a')", "The sandbox does not imitate the function"),
        ("SELECT * FROM shop.events FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'",
         "The sandbox does not imitate time travel"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_in_googles_words(client, sql, message):
    sql = sql or " "
    assert failure(client, sql).startswith(message)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM `/etc/passwd`",
        "SELECT read_blob('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM `_sandbox.objects`",
        "SELECT * FROM `warehouse._sandbox.objects`",
        "SELECT * FROM `sandbox-shop-4711._sandbox.objects`",
        "SELECT current_setting('memory_limit')",
        "COPY shop.events TO '/tmp/x'",
        "ATTACH '/tmp/x' AS y",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET threads = 4",
        "EXPORT DATA OPTIONS(uri='file:///tmp/x') AS SELECT 1",
        "CREATE FUNCTION shop.f() AS (1)",
        "CREATE TABLE _sandbox.x AS SELECT 1 AS a",
        "CREATE SCHEMA main",
        "DROP SCHEMA _sandbox",
        "DROP TABLE `results.main.x`",
        "SELECT 1 FROM shop.customers WHERE '' = '' ; DROP TABLE shop.customers",
        'SELECT x FROM (SELECT 1 AS x) AS `a"; DROP TABLE shop.customers; --`, `b"c`',
    ],
)
def test_hostile_sql_reaches_nothing(sandbox, admin, sql):
    assert failure(admin, sql)
    assert admin.get_table("shop.customers").num_rows == 120_000
    assert sandbox.call("GET", "/healthz")[0] == 200


def test_deep_nesting_is_refused_not_fatal(sandbox, client):
    assert failure(client, "SELECT " + "(" * 5000 + "1" + ")" * 5000)
    assert value(client, "1") == 1


def test_quotes_in_names_stay_names(client):
    (row,) = client.query_and_wait('SELECT 1 AS `a"b` FROM (SELECT 2 AS `x""y`)')
    assert dict(row) == {'a"b': 1}
