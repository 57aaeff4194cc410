"""A table that changed since it was mapped: the run ends before it sends anything."""

import pytest

from connections.bigquery import BigQueryRefused, BigQueryUnavailable, Column, Reason
from imports.mapping.drift import Drift
from imports.models import Run
from imports.runner import execute, execute_run
from imports.services import remapping
from tests.factories import RunFactory, UserFactory
from tests.fakes import COLUMNS, FakeBigQuery, FakeCleverTap
from tests.worker.test_replays import finish

pytestmark = pytest.mark.django_db

ID, EMAIL = COLUMNS


@pytest.fixture
def world(monkeypatch):
    bigquery, clevertap = FakeBigQuery([["c1", "a@shop.example"]]), FakeCleverTap()
    monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
    monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
    return bigquery, clevertap


@pytest.mark.parametrize(
    ("present", "says"),
    [
        ([ID], "email is gone"),
        ([ID, Column("email", "INTEGER")], "email was STRING and is INT64"),
    ],
)
def test_ends_before_the_query_with_what_is_different(present, says, world):
    bigquery, clevertap = world
    bigquery.table_columns = present
    run = finish(RunFactory())
    assert (run.state, run.failure_code) == ("failed", "schema_changed")
    assert says in run.failure_sentence
    assert Drift.from_json(run.drift).changed[0].column == "email"
    assert (bigquery.started, clevertap.bodies) == ([], [])


def test_new_columns_are_told_and_the_run_goes_on(world):
    bigquery, _ = world
    bigquery.table_columns = [*COLUMNS, Column("city", "STRING")]
    run = finish(RunFactory())
    assert (run.state, run.accepted_count) == ("succeeded", 1)
    assert Drift.from_json(run.drift).added == ("city",)


def test_a_view_that_says_what_it_was_is_found_by_its_result(world):
    bigquery, clevertap = world
    bigquery.table_columns = COLUMNS
    bigquery.columns = (ID, Column("email", "INTEGER"))
    run = finish(RunFactory())
    assert (run.failure_code, clevertap.bodies) == ("schema_changed", [])


def test_an_unchanged_table_leaves_no_trace(world):
    assert finish(RunFactory()).drift == {}


def test_a_key_that_may_not_look_is_no_reason_to_fail(world, monkeypatch):
    refusal = BigQueryRefused(Reason.PERMISSION_DENIED, "No right to look.")
    monkeypatch.setattr(FakeBigQuery, "table", raising(refusal))
    assert finish(RunFactory()).state == "succeeded"


def test_a_table_that_is_gone_ends_it_and_a_network_that_is_away_does_not(world, monkeypatch):
    gone = BigQueryRefused(Reason.TABLE_NOT_FOUND, "There is no such table.")
    monkeypatch.setattr(FakeBigQuery, "table", raising(gone))
    assert finish(RunFactory()).failure_code == "table_not_found"
    away = BigQueryUnavailable(Reason.NETWORK, "Google did not answer.")
    monkeypatch.setattr(FakeBigQuery, "table", raising(away))
    run = RunFactory()
    assert execute_run(run_id=run.pk) > 0
    run.refresh_from_db()
    assert run.trouble_code == "network"


def test_remap_keeps_what_is_there_and_the_next_run_goes_through(world):
    bigquery, _ = world
    bigquery.table_columns = [ID, Column("city", "STRING")]
    run = finish(RunFactory())
    told = remapping.remap(run=run, by=UserFactory(creator=True), now=run.queued_at)
    parent = Run.objects.get(pk=run.pk).parent
    assert "Email can no longer be sent" in told
    assert parent.mapping["properties"] == []
    assert [column["name"] for column in parent.columns] == ["customer_id", "city"]
    bigquery.columns, bigquery.rows = (ID,), [["c1"]]
    snapshot = {**run.snapshot, "mapping": parent.mapping, "columns": parent.columns}
    assert finish(RunFactory(parent=parent, snapshot=snapshot)).accepted_count == 1


def test_remap_refuses_without_an_identity_and_changes_nothing(world):
    bigquery, _ = world
    bigquery.table_columns = [EMAIL]
    run = finish(RunFactory())
    before = run.parent.mapping
    with pytest.raises(remapping.CannotRemap):
        remapping.remap(run=run, by=UserFactory(creator=True), now=run.queued_at)
    assert Run.objects.get(pk=run.pk).parent.mapping == before


def test_remap_refuses_when_nothing_was_found():
    run = RunFactory(succeeded=True)
    with pytest.raises(remapping.CannotRemap):
        remapping.remap(run=run, by=UserFactory(creator=True), now=run.queued_at)


def raising(error):
    def table(self, dataset_id, table_id, *, seconds=None):
        raise error

    return table
