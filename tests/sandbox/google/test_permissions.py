import pytest
from google.api_core.exceptions import BadRequest, Forbidden, NotFound
from google.cloud import bigquery

P = "sandbox-shop-4711"
DRY = bigquery.QueryJobConfig(dry_run=True)


def refused(call, *arguments, **named):
    with pytest.raises(Forbidden) as found:
        call(*arguments, **named)
    assert found.value.errors[0]["reason"] == "accessDenied"
    return found.value.errors[0]["message"]


def test_without_job_user_no_job_starts(sandbox):
    message = refused(sandbox.client("no-job-user").query, "SELECT 1")
    assert message == (
        f"Access Denied: Project {P}: User does not have bigquery.jobs.create permission in "
        f"project {P}."
    )


def test_without_job_user_tables_can_still_be_listed_and_read(sandbox):
    client = sandbox.client("no-job-user")
    assert len(list(client.list_tables("shop"))) == 4
    assert len(list(client.list_rows("shop.customers_small", max_results=3))) == 3


def test_without_a_role_on_the_dataset_it_cannot_be_seen(sandbox):
    client = sandbox.client("no-dataset")
    assert refused(client.get_dataset, "shop") == (
        f"Access Denied: Dataset {P}:shop: Permission bigquery.datasets.get denied on dataset "
        f"{P}:shop (or it may not exist)."
    )
    assert list(client.list_datasets()) == []


def test_without_a_role_on_the_dataset_its_tables_cannot_be_listed(sandbox):
    message = refused(lambda: list(sandbox.client("no-dataset").list_tables("shop")))
    assert "Permission bigquery.tables.list denied on dataset" in message


def test_without_a_role_on_the_dataset_no_query_reads_it(sandbox):
    query = sandbox.client("no-dataset").query("SELECT name FROM shop.customers")
    with pytest.raises(Forbidden) as found:
        query.result()
    assert found.value.errors[0]["message"] == (
        f"Access Denied: Table {P}:shop.customers: User does not have permission to query table "
        f"{P}:shop.customers, or perhaps it does not exist."
    )


def test_a_reader_runs_queries_but_makes_no_table(sandbox):
    client = sandbox.client("reader")
    assert next(iter(client.query("SELECT 1 AS one").result())).one == 1
    assert refused(client.query, f"CREATE TABLE `{P}.shop.probe` (x INT64)", job_config=DRY) == (
        f"Access Denied: Dataset {P}:shop: Permission bigquery.tables.create denied on dataset "
        f"{P}:shop (or it may not exist)."
    )


def test_a_reader_changes_no_rows(sandbox):
    message = refused(
        sandbox.client("reader").query, "DELETE FROM shop.customers WHERE FALSE", job_config=DRY
    )
    assert message == (
        f"Access Denied: Table {P}:shop.customers: Permission bigquery.tables.updateData denied "
        f"on table {P}:shop.customers (or it may not exist)."
    )


def test_a_reader_inserts_no_table_over_rest(sandbox):
    message = refused(sandbox.client("reader").create_table, bigquery.Table(f"{P}.shop.t", []))
    assert "bigquery.tables.create denied" in message


def test_an_editor_makes_and_drops_a_table_in_its_dataset(client):
    schema = [bigquery.SchemaField("x", "INT64")]
    client.create_table(bigquery.Table(f"{P}.shop.probe", schema))
    client.delete_table("shop.probe")
    with pytest.raises(NotFound):
        client.get_table("shop.probe")


def test_an_editor_of_one_dataset_makes_no_dataset(sandbox, client):
    assert "bigquery.datasets.create permission" in refused(client.create_dataset, "another")


def test_nobody_reads_the_results_of_another(sandbox, client):
    job = client.query("SELECT 1")
    job.result()
    other = sandbox.client("reader")
    with pytest.raises(Forbidden):
        other.get_job(job.job_id, location="US")
    status, body = sandbox.ask("GET", f"/queries/{job.job_id}", account="reader")
    assert (status, "another user's job" in body["error"]["message"]) == (403, True)
    with pytest.raises(Forbidden):
        list(
            other.list_rows(job.destination, selected_fields=[bigquery.SchemaField("f0_", "INT64")])
        )


def test_table_permissions_are_those_of_the_roles(sandbox):
    wanted = ["bigquery.tables.getData", "bigquery.tables.updateData", "bigquery.tables.delete"]
    good, reader = sandbox.client("good"), sandbox.client("reader")
    assert good.test_iam_permissions("shop.events", wanted)["permissions"] == wanted
    assert reader.test_iam_permissions("shop.events", wanted)["permissions"] == wanted[:1]
    assert good.test_iam_permissions("shop.nothing", wanted) == {}


def test_an_unknown_project_is_said_to_have_no_bigquery(client):
    with pytest.raises(BadRequest, match="The project other-1 has not enabled BigQuery"):
        client.query("SELECT 1", project="other-1")


def test_a_missing_dataset_is_hidden_from_some_and_not_found_for_an_admin(client, admin):
    assert "(or it may not exist)" in refused(client.get_dataset, "nothing")
    with pytest.raises(NotFound) as found:
        admin.get_dataset("nothing")
    assert found.value.errors[0]["message"] == f"Not found: Dataset {P}:nothing"


def test_a_role_given_by_control_counts_until_the_reset(sandbox):
    path = "/control/accounts/no-job-user"
    given = {"roles": [{"role": "roles/bigquery.user"}]}
    assert sandbox.call("PUT", path, given)[0] == 200
    sandbox.client("no-job-user").query("SELECT 1").result()
    sandbox.call("POST", "/control/reset")
    assert refused(sandbox.client("no-job-user").query, "SELECT 1")


@pytest.mark.parametrize("roles", [[{"role": "roles/owner"}], ["x"], 5, [{"rolle": "x"}]])
def test_control_refuses_roles_that_are_none(sandbox, roles):
    status, body = sandbox.call("PUT", "/control/accounts/good", {"roles": roles})
    assert (status, "error" in body) == (400, True)
