"""What is sent, and what is made of answers that the sandbox has no way to give."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Dataset, Reason
from tests.contract.bigquery.stub import DATASET, Answer, error

NOWHERE = error(404, "notFound", "Not found: Table shop-4711:shop.a")
PAGE = Answer(body={"totalRows": "0"})


def listed(*tables: tuple[str, str]) -> Answer:
    items = [
        {
            "tableReference": {"projectId": "shop-4711", "datasetId": "shop", "tableId": name},
            "type": kind,
        }
        for name, kind in tables
    ]
    return Answer(body={"tables": items} if items else {"totalItems": 0})


def job(state: str = "DONE", **status) -> Answer:
    return Answer(
        body={
            "jobReference": {"projectId": "shop-4711", "jobId": "j", "location": "EU"},
            "configuration": {
                "jobType": "QUERY",
                "query": {"query": "SELECT 1"},
                "labels": {"clevertap-bq-run": "r1"},
            },
            "statistics": {"query": {"totalBytesBilled": "10485760"}},
            "status": {"state": state, **status},
        }
    )


def start(bigquery, max_bytes_billed=None):
    return bigquery.start_query(
        "SELECT 1",
        job_id="j",
        location="EU",
        labels={"clevertap-bq-run": "r1"},
        max_bytes_billed=max_bytes_billed,
    )


def test_tells_how_long_new_tables_live(stub, bigquery):
    stub.says("GET /datasets/shop", Answer(body=DATASET))

    assert bigquery.dataset("shop") == Dataset("shop", "EU", timedelta(hours=1))


def test_sends_labels_cap_and_our_id_with_a_query(stub, bigquery):
    stub.says("POST /jobs", job("RUNNING"))

    start(bigquery, max_bytes_billed=10**9)

    sent = json.loads(stub.seen[-1].body)
    assert sent["jobReference"] == {"projectId": "shop-4711", "jobId": "j", "location": "EU"}
    assert sent["configuration"]["labels"] == {"clevertap-bq-run": "r1"}
    assert sent["configuration"]["query"]["maximumBytesBilled"] == "1000000000"
    assert sent["configuration"]["query"]["useLegacySql"] is False


def test_sends_no_cap_where_there_is_none(stub, bigquery):
    stub.says("POST /jobs", job("RUNNING"))

    start(bigquery)

    assert "maximumBytesBilled" not in json.loads(stub.seen[-1].body)["configuration"]["query"]


def test_tries_again_later_when_a_job_exists_but_cannot_be_seen_yet(stub, bigquery):
    stub.says("POST /jobs", error(409, "duplicate", "Already Exists: Job shop-4711:EU.j"))
    stub.says("GET /jobs/j", error(404, "notFound", "Not found: Job shop-4711:EU.j"))

    with pytest.raises(BigQueryUnavailable):
        start(bigquery)


def test_refuses_a_job_of_our_id_that_is_not_a_query(stub, bigquery):
    stub.says("POST /jobs", error(409, "duplicate", "Already Exists: Job shop-4711:EU.j"))
    other = job().body | {"configuration": {"jobType": "LOAD", "load": {}}}
    stub.says("GET /jobs/j", Answer(body=other))

    with pytest.raises(BigQueryRefused) as caught:
        start(bigquery)

    assert caught.value.reason == Reason.JOB_CONFLICT


def test_counts_no_rows_of_a_job_that_failed(stub, bigquery):
    failure = {"reason": "stopped", "message": "Job execution was cancelled: User requested it"}
    stub.says("GET /jobs/j", job(errorResult=failure, errors=[failure]))

    found = bigquery.job("j", location="EU")

    assert (found.cancelled, found.failure.reason, found.total_rows) == (True, "cancelled", None)
    assert found.bytes_billed == 10485760
    assert stub.calls[-1].endswith("/jobs/j")


def test_raises_what_the_job_of_a_check_failed_with(stub, bigquery):
    failure = {"reason": "billingNotEnabled", "message": "Billing has not been enabled"}
    stub.says("POST /jobs", job(errorResult=failure))

    with pytest.raises(BigQueryRefused) as caught:
        bigquery.check_jobs(dataset_id="shop", location="EU")

    assert caught.value.reason == Reason.BILLING_DISABLED


def test_does_not_take_a_strangers_404_for_a_job_that_is_gone(stub, bigquery):
    page = Answer(404, "<html>Not Found</html>", content_type="text/html")
    stub.says("POST /jobs/j/cancel", page)

    with pytest.raises(BigQueryUnavailable) as caught:
        bigquery.cancel("j", location="EU")

    assert caught.value.reason == Reason.FOREIGN_ANSWER


def test_passes_an_empty_dataset(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed())

    bigquery.check_read(dataset_id="shop", location="EU")


def test_reads_a_table_rather_than_a_view(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed(("a", "VIEW"), ("b", "TABLE")))
    stub.says("GET /datasets/shop/tables/b/data", PAGE)

    bigquery.check_read(dataset_id="shop", location="EU")

    assert stub.calls[-1].endswith("/tables/b/data")


def test_asks_for_a_dry_run_where_there_are_only_views(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed(("a", "VIEW")))
    stub.says("POST /jobs", job())

    bigquery.check_read(dataset_id="shop", location="EU")

    sent = json.loads(stub.seen[-1].body)["configuration"]
    assert sent["dryRun"] is True
    assert sent["query"]["query"] == "SELECT * FROM `shop-4711`.`shop`.`a` LIMIT 1"


def test_goes_on_when_a_table_was_dropped_meanwhile(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed(("a", "TABLE"), ("b", "TABLE")))
    stub.says("GET /datasets/shop/tables/a/data", NOWHERE)
    stub.says("GET /datasets/shop/tables/b/data", PAGE)

    bigquery.check_read(dataset_id="shop", location="EU")


def test_does_not_pass_when_no_table_could_be_read(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed(("a", "TABLE")))
    stub.says("GET /datasets/shop/tables/a/data", NOWHERE)

    with pytest.raises(BigQueryRefused) as caught:
        bigquery.check_read(dataset_id="shop", location="EU")

    assert caught.value.reason == Reason.TABLE_NOT_FOUND


def test_leaves_the_tables_of_other_checks_alone(stub, bigquery):
    stub.says("GET /datasets/shop/tables", listed(("_clevertap_bq_check_00", "TABLE")))

    bigquery.check_read(dataset_id="shop", location="EU")

    assert bigquery.tables("shop") == []


def test_makes_a_table_that_lives_for_an_hour(stub, bigquery):
    stub.says("POST /datasets/shop/tables", lambda seen: Answer(body=json.loads(seen.body)))

    bigquery.check_write(dataset_id="shop")

    made = json.loads(stub.seen[-2].body)
    expires = datetime.fromtimestamp(int(made["expirationTime"]) / 1000, UTC)
    assert timedelta(minutes=59) < expires - datetime.now(UTC) <= timedelta(hours=1)
    assert stub.calls[-1] == (
        "DELETE /bigquery/v2/projects/shop-4711/datasets/shop/tables/"
        + made["tableReference"]["tableId"]
    )


def test_names_the_permission_to_drop_when_that_is_missing(stub, bigquery):
    def answer(seen):
        name = json.loads(seen.body)["tableReference"]["tableId"]
        text = f"Permission bigquery.tables.delete denied on table shop-4711:shop.{name}"
        stub.says(f"DELETE /datasets/shop/tables/{name}", error(403, "accessDenied", text))
        return Answer(body=json.loads(seen.body))

    stub.says("POST /datasets/shop/tables", answer)

    with pytest.raises(BigQueryRefused) as caught:
        bigquery.check_write(dataset_id="shop")

    assert caught.value.permission == "bigquery.tables.delete"


def test_asks_for_another_token_once_when_one_is_not_accepted(stub, bigquery):
    stub.says("GET /datasets/shop", [error(401, "authError", "Invalid"), Answer(body=DATASET)])

    assert bigquery.dataset("shop").location == "EU"
    assert stub.calls.count("POST /token") == 2


def test_gives_up_when_no_token_is_accepted(stub, bigquery):
    stub.says("GET /datasets/shop", error(401, "authError", "Invalid Credentials"))

    with pytest.raises(BigQueryRefused) as caught:
        bigquery.dataset("shop")

    assert caught.value.reason == Reason.TOKEN_REJECTED
    assert len(stub.calls) == 4
