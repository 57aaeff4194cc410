"""The gateway's contract, held against real Google: `make live`, never `make test`.

The account needs BigQuery Job User on its project and BigQuery Data Editor on LIVE_DATASET.
Costs nothing by design: queries read no table (zero bytes, and a cap on them), rows of
tables come from tabledata.list, which is free, and wrong queries are dry runs. The query
that is cancelled uses slots for a few seconds, which only a reservation would notice.
"""

import time
import uuid
from dataclasses import replace

import pytest

from connections.bigquery import BigQuery, BigQueryRefused, Job, Reason, quoted
from connections.bigquery.checks import CHECK_PREFIX
from connections.secret import Secret
from connections.source import endpoints_of
from tests.factories_keys import pem, rsa_key

pytestmark = pytest.mark.live

OURS = {"clevertap-bq": "live-test"}
CAP = 10 * 1024 * 1024
HUNDRED = "SELECT number FROM UNNEST(GENERATE_ARRAY(0, 99)) AS number ORDER BY number"
# Ten thousand million hashes of no table: minutes of work, no bytes, never from the cache.
LONG = (
    "SELECT MAX(FARM_FINGERPRINT(FORMAT('%d %d {}', a, b))) AS most "
    "FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 100000)) AS b"
)


@pytest.fixture
def job_id() -> str:
    return f"clevertap_bq_live_{uuid.uuid4().hex}"


def start(bigquery: BigQuery, sql: str, job_id: str, location: str, labels=OURS) -> Job:
    return bigquery.start_query(
        sql, job_id=job_id, location=location, labels=labels, max_bytes_billed=CAP
    )


def finished(bigquery: BigQuery, job: Job, seconds: float = 60) -> Job:
    end = time.monotonic() + seconds
    while job.state != "DONE" and time.monotonic() < end:
        time.sleep(0.2)
        job = bigquery.job(job.id, location=job.location)
    assert job.state == "DONE"
    return job


def refusal(work) -> BigQueryRefused:
    with pytest.raises(BigQueryRefused) as caught:
        work()
    return caught.value


def checks_in(bigquery: BigQuery, dataset: str) -> set[str]:
    """Asked past the gateway, which hides tables of this name."""
    listed = bigquery._client.list_tables(f"{bigquery.project}.{dataset}")
    return {one.table_id for one in listed if one.table_id.startswith(CHECK_PREFIX)}


def test_gets_a_token(bigquery):
    bigquery.authenticate()


def test_google_refuses_a_key_that_it_did_not_make(key):
    forged = replace(key, private_key=Secret(pem(rsa_key())))

    with BigQuery(forged, project=key.project_id, endpoints=endpoints_of("google")) as gateway:
        assert refusal(gateway.authenticate).reason == Reason.KEY_DELETED_OR_ROTATED


def test_the_project_answers(bigquery):
    bigquery.check_project()


def test_refuses_a_project_that_does_not_exist(key):
    nowhere = f"no-such-{uuid.uuid4().hex[:12]}x"

    with BigQuery(key, project=nowhere, endpoints=endpoints_of("google")) as gateway:
        found = refusal(gateway.check_project)

    assert found.reason in {
        Reason.API_DISABLED,
        Reason.PERMISSION_DENIED,
        Reason.PROJECT_NOT_FOUND,
    }


def test_the_dataset_has_a_location(bigquery, dataset, location):
    assert location
    assert bigquery.dataset(dataset).id == dataset


def test_refuses_a_dataset_that_does_not_exist(bigquery):
    """403 for an account that may see single datasets only, 404 for one that may see all."""
    found = refusal(lambda: bigquery.dataset(f"no_such_{uuid.uuid4().hex}"))

    assert found.reason in {Reason.DATASET_NOT_FOUND, Reason.PERMISSION_DENIED}
    assert found.permission in {None, "bigquery.datasets.get"}


def test_a_job_runs_in_the_location_of_the_dataset(bigquery, dataset, location):
    bigquery.check_jobs(dataset_id=dataset, location=location)


def test_refuses_a_query_in_another_location(bigquery, dataset, location):
    elsewhere = "EU" if location.upper() == "US" else "US"
    sql = f"SELECT 1 FROM {quoted(bigquery.project, dataset, 'no_such_table')}"

    found = refusal(lambda: bigquery.estimate(sql, location=elsewhere))

    assert found.reason in {Reason.WRONG_LOCATION, Reason.PERMISSION_DENIED}


