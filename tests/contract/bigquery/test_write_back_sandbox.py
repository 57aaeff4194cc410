"""Write-back by Google's own client, into tables of the sandbox: once, whatever gets lost."""

from contextlib import nullcontext

import pytest
from django.utils import timezone
from google.cloud.bigquery import SchemaField, Table, client

from connections.bigquery import State, quoted
from imports.contents import Content
from imports.models import REFUSED_TABLE, RUNS_TABLE, Run, WriteBack
from imports.write_back import work, write_run
from imports.write_back.tables import RUNS, refused_rows
from tests.contract.bigquery.sandbox_process import PROJECT
from tests.factories import ConnectionFactory, ImportFactory, RunFactory
from tests.refused import person, refuse

pytestmark = pytest.mark.django_db
TABLES = (RUNS_TABLE, REFUSED_TABLE)
UPLOAD = "/upload/bigquery/*"


def do(bigquery, sql):
    """The rows of a statement that is seen through."""
    job_id = f"test_{timezone.now():%H%M%S%f}"
    job = bigquery.start_query(sql, job_id=job_id, location="EU", labels={}, max_bytes_billed=None)
    while job.state != State.DONE:
        job = bigquery.job(job_id, location="EU")
    assert job.failure is None, job.failure
    return bigquery.read_page(job_id, location="EU", start_row=0, max_rows=100).rows


@pytest.fixture
def google(good, monkeypatch):
    """The good key on a dataset without our tables."""
    monkeypatch.setattr(good, "call_seconds", 60.0)  # a busy machine is no fault
    for table in TABLES:
        do(good, f"DROP TABLE IF EXISTS {quoted(PROJECT, 'shop', table)}")
    monkeypatch.setattr(work, "open_bigquery", lambda key, project: nullcontext(good))
    monkeypatch.setattr(work, "POLL_SECONDS", 0.02)
    return good


def ended(**facts):
    connection = ConnectionFactory(project_id=PROJECT)
    parent = ImportFactory(connection=connection, write_back=True)
    run = RunFactory(parent=parent, succeeded=True, **facts)
    WriteBack.ask_for(run)
    return run


def refused(run):
    refuse(run, person(3), (7, Content('"half\ud800, \0and\n')), code="email_invalid")
    Run.objects.filter(pk=run.pk).update(read_count=9, accepted_count=7, refused_count=2)


def try_now(run):
    WriteBack.objects.filter(pk=run.pk).update(not_before=None)
    write_run(run_id=run.pk)
    return WriteBack.objects.get(pk=run.pk)


def written(bigquery, table, columns="run_id"):
    name = quoted(PROJECT, "shop", table)
    return do(bigquery, f"SELECT {columns} FROM {name} ORDER BY 1, 2")


def loads(sandbox):
    return sandbox.calls("POST", "/upload/bigquery/v2/projects/sandbox-shop-4711/jobs")


def test_makes_the_tables_and_writes_the_run_and_its_refused_rows(google):
    run = ended(bytes_billed=10_485_760, rows_total=9, job_id="j1")
    refused(run)

    assert (try_now(run).state, try_now(run).rows_written) == ("done", 2)

    columns = "state, rows_read, rows_accepted, rows_refused, refused_rows_written, bytes_billed"
    assert written(google, RUNS_TABLE, columns) == [["succeeded", "9", "7", "2", "2", "10485760"]]
    columns = "row_position, identity, clevertap_code, run_id"
    assert written(google, REFUSED_TABLE, columns) == [
        ["3", "customer-3", "515", str(run.pk)],
        ["7", '"half?, \ufffdand\n', "515", str(run.pk)],
    ]


@pytest.mark.parametrize("table", [RUNS, refused_rows()], ids=lambda table: table.id)
def test_the_tables_are_labelled_and_lose_a_day_when_it_is_old(google, sandbox, table):
    try_now(ended())

    found = google._client.get_table(f"{PROJECT}.shop.{table.id}")
    assert found.labels == {"clevertap-bq": "write-back"}
    by_day = found.time_partitioning
    assert (by_day.type_, by_day.field) == ("DAY", table.partition)
    assert by_day.expiration_ms == table.days_kept * 86_400_000
    described = [(one.name, one.field_type, one.mode) for one in found.schema]
    assert described == [(one.name, one.type, one.mode) for one in table.columns]


