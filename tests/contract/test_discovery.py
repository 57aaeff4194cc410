"""Every kind of answer of the sandbox, held to Google's published description of the API."""

import json

import pytest

from tests.sandbox.google import discovery
from tests.sandbox.google.running import running

SQL = {"useLegacySql": False}
TABLE = {"tableReference": {"tableId": "t"}, "schema": {"fields": [{"name": "x", "type": "INT64"}]}}


def job(job_id, sql, **configuration):
    return {
        "jobReference": {"jobId": job_id},
        "configuration": {"query": SQL | {"query": sql}, "labels": {"run": "1"}} | configuration,
    }


# In this order: later calls stand on earlier ones.
CALLS = [
    ("GET", "/serviceAccount", None, 200),
    ("GET", "/datasets", None, 200),
    ("GET", "/datasets/shop", None, 200),
    ("POST", "/datasets", {"datasetReference": {"datasetId": "d"}, "labels": {"a": "b"}}, 200),
    ("POST", "/datasets", {"datasetReference": {"datasetId": "d"}}, 409),
    ("POST", "/datasets/d/tables", TABLE, 200),
    ("GET", "/datasets/d/tables/t", None, 200),
    ("POST", "/datasets/d/tables/t:testIamPermissions",
     {"permissions": ["bigquery.tables.getData"]}, 200),
    ("DELETE", "/datasets/d/tables/t", None, 204),
    ("GET", "/datasets/d/tables/t", None, 404),
    ("DELETE", "/datasets/d", None, 204),
    ("GET", "/datasets/shop/tables?maxResults=2", None, 200),
    ("GET", "/datasets/shop/tables/active_customers", None, 200),
    ("GET", "/datasets/shop/tables/events/data?maxResults=3", None, 200),
    ("POST", "/jobs", job("a", "SELECT * FROM shop.events LIMIT 5"), 200),
    ("GET", "/queries/a?location=EU", None, 200),
    ("GET", "/jobs/a?location=EU", None, 200),
    ("POST", "/jobs/a/cancel?location=EU", {}, 200),
    ("POST", "/jobs", job("a", "SELECT 1"), 409),
    ("POST", "/jobs", job("b", "SELECT * FROM shop.customers", dryRun=True), 200),
    ("POST", "/jobs", job("c", "SELECT nothing FROM shop.events"), 200),
    ("GET", "/queries/c?location=EU", None, 400),
    ("POST", "/queries", SQL | {"query": "SELECT * FROM shop.customers_small"}, 200),
    ("POST", "/queries", SQL | {"query": "SELECT 1", "dryRun": True}, 200),
    ("POST", "/queries", SQL | {"query": "CREATE TABLE shop.t AS SELECT 1 AS x"}, 200),
    ("POST", "/queries", SQL | {"query": "UPDATE shop.t SET x = 2 WHERE TRUE"}, 200),
    ("POST", "/queries", SQL | {"query": "DROP TABLE shop.t"}, 200),
    ("GET", "/jobs?projection=full", None, 200),
    ("DELETE", "/jobs/a/delete?location=EU", None, 204),
    ("GET", "/jobs/a", None, 404),
    ("POST", "/queries", SQL | {"query": "SELEC"}, 400),
    ("POST", "/jobs", {"configuration": {"load": {}}}, 501),
]  # fmt: skip


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with running(tmp_path_factory.mktemp("discovery")) as started:
        yield started


def test_every_answer_is_as_published(sandbox):
    for method, path, body, status in CALLS:
        found, _ = sandbox.ask(method, path, body, account="admin")
        assert (method, path, found) == (method, path, status)
    assert len(sandbox.answers) == len(CALLS)
    for answer in sandbox.answers:
        assert discovery.problems(*answer) == []


def test_the_list_of_projects_is_as_published(sandbox):
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    status, body = sandbox.call("GET", "/bigquery/v2/projects", headers=headers)
    assert discovery.problems("GET", "/bigquery/v2/projects", status, body) == []


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 504])
def test_the_body_of_a_fault_is_as_published(sandbox, status):
    sandbox.fault(effect="status", service="bigquery", status=status, times=1)
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    found, body = sandbox.call("GET", "/bigquery/v2/projects", headers=headers)
    assert found == status
    assert discovery.problems("GET", "/bigquery/v2/projects", found, body) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"kind": 5}, "Dataset.kind is 5, not a string"),
        ({"creationTime": 5}, "Dataset.creationTime is 5, not a string"),
        ({"creationTime": "soon"}, "Dataset.creationTime is 'soon', not an int64"),
        ({"colour": "red"}, "Dataset has no property colour"),
        ({"labels": {"a": 1}}, "Dataset.labels.a is 1, not a string"),
        ({"access": {}}, "Dataset.access is not a list"),
        ({"storageBillingModel": "ODD"}, "Dataset.storageBillingModel is 'ODD', not one of"),
    ],
)
def test_the_check_finds_what_was_not_published(body, problem):
    path = "/bigquery/v2/projects/p/datasets/d"
    (found,) = discovery.problems("GET", path, 200, json.dumps(body))
    assert found.startswith(problem)


def test_the_check_finds_an_address_that_was_not_published():
    assert discovery.problems("GET", "/bigquery/v2/projects/p/odd", 200, "{}")
