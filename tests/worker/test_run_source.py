"""Where a run reads, and with which key, when its connection is edited under it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Reason
from connections.deletion import finish_deletion
from connections.models import Connection, FormerKey
from imports.models import SOURCE_FAILURES, Import, Run
from imports.runner import execute, execute_run
from imports.services import runs as run_services
from tests.factories import ConnectionFactory, ImportFactory, RunFactory, StoredKeyFactory
from tests.fakes import FakeBigQuery, FakeCleverTap

pytestmark = pytest.mark.django_db


@pytest.fixture
def google(monkeypatch):
    """Notes with which key and for which project it is opened."""
    bigquery = FakeBigQuery([["c1", "c1@shop.example"]], polls=10_000)
    bigquery.opened = []

    def opened(key, project):
        bigquery.opened.append((key, project))
        return bigquery

    monkeypatch.setattr(execute, "open_bigquery", opened)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: FakeCleverTap())
    return bigquery


@pytest.fixture
def run(bells):
    parent = ImportFactory()
    return run_services.start_run(parent=parent, by=parent.created_by, now=timezone.now())


def work(run, google):
    """One slice that submits the job and then hears nothing of it."""
    google.on_poll = _trouble
    execute_run(run_id=run.pk)
    Run.objects.filter(pk=run.pk).update(not_before=None)
    google.polls, google.on_poll = 0, lambda: None


def _trouble():
    raise BigQueryUnavailable(Reason.SERVER_ERROR, "BigQuery has trouble of its own.")


def replace_key(run, **about):
    key = StoredKeyFactory(**about)
    Connection.objects.filter(pk=run.parent.connection_id).update(key=key)
    return key


def test_a_run_whose_job_is_submitted_keeps_the_account_of_its_job(run, google):
    before = run.parent.connection.key
    work(run, google)
    replace_key(run, client_email="other@shop-4711.iam.gserviceaccount.com")
    execute_run(run_id=run.pk)
    assert {key for key, _ in google.opened} == {before}
    run.refresh_from_db()
    assert run.state == Run.State.SUCCEEDED


def test_a_newer_key_of_the_same_account_takes_over_at_once(run, google):
    work(run, google)
    newer = replace_key(run)
    execute_run(run_id=run.pk)
    assert google.opened[-1][0] == newer


def test_a_run_that_has_no_job_yet_uses_the_new_key(run, google):
    newer = replace_key(run, client_email="other@shop-4711.iam.gserviceaccount.com")
    google.polls = 0
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert {key for key, _ in google.opened} == {newer}
    assert run.key == newer


def test_reads_the_place_it_was_started_for(run, google):
    Connection.objects.filter(pk=run.parent.connection_id).update(
        project_id="other-shop", dataset_id="other", location="US"
    )
    google.polls = 0
    execute_run(run_id=run.pk)
    _, sql, location, _ = google.started[0]
    assert "`shop-4711`.`shop`.`customers`" in sql
    assert location == "EU", "the location of the dataset that was edited away"
    assert {project for _, project in google.opened} == {"shop-4711"}


@pytest.mark.parametrize("reason", ["permission_denied", "key_deleted_or_rotated"])
def test_a_failure_of_the_source_asks_for_a_test_soon(reason, run, google):
    google.polls, google.failure = 0, BigQueryRefused(Reason(reason), "No.")
    execute_run(run_id=run.pk)
    assert Run.objects.get(pk=run.pk).failure_code == reason
    assert Connection.objects.due_for_test(now=timezone.now()).exists()


@pytest.mark.parametrize("reason", ["invalid_query", "bytes_cap"])
def test_a_failure_of_the_query_asks_for_none(reason, run, google):
    google.polls, google.failure = 0, BigQueryRefused(Reason(reason), "No.")
    execute_run(run_id=run.pk)
    assert Run.objects.get(pk=run.pk).failure_code == reason
    assert not Connection.objects.due_for_test(now=timezone.now()).exists()


def test_every_failure_of_the_source_is_one_that_a_run_can_have():
    assert set(SOURCE_FAILURES) - {"key_unreadable"} <= set(Reason)


def test_a_deletion_destroys_the_former_keys_too():
    connection = ConnectionFactory(deleting=True)
    former = FormerKey.objects.create(
        connection=connection,
        key=StoredKeyFactory(),
        replaced_by=connection.created_by,
        restorable_until=timezone.now() + timedelta(days=7),
    )
    RunFactory(parent=ImportFactory(connection=connection), stopped=True, key=former.key)
    assert finish_deletion(connection_id=connection.pk)
    former.key.refresh_from_db()
    assert former.key.sealed_key is None


def test_a_query_is_read_as_a_part_of_ours_and_under_its_cap(google, bells):
    sql = "SELECT * FROM customers; -- all of them"
    parent = ImportFactory(query_type="sql", table_id="", sql=sql, bytes_cap=1_000,
                           estimate={"bytes": 900, "tables": 2})  # fmt: skip
    run = run_services.start_run(parent=parent, by=parent.created_by, now=timezone.now())
    Import.objects.update(sql="SELECT 2 AS other", bytes_cap=None)
    work(run, google)
    _, submitted, _, _ = google.started[0]
    assert submitted == (
        "SELECT `customer_id`, `email` FROM (\nSELECT * FROM customers  -- all of them\n)"
    )
    assert google.cap == 1_000 + 2 * 10 * 1024**2


def test_a_table_without_a_cap_is_read_whole(run, google):
    work(run, google)
    _, submitted, _, _ = google.started[0]
    assert submitted.endswith("FROM `shop-4711`.`shop`.`customers`")
    assert google.cap is None


def test_a_run_over_its_cap_fails_with_a_sentence(run, google, monkeypatch):
    def refuse(*_, **__):
        raise BigQueryRefused(Reason.BYTES_CAP, "It would bill more. Raise the cap.")

    monkeypatch.setattr(google, "start_query", refuse)
    execute_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == ("failed", "bytes_cap")
    assert run.failure_sentence == "It would bill more. Raise the cap."
