"""Refused rows: kept sealed, and sent again by a run of its own after a fix."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from imports import contents
from imports.clevertap import Answer, CleverTapRefused, Reason, RecordVerdict
from imports.models import Batch, Import, KeptRows, RefusedRow, Run
from imports.runner import execute, execute_run
from imports.services import moving, replays, runs
from imports.services.refused import Asked
from tests.factories import MAPPING, ConnectionFactory, ImportFactory, RunFactory, UserFactory
from tests.fakes import FakeBigQuery, FakeCleverTap
from tests.refused import person, refuse

pytestmark = pytest.mark.django_db

CANARY = "canary-of-a-customer"


@pytest.fixture
def world(monkeypatch):
    def build(rows):
        bigquery, clevertap = FakeBigQuery(rows), FakeCleverTap()
        monkeypatch.setattr(execute, "open_bigquery", lambda key, project: bigquery)
        monkeypatch.setattr(execute, "open_clevertap", lambda account: clevertap)
        return bigquery, clevertap

    return build


def finish(run):
    for _ in range(20):
        Run.objects.filter(pk=run.pk).update(not_before=None)
        if execute_run(run_id=run.pk) is None:
            break
    run.refresh_from_db()
    return run


def fixed(parent):
    """The property is called otherwise, so that any text may be in it."""
    rule = {"column": "email", "name": "Contact", "type": "string", "nulls": "omit"}
    Import.objects.filter(pk=parent.pk).update(mapping={**MAPPING, "properties": [rule]})


def again(run, **asked):
    """A replay, queued."""
    run = Run.objects.get(pk=run.pk)
    by = UserFactory(creator=True)
    return replays.start_replay(run=run, asked=Asked(**asked), by=by, now=timezone.now())


def sent(clevertap):
    return [record for body in clevertap.bodies for record in json.loads(body)["d"]]


def refused_by_rules(world, count=3):
    _, clevertap = world([[f"c{n}", "nobody"] for n in range(count)] + [["good", "a@shop.example"]])
    run = finish(RunFactory())
    assert (run.refused_count, run.accepted_count) == (count, 1)
    clevertap.bodies.clear()
    return run, clevertap


class TestKeeping:
    def test_nothing_of_a_row_stands_in_the_database_in_plain(self, world):
        _, clevertap = world([[f"{CANARY}-1", f"{CANARY}-2"], [f"{CANARY}-3", "a@shop.example"]])
        clevertap.answers = [Answer(0, (RecordVerdict(0, 515, "No."),), 3)]
        run = finish(RunFactory())
        assert run.refused_count == run.refused_rows.count() == 2
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                assert CANARY not in str(cursor.fetchall()), table

    def test_what_was_sealed_is_what_was_read_whatever_it_was(self, world):
        odd = "\0 \ud800 é 长"
        world([["c1", odd]])
        row = finish(RunFactory()).refused_rows.get()
        ((_, content),) = contents.open_rows([row])
        assert content.cells == {"customer_id": "c1", "email": odd}
        assert row.is_whole

    def test_a_row_that_clevertap_refused_is_kept_as_it_was_read_and_as_it_was_sent(self, world):
        _, clevertap = world([["c1", "a@shop.example"]])
        clevertap.answers = [Answer(0, (RecordVerdict(0, 515, "No."),), 3)]
        ((_, content),) = contents.open_rows(finish(RunFactory()).refused_rows.all())
        assert content.cells == {"customer_id": "c1", "email": "a@shop.example"}
        assert content.record["profileData"] == {"Email": "a@shop.example"}
        assert content.identity == "c1"

    def test_of_a_row_that_is_too_large_only_the_identity_is_kept(self, world):
        world([["c1", "x" * 70_000]])
        row = finish(RunFactory()).refused_rows.get()
        ((_, content),) = contents.open_rows([row])
        assert (content.identity, row.is_whole) == ("c1", False)
        assert content.cells is None or "cut" in content.cells["email"]

    def test_rows_of_a_batch_are_sealed_together_and_never_much(self, world, monkeypatch):
        monkeypatch.setattr(contents, "MOST_BYTES_TOGETHER", 500)
        run, _ = refused_by_rules(world, count=40)
        assert 1 < KeptRows.objects.count() < 20
        found = dict(contents.open_rows(list(run.refused_rows.in_order())))
        assert [content.identity for content in found.values()] == [f"c{n}" for n in range(40)]

    def test_contents_open_in_their_own_row_only(self, world):
        run, _ = refused_by_rules(world)
        (kept,) = run.kept_rows.all()
        KeptRows.objects.create(run=run, sealed_contents=kept.sealed_contents)
        row = run.refused_rows.in_order().first()
        row.kept = KeptRows.objects.exclude(pk=kept.pk).get()
        with pytest.raises(contents.ContentsUnreadable):
            list(contents.open_rows([row]))


class TestReplay:
    def test_sends_the_refused_rows_only_through_the_mapping_of_now(self, world):
        run, clevertap = refused_by_rules(world)
        fixed(run.parent)
        replay = finish(again(run))
        assert (replay.state, replay.accepted_count, replay.rows_total) == ("succeeded", 3, 3)
        assert [one["profileData"] for one in sent(clevertap)] == [{"Contact": "nobody"}] * 3
        run.refresh_from_db()
        assert (run.state, run.refused_count, run.accepted_count) == ("succeeded", 3, 1)

    def test_sends_what_clevertap_refused_as_well(self, world):
        _, clevertap = world([["c1", "a@shop.example"], ["c2", "b@shop.example"]])
        clevertap.answers = [Answer(1, (RecordVerdict(1, 515, "No."),), 3)]
        run = finish(RunFactory())
        clevertap.bodies.clear()
        assert finish(again(run)).accepted_count == 1
        assert [one["identity"] for one in sent(clevertap)] == ["c2"]

    def test_keeps_the_time_of_the_run_that_read_them(self, world):
        run, clevertap = refused_by_rules(world)
        hour_ago = timezone.now() - timedelta(hours=1)
        Run.objects.filter(pk=run.pk).update(queued_at=hour_ago)
        fixed(run.parent)
        finish(again(run))
        assert {one["ts"] for one in sent(clevertap)} == {int(hour_ago.timestamp())}

    def test_asks_bigquery_nothing(self, world):
        run, _ = refused_by_rules(world)
        bigquery, _ = world([])
        bigquery.failure = AssertionError("no question")
        fixed(run.parent)
        replay = finish(again(run))
        assert (replay.state, bigquery.started, replay.job_id) == ("succeeded", [], "")

    def test_what_is_refused_again_can_be_sent_again_from_there_and_not_from_before(self, world):
        run, _ = refused_by_rules(world)
        replay = finish(again(run))
        assert (replay.refused_count, replay.refused_rows.count()) == (3, 3)
        with pytest.raises(replays.CannotReplay):
            again(run)
        fixed(run.parent)
        assert finish(again(replay)).accepted_count == 3

    def test_one_reason_alone_can_be_sent_again(self, world):
        run, _ = refused_by_rules(world)
        refuse(run, person(90), code="phone_invalid")
        fixed(run.parent)
        assert again(run, key="rules:phone_invalid").rows_total == 1

    def test_goes_on_behind_the_last_batch_when_its_worker_dies(self, world, monkeypatch):
        monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 1)
        monkeypatch.setattr("imports.runner.kept.RANGE_ROWS", 1)
        monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 1)
        run, clevertap = refused_by_rules(world)
        fixed(run.parent)
        replay = again(run)

        class Killed(BaseException):
            pass

        clevertap.answers = [Answer(1, (), 1), Killed()]
        with pytest.raises(Killed):
            execute_run(run_id=replay.pk)
        Run.objects.update(lease_until=timezone.now() - timedelta(hours=1))
        assert finish(replay).accepted_count == 3
        assert [one["identity"] for one in sent(clevertap)][-2:] == ["c1", "c2"]

    def test_what_a_failed_replay_did_not_reach_can_be_sent_again(self, world, monkeypatch):
        monkeypatch.setattr("imports.runner.kept.RANGE_ROWS", 1)
        monkeypatch.setattr("imports.runner.ranges.RANGE_ROWS", 1)
        run, clevertap = refused_by_rules(world)
        fixed(run.parent)
        clevertap.answers = [Answer(1, (), 1), CleverTapRefused(Reason.CREDENTIALS)]
        replay = finish(again(run))
        assert (replay.state, replay.accepted_count) == ("failed", 1)
        assert replays.replays_of(run=run, asked=Asked()).ready == 2
        clevertap.bodies.clear()
        assert finish(again(run)).accepted_count == 2
        assert [one["identity"] for one in sent(clevertap)] == ["c1", "c2"]
        assert replays.replays_of(run=run, asked=Asked()).ready == 0

    def test_what_was_reached_behind_a_gap_is_never_sent_again(self, world):
        run, clevertap = refused_by_rules(world)
        fixed(run.parent)
        replay = again(run)
        for row in (0, 2):  # answers come in any order
            Batch.objects.create(run=replay, first_row=row, end_row=row + 1, record_count=1)
        Run.objects.filter(pk=replay.pk).update(
            state="failed", finished_at=timezone.now(), read_count=2, accepted_count=2
        )
        for _ in range(2):
            other = again(run)
            assert other.rows_total == 1
            runs.stop_run(
                run=other, by=UserFactory(creator=True), reason="Stopped", now=timezone.now()
            )
        finish(again(run))
        assert [one["identity"] for one in sent(clevertap)] == ["c1"]

    def test_is_stopped_like_any_run(self, world):
        run, clevertap = refused_by_rules(world)
        replay = again(run)
        runs.stop_run(
            run=replay, by=UserFactory(creator=True), reason="Stopped", now=timezone.now()
        )
        assert finish(replay).state == "stopped"
        assert clevertap.bodies == []
        assert replays.replays_of(run=run, asked=Asked()).ready == 3

    def test_stands_in_the_trail(self, world):
        run, _ = refused_by_rules(world)
        replay = again(run)
        entry = AuditEntry.objects.get(action="rows sent again")
        assert entry.object_id == str(replay.pk)
        assert entry.after == {"of_run": str(run.pk), "rows": 3, "source": "refused"}

    def test_fails_with_a_sentence_when_the_ring_does_not_open_them(self, world, monkeypatch):
        run, clevertap = refused_by_rules(world)
        replay = again(run)
        monkeypatch.setattr(KeptRows, "seal_context", lambda pk: contents.Batch.seal_context(pk))
        assert (finish(replay).failure_code, clevertap.bodies) == ("kept_unreadable", [])

    def test_keeps_what_it_was_made_for_when_its_import_is_moved(self, world):
        run, _ = refused_by_rules(world)
        fixed(run.parent)
        replay = again(run)
        moving.move_imports(
            source=run.connection,
            target=ConnectionFactory(),
            by=UserFactory(admin=True),
            now=timezone.now(),
        )
        Import.objects.update(mapping={}, columns=[])
        assert finish(replay).accepted_count == 3


class TestRefusedReplays:
    def test_when_there_is_nothing_to_send(self, db):
        with pytest.raises(replays.CannotReplay, match="No kept row"):
            again(RunFactory(succeeded=True))

    def test_when_rows_were_cut(self, db):
        run = RunFactory(succeeded=True)
        refuse(run, (1, contents.Content("c1")))
        with pytest.raises(replays.CannotReplay, match="No kept row"):
            again(run)
        assert replays.replays_of(run=run, asked=Asked()).cut == 1

    def test_while_a_run_is_at_work(self, db):
        run = RunFactory(succeeded=True)
        refuse(run, person(1))
        RunFactory(parent=run.parent)
        with pytest.raises(runs.CannotStart, match="is at work"):
            again(run)
        assert RefusedRow.objects.replayable().count() == 1

    def test_when_the_mapping_reads_a_column_that_was_not_kept(self, db):
        run = RunFactory(succeeded=True)
        refuse(run, person(1))
        rule = {"column": "age", "name": "Age", "type": "integer", "nulls": "omit"}
        Import.objects.update(mapping={**MAPPING, "properties": [rule]})
        with pytest.raises(replays.CannotReplay, match="reads the column age"):
            again(run)

    def test_when_the_mapping_does_not_fit_the_types_of_then(self, db):
        run = RunFactory(succeeded=True)
        refuse(run, person(1))
        rule = {"column": "email", "name": "Since", "type": "date", "nulls": "omit"}
        Import.objects.update(mapping={**MAPPING, "properties": [rule]})
        with pytest.raises(replays.CannotReplay, match="does not fit these rows"):
            again(run)

    @pytest.mark.parametrize("status", ["stopped", "draft"])
    def test_when_the_import_can_not_run(self, status, db):
        run = RunFactory(succeeded=True, parent=ImportFactory(status=status))
        refuse(run, person(1))
        with pytest.raises(runs.CannotStart):
            again(run)

    def test_when_the_connection_is_leaving(self, db):
        parent = ImportFactory(connection=ConnectionFactory(deleting=True))
        run = RunFactory(succeeded=True, parent=parent)
        refuse(run, person(1))
        with pytest.raises(runs.CannotStart, match="is being deleted"):
            again(run)