def test_a_second_run_is_added_and_every_job_is_labelled(google, sandbox):
    runs = [ended(), ended()]
    for run in runs:
        try_now(run)

    assert len(written(google, RUNS_TABLE, "run_id, state")) == 2
    assert [one["facts"]["labels"]["clevertap-bq-run"] for one in loads(sandbox)] == [
        str(run.pk) for run in runs
    ]


def test_an_upload_whose_answer_is_lost_doubles_no_row(google, sandbox):
    run = ended()
    refused(run)
    for effect in ("drop_before", "lost_answer", "lost_answer"):  # of the rows, then of the run
        sandbox.fault(effect, method="POST", path=UPLOAD, times=1)
        assert try_now(run).state == "waiting"

    assert try_now(run).state == "done"
    assert len(written(google, RUNS_TABLE, "run_id, state")) == 1
    assert len(written(google, REFUSED_TABLE, "run_id, row_position")) == 2


def test_a_worker_that_dies_after_the_load_leaves_a_job_that_is_found(google, monkeypatch):
    run = ended()
    refused(run)
    monkeypatch.setattr(work, "run_line", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        try_now(run)
    # As if it had been killed before it wrote down that the rows are there.
    WriteBack.objects.filter(pk=run.pk).update(state="waiting", finished_at=None, rows_written=None)
    monkeypatch.undo()
    monkeypatch.setattr(work, "open_bigquery", lambda key, project: nullcontext(google))

    assert try_now(run).state == "done"
    assert len(written(google, REFUSED_TABLE, "run_id, row_position")) == 2


def test_what_is_larger_than_one_request_goes_in_parts(google, sandbox, monkeypatch):
    monkeypatch.setattr(client, "_MAX_MULTIPART_SIZE", 300_000)
    monkeypatch.setattr(client, "_DEFAULT_CHUNKSIZE", 256 * 1024)
    run = ended()
    refuse(run, *((number, Content(f"{number}-" + "é" * 1000)) for number in range(160)))

    assert try_now(run).rows_written == 160
    assert written(google, REFUSED_TABLE, "COUNT(*), COUNT(DISTINCT identity)") == [["160", "160"]]
    assert len(sandbox.calls("PUT")) == 2


@pytest.mark.parametrize(
    ("labels", "code"), [({}, "table_not_ours"), (dict(RUNS.labels), "table_differs")]
)
def test_a_table_of_somebody_else_is_left_alone(google, sandbox, labels, code):
    table = Table(f"{PROJECT}.shop.{RUNS_TABLE}", [SchemaField("run_id", "INTEGER", "REQUIRED")])
    table.labels = labels
    google._client.create_table(table)

    found = try_now(ended())

    assert (found.state, found.code) == ("failed", code)
    assert "Nothing was" in found.sentence
    assert loads(sandbox) == []


def test_a_column_that_somebody_added_does_no_harm(google):
    try_now(ended())
    table = google._client.get_table(f"{PROJECT}.shop.{RUNS_TABLE}")
    do(google, f"DROP TABLE {quoted(PROJECT, 'shop', RUNS_TABLE)}")
    table.schema = [*table.schema, SchemaField("note", "STRING")]
    google._client.create_table(table)

    assert try_now(ended()).state == "done"


def test_a_missing_right_is_said_and_the_next_try_is_another_job(google, sandbox):
    try_now(ended())
    sandbox.fault("deny", permission="bigquery.tables.updateData")
    run = ended()

    found = try_now(run)

    assert (found.state, found.code, found.serial) == ("failed", "permission_denied", 1)
    assert "Grant it BigQuery Data Editor" in found.sentence
    assert f"table {PROJECT}.shop.{RUNS_TABLE}" in found.sentence
    sandbox.reset()
    assert found.ask_again(now=timezone.now())
    assert try_now(run).state == "done"
    assert len(written(google, RUNS_TABLE, "run_id, state")) == 2


def test_a_key_that_may_only_read_makes_no_table(google, open_as, monkeypatch):
    reader = open_as("reader")
    monkeypatch.setattr(work, "open_bigquery", lambda key, project: nullcontext(reader))

    found = try_now(ended())

    assert (found.state, found.code) == ("failed", "permission_denied")


def test_bigquery_in_trouble_is_tried_again(google, sandbox):
    run = ended()
    sandbox.fault("status", service="bigquery", status=503, path=UPLOAD, times=1)

    found = try_now(run)
    assert (found.state, found.code, found.serial) == ("waiting", "server_error", 0)
    assert found.not_before > timezone.now()
    assert try_now(run).state == "done"
