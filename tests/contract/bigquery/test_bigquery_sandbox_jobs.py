"""Query jobs and their rows: once only, position by row number, cancelled for good."""

import threading
import time
import uuid

import pytest

from connections.bigquery import (
    BigQuery,
    BigQueryRefused,
    BigQueryUnavailable,
    Job,
    Reason,
    quoted,
)

SMALL = quoted("sandbox-shop-4711", "shop", "customers_small")
ALL_SMALL = f"SELECT customer_id, email, orders FROM {SMALL}"
OURS = {"clevertap-bq-run": "r1", "clevertap-bq-import": "i1"}


@pytest.fixture
def job_id() -> str:
    return f"clevertap_bq_{uuid.uuid4().hex}_1"


def start(bigquery: BigQuery, sql: str, job_id: str, **options) -> Job:
    defaults = {"location": "EU", "labels": OURS, "max_bytes_billed": None}
    return bigquery.start_query(sql, job_id=job_id, **(defaults | options))


def finished(bigquery: BigQuery, job: Job, seconds: float = 20) -> Job:
    end = time.monotonic() + seconds
    while job.state != "DONE" and time.monotonic() < end:
        time.sleep(0.05)
        job = bigquery.job(job.id, location=job.location)
    assert job.state == "DONE"
    return job


def refusal(work) -> BigQueryRefused:
    with pytest.raises(BigQueryRefused) as caught:
        work()
    return caught.value


def test_runs_a_query_under_our_id_and_counts_its_rows(good, job_id):
    job = finished(good, start(good, ALL_SMALL, job_id))

    assert (job.id, job.location, job.total_rows) == (job_id, "EU", 500)
    assert (job.failure, job.cancelled) == (None, False)
    assert job.bytes_billed > 0


def test_submits_a_job_once_however_often_it_is_asked(sandbox, good, job_id):
    first = finished(good, start(good, ALL_SMALL, job_id))

    again = start(good, ALL_SMALL, job_id)

    assert (again.id, again.total_rows) == (first.id, 500)


def test_finds_the_job_whose_submission_got_no_answer(sandbox, good, job_id):
    sandbox.fault("lost_answer", method="POST", path="*/jobs", times=1)

    with pytest.raises(BigQueryUnavailable):
        start(good, ALL_SMALL, job_id)

    assert finished(good, start(good, ALL_SMALL, job_id)).total_rows == 500


def test_refuses_a_job_of_the_same_id_that_is_not_ours(good, job_id):
    start(good, ALL_SMALL, job_id, labels={"clevertap-bq-run": "another"})

    assert refusal(lambda: start(good, ALL_SMALL, job_id)).reason == Reason.JOB_CONFLICT


def test_stops_at_the_cap_on_bytes(good, job_id):
    def work():
        job = finished(good, start(good, ALL_SMALL, job_id, max_bytes_billed=1))
        raise job.failure

    assert refusal(work).reason == Reason.BYTES_CAP


@pytest.mark.parametrize(
    ("sql", "place"),
    [("SELECT\n  nothing FROM " + SMALL, (2, 3)), ("SELEC 1", (1, 1))],
)
def test_gives_line_and_column_of_a_bad_query(good, sql, place):
    found = refusal(lambda: good.estimate(sql, location="EU"))

    assert (found.reason, found.location_in_sql) == (Reason.INVALID_QUERY, place)


def test_estimates_without_running(sandbox, good):
    estimate = good.estimate(ALL_SMALL, location="EU")

    assert estimate.bytes > 0
    assert [(one.name, one.type) for one in estimate.columns] == [
        ("customer_id", "STRING"),
        ("email", "STRING"),
        ("orders", "INTEGER"),
    ]


def test_refuses_a_query_in_another_location_than_its_table(good, job_id):
    def work():
        raise finished(good, start(good, ALL_SMALL, job_id, location="US")).failure

    assert refusal(work).reason == Reason.WRONG_LOCATION


def test_does_not_know_a_job_that_was_never_submitted(good, job_id):
    assert refusal(lambda: good.job(job_id, location="EU")).reason == Reason.JOB_NOT_FOUND


def test_cancels_a_running_job_and_sees_it_done(sandbox, good, job_id):
    sandbox.fault("slow_job", seconds=30)
    job = start(good, ALL_SMALL, job_id)
    assert job.state != "DONE"

    good.cancel(job_id, location="EU")

    job = finished(good, job)
    assert (job.cancelled, job.failure.reason, job.total_rows) == (True, Reason.CANCELLED, None)


def test_finds_it_fine_to_cancel_what_is_not_there(good, job_id):
    good.cancel(job_id, location="EU")


def test_finds_it_fine_to_cancel_what_is_over(good, job_id):
    finished(good, start(good, ALL_SMALL, job_id))

    good.cancel(job_id, location="EU")

    assert not good.job(job_id, location="EU").cancelled


