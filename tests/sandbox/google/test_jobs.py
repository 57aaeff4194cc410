import threading
import time

import pytest
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import QueryJobConfig

# Long enough to be interrupted on any machine, and never finished by itself in a test.
ENDLESS = (
    "SELECT COUNT(*) FROM shop.events AS a CROSS JOIN shop.events AS b CROSS JOIN shop.events AS c "
    "WHERE a.amount + b.amount + c.amount < -1"
)


def reason(call, *arguments, **named):
    with pytest.raises(GoogleAPICallError) as found:
        call(*arguments, **named)
    return found.value.errors[0]["reason"], found.value.errors[0]["message"]


def wait_until(job, state):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job.reload()
        if job.state == state:
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"the job is still {job.state}")


def test_a_job_carries_its_labels_location_and_statistics(client):
    config = QueryJobConfig(labels={"run": "r-1", "import": "i-2"})
    job = client.query("SELECT email FROM shop.customers_small", job_config=config)
    assert job.result().total_rows == 500
    found = client.get_job(job.job_id, location="EU")
    assert (found.labels, found.location, found.state) == (config.labels, "EU", "DONE")
    assert found.total_bytes_billed == 10 * 1024 * 1024
    assert found.ended >= found.started >= found.created


def test_a_dry_run_tells_bytes_and_schema_and_makes_no_job(client):
    config = QueryJobConfig(dry_run=True)
    job = client.query("SELECT orders, address.city FROM shop.customers", job_config=config)
    names = [(field.name, field.field_type) for field in job.schema]
    assert names == [("orders", "INTEGER"), ("city", "STRING")]
    size = client.query("SELECT orders FROM shop.customers", job_config=config)
    assert size.total_bytes_processed == (120_000 - 120) * 8
    assert job.total_bytes_processed > size.total_bytes_processed
    assert list(client.list_jobs()) == []


def test_counting_rows_reads_nothing(client):
    job = client.query("SELECT COUNT(*) AS n FROM shop.events")
    assert next(iter(job.result())).n == 360_000
    assert (job.total_bytes_processed, job.total_bytes_billed) == (0, 0)


def test_a_cap_equal_to_the_estimate_is_too_low(client):
    sql = "SELECT email FROM shop.customers"
    estimate = client.query(sql, job_config=QueryJobConfig(dry_run=True)).total_bytes_processed
    job = client.query(sql, job_config=QueryJobConfig(maximum_bytes_billed=estimate))
    assert reason(job.result) == (
        "bytesBilledLimitExceeded",
        f"Query exceeded limit for bytes billed: {estimate}. 10485760 or higher required.",
    )


def test_a_cap_that_covers_the_rounded_bytes_is_enough(client):
    config = QueryJobConfig(maximum_bytes_billed=10 * 1024 * 1024)
    assert client.query("SELECT email FROM shop.customers", job_config=config).result()


def test_a_cancelled_job_stops_at_once(client):
    job = client.query(ENDLESS)
    wait_until(job, "RUNNING")
    job.cancel()
    wait_until(job, "DONE")
    assert job.error_result["reason"] == "stopped"
    assert job.error_result["message"] == (
        "Job execution was cancelled: User requested cancellation"
    )
    assert job.ended is not None


def test_a_job_that_is_done_cannot_be_cancelled_any_more(client):
    job = client.query("SELECT 1")
    job.result()
    job.cancel()
    job.reload()
    assert job.error_result is None


def test_a_job_ends_when_its_time_is_over(client):
    job = client.query(ENDLESS, job_config=QueryJobConfig(job_timeout_ms=200))
    wait_until(job, "DONE")
    assert job.error_result["reason"] == "stopped"
    assert "Job timed out after 0.2 sec" in job.error_result["message"]


def test_a_slow_job_stays_running_and_can_be_cancelled(sandbox, client):
    sandbox.fault(effect="slow_job", seconds=60)
    job = client.query("SELECT 1")
    assert not job.done()
    job.cancel()
    wait_until(job, "DONE")
    assert job.error_result["reason"] == "stopped"


def test_a_job_id_is_used_once(client):
    client.query("SELECT 1", job_id="mine", job_retry=None).result()
    with pytest.raises(Conflict) as found:
        client.query("SELECT 1", job_id="mine", job_retry=None)
    assert found.value.errors[0]["reason"] == "duplicate"
    assert "Already Exists: Job sandbox-shop-4711:US.mine" in found.value.message