def test_a_dry_run_asks_for_the_right_to_create_a_dataset(bigquery, location):
    """What `may_create_datasets` stands on. Nobody has this right in Google's own project."""
    sql = f"CREATE SCHEMA `bigquery-public-data`.`no_such_{uuid.uuid4().hex}`"

    found = refusal(lambda: bigquery.estimate(sql, location=location))

    assert found.permission == "bigquery.datasets.create"


def test_a_dry_run_asks_for_the_right_to_create_a_table(bigquery, dataset, location):
    assert bigquery.may_create_tables(dataset, location=location)
    assert checks_in(bigquery, dataset) == set()


def test_lists_the_tables(bigquery, dataset, table):
    assert table in {one.id for one in bigquery.tables(dataset)}


def test_describes_and_previews_a_stored_table(bigquery, dataset, table, location):
    described = bigquery.table(dataset, table)
    page = bigquery.preview(dataset, table, rows=1)

    assert described.location == location
    assert page.columns == described.columns
    assert len(page.rows) == min(1, page.total_rows)


def test_refuses_a_table_that_does_not_exist(bigquery, dataset):
    found = refusal(lambda: bigquery.table(dataset, f"no_such_{uuid.uuid4().hex}"))

    assert found.reason in {Reason.TABLE_NOT_FOUND, Reason.PERMISSION_DENIED}


def test_a_row_can_be_read(bigquery, dataset, location):
    bigquery.check_read(dataset_id=dataset, location=location)


def test_the_check_of_writing_leaves_nothing_behind(bigquery, dataset):
    before = checks_in(bigquery, dataset)

    bigquery.check_write(dataset_id=dataset)

    assert checks_in(bigquery, dataset) <= before


def test_fast_reads_work_or_name_the_role_that_they_need(bigquery, location):
    """Read Session User is optional, so a key without it is no failure of the test."""
    refused = None
    try:
        bigquery.check_fast_reads(location=location)
    except BigQueryRefused as error:
        refused = (error.reason, error.permission)

    may_be = {None, (Reason.API_DISABLED, None)}
    may_be |= {
        (Reason.PERMISSION_DENIED, f"bigquery.readsessions.{one}") for one in ("create", "getData")
    }
    assert refused in may_be


def test_finds_the_job_that_is_there_when_it_is_started_again(bigquery, location, job_id):
    finished(bigquery, start(bigquery, "SELECT 'first' AS word", job_id, location))

    again = start(bigquery, "SELECT 'second' AS word", job_id, location)

    page = bigquery.read_page(job_id, location=location, start_row=0, max_rows=1)
    assert (again.id, again.state, page.rows) == (job_id, "DONE", [["first"]])


def test_refuses_the_id_of_a_job_that_is_not_ours(bigquery, location, job_id):
    start(bigquery, "SELECT 1 AS one", job_id, location, labels={"clevertap-bq": "another"})

    found = refusal(lambda: start(bigquery, "SELECT 1 AS one", job_id, location))

    assert found.reason == Reason.JOB_CONFLICT


def test_does_not_know_a_job_that_was_never_started(bigquery, location, job_id):
    found = refusal(lambda: bigquery.job(job_id, location=location))

    assert found.reason == Reason.JOB_NOT_FOUND


def test_a_cancelled_job_is_seen_done(bigquery, location, job_id):
    job = start(bigquery, LONG.format(job_id), job_id, location)

    bigquery.cancel(job_id, location=location)

    job = finished(bigquery, job)
    assert (job.cancelled, job.failure.reason) == (True, Reason.CANCELLED)


def test_reads_every_row_once_by_its_position(bigquery, location, job_id):
    job = finished(bigquery, start(bigquery, HUNDRED, job_id, location))
    pages = [
        bigquery.read_page(job_id, location=location, start_row=first, max_rows=40)
        for first in (0, 40, 80, 100)
    ]

    assert (job.total_rows, job.bytes_billed) == (100, 0)
    assert [len(page.rows) for page in pages] == [40, 40, 20, 0]
    assert [row for page in pages for row in page.rows] == [[str(n)] for n in range(100)]


def test_gives_line_and_column_of_a_bad_query(bigquery, location):
    found = refusal(lambda: bigquery.estimate("SELEC 1", location=location))

    assert (found.reason, found.location_in_sql) == (Reason.INVALID_QUERY, (1, 1))