def test_says_when_a_cancel_was_not_heard(sandbox, good, job_id):
    sandbox.fault("status", status=503, path="*/cancel")
    start(good, ALL_SMALL, job_id)

    with pytest.raises(BigQueryUnavailable):
        good.cancel(job_id, location="EU")


def test_reads_every_row_once_by_its_number(good, job_id):
    finished(good, start(good, f"{ALL_SMALL} ORDER BY customer_id, email, orders", job_id))
    rows = []

    while page := good.read_page(job_id, location="EU", start_row=len(rows), max_rows=170).rows:
        rows += page

    whole = good.read_page(job_id, location="EU", start_row=0, max_rows=1000)
    assert rows == whole.rows
    assert (len(rows), whole.total_rows) == (500, 500)


def test_goes_on_with_another_gateway_where_the_last_one_stopped(good, open_as, job_id):
    finished(good, start(good, ALL_SMALL, job_id))
    whole = good.read_page(job_id, location="EU", start_row=0, max_rows=500)

    page = open_as("good").read_page(job_id, location="EU", start_row=123, max_rows=10)

    assert (page.start_row, page.rows) == (123, whole.rows[123:133])


def test_gives_cells_as_rest_has_them(good, job_id):
    sql = (
        "SELECT CAST(NULL AS STRING) AS nothing, 9007199254740993 AS big, TRUE AS yes, "
        "TIMESTAMP '2026-01-02 03:04:05.000006+00' AS at, ['a', 'b'] AS list, "
        "STRUCT(1 AS x, 'y' AS y) AS record"
    )
    finished(good, start(good, sql, job_id))

    page = good.read_page(job_id, location="EU", start_row=0, max_rows=1)

    assert page.rows == [
        [
            None,
            "9007199254740993",
            "true",
            "1767323045000006",
            [{"v": "a"}, {"v": "b"}],
            {"f": [{"v": "1"}, {"v": "y"}]},
        ]
    ]
    assert [(one.type, one.mode) for one in page.columns][3:5] == [
        ("TIMESTAMP", "NULLABLE"),
        ("STRING", "REPEATED"),
    ]
    assert [inner.name for inner in page.columns[5].fields] == ["x", "y"]


def test_gives_no_rows_beyond_the_end(good, job_id):
    finished(good, start(good, ALL_SMALL, job_id))

    page = good.read_page(job_id, location="EU", start_row=500, max_rows=10)

    assert (page.rows, page.total_rows) == ([], 500)


def test_gives_no_rows_of_a_job_that_still_runs(sandbox, good, job_id):
    sandbox.fault("slow_job", seconds=5)
    start(good, ALL_SMALL, job_id)

    with pytest.raises(BigQueryUnavailable) as caught:
        good.read_page(job_id, location="EU", start_row=0, max_rows=10)

    assert caught.value.reason == Reason.JOB_NOT_DONE


def test_serves_two_threads_at_once(good, job_id):
    finished(good, start(good, ALL_SMALL, job_id))
    seen: dict[int, list] = {0: [], 1: []}

    def read(number: int) -> None:
        for first in range(0, 500, 25):
            page = good.read_page(job_id, location="EU", start_row=first, max_rows=25)
            seen[number] += page.rows

    threads = [threading.Thread(target=read, args=(number,)) for number in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(seen[0]) == 500
    assert seen[0] == seen[1]


def test_lists_datasets_with_their_location(good):
    assert [(one.id, one.location) for one in good.datasets()] == [("shop", "EU")]


def test_lists_nothing_for_a_key_that_may_see_nothing(open_as):
    assert open_as("no-dataset").datasets() == []


def test_lists_no_more_tables_than_asked_for(good):
    assert {"customers", "customers_small", "events"} <= {one.id for one in good.tables("shop")}
    assert len(good.tables("shop", limit=2)) == 2


def test_describes_a_table(good):
    table = good.table("shop", "customers_small")

    assert (table.kind, table.rows, table.location) == ("TABLE", 500, "EU")
    assert table.bytes > 0
    assert {column.name: column.type for column in table.columns}["address"] == "RECORD"


@pytest.mark.parametrize("table", ["no_such_table", "Customers"])
def test_does_not_find_a_table_that_is_not_there(good, table):
    assert refusal(lambda: good.table("shop", table)).reason == Reason.TABLE_NOT_FOUND


@pytest.mark.parametrize("table", ["../../x", "a/data", "a?x=1", "a`b", ""])
def test_refuses_a_table_that_would_change_the_address(good, table):
    assert refusal(lambda: good.table("shop", table)).reason == Reason.NAME_INVALID


def test_does_not_preview_a_view(sandbox, good):
    views = [table.id for table in good.tables("shop") if table.kind == "VIEW"]

    assert refusal(lambda: good.preview("shop", views[0])).reason == Reason.NOT_READABLE


def test_previews_a_table_without_a_job(sandbox, good):
    page = good.preview("shop", "customers_small", rows=7)

    assert (len(page.rows), page.total_rows, len(page.columns)) == (7, 500, len(page.rows[0]))
    assert sandbox.calls("POST", "/jobs") == []