@pytest.mark.parametrize("job_id", ["a b", "a/b", "ü", "x" * 1025])
def test_a_job_id_has_only_some_characters(sandbox, job_id):
    body = {
        "jobReference": {"jobId": job_id},
        "configuration": {"query": {"query": "SELECT 1", "useLegacySql": False}},
    }
    status, answer = sandbox.ask("POST", "/jobs", body)
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalid")


def test_a_dataset_is_not_found_from_another_location(client):
    assert reason(client.query("SELECT name FROM shop.customers", location="US").result) == (
        "notFound",
        "Not found: Dataset sandbox-shop-4711:shop was not found in location US",
    )


def test_a_job_is_not_found_in_another_location(client):
    job = client.query("SELECT name FROM shop.customers_small")
    job.result()
    assert job.location == "EU"
    with pytest.raises(NotFound, match=f"Not found: Job sandbox-shop-4711:US.{job.job_id}"):
        client.get_job(job.job_id, location="US")


def test_a_location_that_google_does_not_have_is_refused(client):
    with pytest.raises(BadRequest, match="Invalid value for location: atlantis"):
        client.query("SELECT 1", location="atlantis")


@pytest.mark.parametrize("labels", [{"Run": "1"}, {"run": "A b"}, {"run": "x" * 64}, {"": "1"}])
def test_labels_have_only_some_characters(client, labels):
    with pytest.raises(BadRequest, match="label"):
        client.query("SELECT 1", job_config=QueryJobConfig(labels=labels))


def test_the_same_request_id_is_the_same_job(sandbox):
    body = {"query": "SELECT 1", "useLegacySql": False, "requestId": "once"}
    first, second = (sandbox.ask("POST", "/queries", body)[1] for _ in range(2))
    assert first["jobReference"] == second["jobReference"]


def test_own_jobs_are_listed_newest_first(sandbox, client):
    for number in range(3):
        client.query("SELECT 1", job_id=f"job-{number}", job_retry=None).result()
    sandbox.client("reader").query("SELECT 1").result()
    assert [job.job_id for job in client.list_jobs()] == ["job-2", "job-1", "job-0"]
    assert len(list(client.list_jobs(max_results=2))) == 2
    assert list(client.list_jobs(state_filter="running")) == []


def test_a_deleted_job_is_gone(client):
    client.query("SELECT 1", job_id="gone", job_retry=None).result()
    client.delete_job_metadata("gone", location="US")
    with pytest.raises(NotFound):
        client.get_job("gone", location="US")


@pytest.mark.parametrize("kind", ["load", "copy", "extract"])
def test_other_kinds_of_job_are_said_not_to_be_imitated(sandbox, kind):
    status, body = sandbox.ask("POST", "/jobs", {"configuration": {kind: {}}})
    assert (status, body["error"]["errors"][0]["reason"]) == (501, "notImplemented")


def test_legacy_sql_is_refused(sandbox):
    status, body = sandbox.ask("POST", "/queries", {"query": "SELECT 1"})
    assert (status, "legacy SQL" in body["error"]["message"]) == (501, True)


def test_a_query_without_rows_has_no_total(client):
    assert client.query("DELETE FROM shop.customers_small WHERE FALSE").result().total_rows in (
        None,
        0,
    )


def test_a_failed_query_fails_alike_by_jobs_query(client):
    sql = "SELECT nothing FROM shop.customers"
    assert reason(client.query_and_wait, sql) == reason(client.query(sql).result)


def test_results_do_not_change_when_the_table_does(client):
    client.query("CREATE OR REPLACE TABLE shop.changing AS SELECT 1 AS x").result()
    job = client.query("SELECT x FROM shop.changing")
    job.result()
    client.query("UPDATE shop.changing SET x = 2 WHERE TRUE").result()
    assert [row.x for row in client.get_job(job.job_id, location="EU").result()] == [1]
    client.delete_table("shop.changing")


def test_a_query_into_a_table_of_its_own(client):
    target = bigquery.TableReference.from_string("sandbox-shop-4711.shop.picked")
    config = QueryJobConfig(destination=target)
    sql = "SELECT customer_id FROM shop.customers_small WHERE orders > 30"
    rows = client.query(sql, job_config=config).result()
    assert client.get_table(target).num_rows == rows.total_rows
    assert reason(client.query(sql, job_config=config).result)[0] == "duplicate"
    config.write_disposition = "WRITE_TRUNCATE"
    assert client.query(sql, job_config=config).result().total_rows == rows.total_rows
    client.delete_table(target)
