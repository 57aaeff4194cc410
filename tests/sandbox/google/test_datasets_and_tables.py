import datetime

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

NESTED = [
    SchemaField("id", "INTEGER", "REQUIRED", description="the key"),
    SchemaField("tags", "STRING", "REPEATED"),
    SchemaField("place", "RECORD", fields=[SchemaField("point", "GEOGRAPHY")]),
    SchemaField("price", "BIGNUMERIC"),
]


@pytest.fixture
def dataset(admin):
    made = bigquery.Dataset("sandbox-shop-4711.scratch")
    made.location = "EU"
    yield admin.create_dataset(made)
    admin.delete_dataset("scratch", delete_contents=True, not_found_ok=True)


def run(client, sql):
    job = client.query(sql)
    job.result()
    return job


def test_a_dataset_has_its_location(client):
    assert client.get_dataset("shop").location == "EU"


def test_a_dataset_is_made_once(admin, dataset):
    with pytest.raises(Conflict) as found:
        admin.create_dataset("scratch")
    assert found.value.errors[0]["reason"] == "duplicate"
    assert admin.create_dataset("scratch", exists_ok=True).location == "EU"


@pytest.mark.parametrize("name", ["a-b", "a b", "main", "_sandbox", "SHOP"])
def test_some_names_are_no_dataset(admin, name):
    with pytest.raises(BadRequest, match="Invalid dataset ID"):
        admin.create_dataset(name)


def test_a_dataset_with_tables_is_not_deleted_by_chance(admin, dataset):
    admin.create_table(bigquery.Table("sandbox-shop-4711.scratch.t", NESTED))
    with pytest.raises(BadRequest, match="still in use"):
        admin.delete_dataset("scratch")
    admin.delete_dataset("scratch", delete_contents=True)
    with pytest.raises(NotFound):
        admin.get_dataset("scratch")


def test_a_table_keeps_its_schema_and_expiration(admin, dataset):
    table = bigquery.Table("sandbox-shop-4711.scratch.t", NESTED)
    table.expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    admin.create_table(table)
    found = admin.get_table("scratch.t")
    assert found.schema == NESTED
    assert abs(found.expires - table.expires) < datetime.timedelta(seconds=1)
    assert (found.num_rows, found.num_bytes, found.table_type) == (0, 0, "TABLE")


def test_a_table_is_gone_when_its_time_is_over(sandbox, admin, dataset):
    table = bigquery.Table("sandbox-shop-4711.scratch.t", NESTED)
    table.expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=0.3)
    admin.create_table(table)
    deadline = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=20)
    while list(admin.list_tables("scratch")):
        assert datetime.datetime.now(datetime.UTC) < deadline
    with pytest.raises(NotFound):
        admin.get_table("scratch.t")


def test_a_time_in_the_past_is_refused(admin, dataset):
    table = bigquery.Table("sandbox-shop-4711.scratch.t", NESTED)
    table.expires = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with pytest.raises(BadRequest, match="is in the past"):
        admin.create_table(table)


def test_a_table_is_made_once_and_deleted_once(admin, dataset):
    table = bigquery.Table("sandbox-shop-4711.scratch.t", NESTED)
    admin.create_table(table)
    with pytest.raises(Conflict, match=r"Already Exists: Table sandbox-shop-4711:scratch\.t"):
        admin.create_table(table)
    admin.delete_table("scratch.t")
    with pytest.raises(NotFound):
        admin.delete_table("scratch.t")
    admin.delete_table("scratch.t", not_found_ok=True)


def test_a_view_is_made_and_read(admin, dataset):
    view = bigquery.Table("sandbox-shop-4711.scratch.v")
    view.view_query = "SELECT customer_id FROM `shop.customers_small` WHERE orders > 30"
    admin.create_table(view)
    assert admin.get_table("scratch.v").table_type == "VIEW"
    job = run(admin, "SELECT COUNT(*) AS n FROM scratch.v WHERE customer_id > ''")
    assert next(iter(job.result())).n > 50
    assert job.total_bytes_processed > 0


def test_definitions_say_what_they_did(admin, dataset):
    made = run(admin, "CREATE TABLE scratch.t (x INT64 NOT NULL, s STRUCT<a ARRAY<NUMERIC>>)")
    assert (made.statement_type, made.ddl_operation_performed) == ("CREATE_TABLE", "CREATE")
    skipped = run(admin, "CREATE TABLE IF NOT EXISTS scratch.t (x INT64)")
    assert skipped.ddl_operation_performed == "SKIP"
    assert admin.get_table("scratch.t").schema[0].mode == "REQUIRED"
    dropped = run(admin, "DROP TABLE scratch.t")
    assert dropped.ddl_operation_performed == "DROP"
    assert run(admin, "DROP TABLE IF EXISTS scratch.t").ddl_operation_performed == "SKIP"


def test_a_schema_is_made_by_sql_in_its_location(admin):
    sql = "CREATE SCHEMA IF NOT EXISTS `sandbox-shop-4711.by_sql` OPTIONS(location='EU')"
    assert run(admin, sql).ddl_operation_performed == "CREATE"
    assert admin.get_dataset("by_sql").location == "EU"
    assert run(admin, sql).ddl_operation_performed == "SKIP"
    run(admin, "DROP SCHEMA by_sql")
    assert "by_sql" not in [one.dataset_id for one in admin.list_datasets()]


def test_changes_are_counted(admin, dataset):
    run(admin, "CREATE TABLE scratch.t AS SELECT x FROM UNNEST([1, 2, 3]) AS x")
    assert run(admin, "INSERT INTO scratch.t (x) VALUES (4), (5)").num_dml_affected_rows == 2
    assert run(admin, "UPDATE scratch.t SET x = 0 WHERE x > 3").num_dml_affected_rows == 2
    assert run(admin, "DELETE FROM scratch.t WHERE x = 0").num_dml_affected_rows == 2
    assert admin.get_table("scratch.t").num_rows == 3
    run(admin, "TRUNCATE TABLE scratch.t")
    assert admin.get_table("scratch.t").num_rows == 0


def test_a_dry_run_of_a_definition_makes_nothing(client):
    config = bigquery.QueryJobConfig(dry_run=True)
    job = client.query("CREATE TABLE `sandbox-shop-4711.shop.probe` (x INT64)", job_config=config)
    assert job.total_bytes_processed == 0
    with pytest.raises(NotFound):
        client.get_table("shop.probe")


def test_a_required_column_takes_no_null(admin, dataset):
    run(admin, "CREATE TABLE scratch.t (x INT64 NOT NULL)")
    with pytest.raises(BadRequest, match="Required field x cannot be null"):
        run(admin, "INSERT INTO scratch.t (x) VALUES (NULL)")


def test_the_information_schema_lists_what_there_is(client):
    schemata = client.query_and_wait(
        "SELECT schema_name, location FROM INFORMATION_SCHEMA.SCHEMATA"
    )
    assert [tuple(row) for row in schemata] == [("shop", "EU")]
    tables = client.query_and_wait(
        "SELECT table_name FROM shop.INFORMATION_SCHEMA.TABLES WHERE table_type = 'VIEW'"
    )
    assert [row.table_name for row in tables] == ["active_customers"]
    columns = client.query_and_wait(
        "SELECT data_type FROM `sandbox-shop-4711.shop.INFORMATION_SCHEMA.COLUMNS` "
        "WHERE table_name = 'events' AND column_name = 'items'"
    )
    assert [row.data_type for row in columns] == [
        "ARRAY<STRUCT<sku STRING, name STRING, quantity INT64, price NUMERIC>>"
    ]


def test_lists_come_in_pages(client):
    names = [table.table_id for table in client.list_tables("shop", page_size=1)]
    assert names == ["active_customers", "customers", "customers_small", "events"]


@pytest.mark.parametrize("schema", [{"fields": [{"name": "x"}]}, {"fields": 5}, {}, {"fields": [
    {"name": "x", "type": "ODD"}]}])  # fmt: skip
def test_a_schema_that_is_none_is_refused(sandbox, schema):
    body = {"tableReference": {"tableId": "t"}, "schema": schema}
    status, answer = sandbox.ask("POST", "/datasets/shop/tables", body)
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalid")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(sandbox, body):
    status, answer = sandbox.ask("POST", "/datasets/shop/tables", body)
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "parseError")


def test_an_address_that_is_not_there_is_not_found(sandbox):
    assert sandbox.ask("GET", "/nothing")[0] == 404
    sandbox.answers.clear()
