"""The edge of an import by Updated On: nothing is lost there, and nothing is sent twice.

Judged by what the sandbox's CleverTap has received, over the real engine and gateways.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from imports import cursor_questions
from imports.models import Batch, EdgePart, Run
from imports.runner import bounds, edge, execute, execute_run
from imports.services import cursors, runs
from tests.contract.bigquery.incremental import kept, source_of

__all__ = ["source_of"]

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
# Each type, the values of some moments in their order, and a look-back that covers a step.
SCALES = {
    "TIMESTAMP": (lambda step: f"{NOON + timedelta(minutes=step):%Y-%m-%d %H:%M:%S}", 120, ""),
    "DATETIME": (lambda step: f"{NOON + timedelta(minutes=step):%Y-%m-%d %H:%M:%S}", 120, ""),
    "DATE": (lambda step: date(2026, 1, 1) + timedelta(days=step), 2 * 86_400, ""),
    "INT64": (lambda step: 1_767_268_800 + step * 60, 120, "epoch_seconds"),
}


class Killed(BaseException):
    """The worker process is gone: nothing is caught, nothing is written."""


def counts(run):
    assert run.state == Run.State.SUCCEEDED, run.failure_sentence
    return (run.read_count, run.accepted_count, run.skipped_count)


def killed(source, monkeypatch, module, name):
    """A run whose worker dies as it enters this function, and whose lease has ended."""
    run = source.start()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, _die)
        with pytest.raises(Killed):
            execute_run(run_id=run.pk)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(hours=1))
    run.refresh_from_db()
    return run


def _die(*_, **__):
    raise Killed


@pytest.mark.parametrize("type_", SCALES)
def test_whatever_comes_in_between_each_row_arrives_once(type_, source_of):
    """Ties with the newest, rows as late as the look-back, the same row again: by chance."""
    value, look_back, unit = SCALES[type_]
    source = source_of(type_, look_back_seconds=look_back, unit=unit, nulls="never")
    chance = random.Random(f"edge {type_}")
    newest = 0
    for _ in range(3):
        ahead = chance.choice([0, 0, 1, 3])
        steps = [newest + ahead, *(newest - chance.choice([0, 1, 2]) for _ in range(4))]
        newest += ahead
        made = source.add(*map(value, steps))
        source.add(value(newest), note=chance.choice(made))  # perhaps a row like another
        run = source.run()
        assert run.read_count == run.accepted_count + run.skipped_count
        assert source.received() == source.wanted, f"after {steps}"
        assert source.cursor().value == run.bounds["high"]


def test_rows_that_are_equal_in_every_column_are_each_sent(source_of):
    source = source_of(look_back_seconds=0)
    source.add("2026-01-01 10:00", "2026-01-01 10:00", note="same")
    assert counts(source.run()) == (2, 2, 0)
    source.add("2026-01-01 10:00", note="same")
    assert counts(source.run()) == (3, 1, 2)
    assert source.received() == {"same": 3}


def test_a_row_that_changed_at_the_edge_is_sent_again(source_of):
    source = source_of(look_back_seconds=0)
    (note,) = source.add("2026-01-01 10:00")
    source.run()
    source.sql(f"UPDATE `shop`.`{source.table}` SET note = 'changed' WHERE note = '{note}'")
    assert counts(source.run()) == (1, 1, 0)
    assert source.received() == {note: 1, "changed": 1}


def test_nothing_new_is_said_and_moves_nothing_back(source_of):
    source = source_of(look_back_seconds=3600)
    source.add("2026-01-01 10:00", "2026-01-01 09:30")
    source.run()
    again = source.run()
    assert counts(again) == (2, 0, 2)
    assert again.request_count == 0, "nothing leaves this machine"
    source.sql(f"DELETE FROM `shop`.`{source.table}` WHERE TRUE")
    assert counts(source.run()) == (0, 0, 0)
    assert source.cursor().value.startswith("2026-01-01 10:00")


@pytest.mark.parametrize(("nulls", "each"), [("each_run", 2), ("never", 0)])
def test_rows_without_a_value_are_sent_each_time_or_never(nulls, each, source_of):
    source = source_of(look_back_seconds=0, nulls=nulls)
    (without,) = source.add(None)
    source.run()
    source.add("2026-01-01 10:00")
    source.run()
    assert source.received()[without] == each


def test_an_empty_table_and_one_of_rows_in_the_future_give_nothing_new(source_of):
    source = source_of(nulls="never")
    assert counts(source.run()) == (0, 0, 0)
    source.add("2099-12-31 23:59:59")
    assert counts(source.run()) == (0, 0, 0)
    assert source.cursor().value == ""
    assert not source.received()


def test_a_row_in_the_future_waits_and_does_not_drag_the_cursor_along(source_of):
    source = source_of(look_back_seconds=0)
    source.add("2026-01-01 10:00")
    (later,) = source.add("2099-12-31 23:59:59")
    run = source.run()
    assert (run.bounds["ahead"], source.received()[later]) == (1, 0)
    source.sql(
        f"UPDATE `shop`.`{source.table}` SET moment = TIMESTAMP '2026-01-02 00:00' "
        f"WHERE note = '{later}'"
    )
    source.run()
    assert source.received() == source.wanted


def test_a_wall_clock_is_judged_in_its_own_zone(source_of):
    """Now in Kiritimati it is half a day later than in UTC; in Honolulu it is earlier."""
    now = timezone.now()
    for zone, accepted in (("Pacific/Kiritimati", 1), ("Pacific/Honolulu", 0)):
        source = source_of("DATETIME", time_zone=zone, nulls="never")
        source.add(f"{now + timedelta(hours=6):%Y-%m-%d %H:%M:%S}")
        assert counts(source.run()) == (accepted, accepted, 0), zone


def test_later_than_the_look_back_is_too_late(source_of):
    source = source_of(look_back_seconds=3600)
    source.add("2026-01-01 10:00")
    source.run()
    (late,) = source.add("2026-01-01 08:59:59")
    assert counts(source.run()) == (1, 0, 1)
    assert source.received()[late] == 0


def test_a_longer_look_back_sends_nothing_twice(source_of):
    source = source_of(look_back_seconds=0)
    source.add("2026-01-01 09:00", "2026-01-01 10:00")
    source.run()
    source.parent.cursor.__class__.objects.update(look_back_seconds=86_400)
    source.add("2026-01-01 10:00")
    source.run()
    source.run()
    assert source.received() == source.wanted


def test_beyond_what_is_remembered_rows_are_sent_again_and_never_lost(source_of, monkeypatch):
    monkeypatch.setattr(edge, "EDGE_ROWS", 3)
    source = source_of(look_back_seconds=0)
    source.add(*["2026-01-01 10:00"] * 5)
    source.run()
    assert counts(source.run()) == (5, 2, 3)
    assert sorted(source.received().values()) == [1, 1, 1, 2, 2]


def test_another_table_begins_with_all_its_rows(source_of):
    source = source_of(look_back_seconds=0)
    source.add("2026-01-01 10:00")
    source.run()
    source.sql(f"CREATE TABLE `shop`.`{source.table}_b` AS SELECT * FROM `shop`.`{source.table}`")
    source.parent.__class__.objects.update(table_id=f"{source.table}_b")
    source.parent.refresh_from_db()
    assert counts(source.run()) == (1, 1, 0)
    assert counts(source.run()) == (1, 0, 1)


class TestProfiles:
    def test_only_the_newest_row_of_each_person_is_sent(self, source_of):
        source = source_of(kind="profile", look_back_seconds=3600, newest_only=True)
        source.add("2026-01-01 10:00", "2026-01-01 10:02", "2026-01-01 10:01")
        source.add("2026-01-01 10:00", identity="c2")
        assert counts(source.run()) == (2, 2, 0)
        assert source.person() == {"Note": "n1"}
        source.add("2026-01-01 10:01:30")
        assert counts(source.run()) == (2, 0, 2), "a late row is older than what was sent"

    def test_people_without_an_identity_are_each_refused(self, source_of):
        source = source_of(kind="profile", newest_only=True)
        source.add("2026-01-01 10:00", "2026-01-01 10:00")
        source.sql(f"UPDATE `shop`.`{source.table}` SET id = NULL WHERE TRUE")
        assert source.run().refused_count == 2


class TestBadDays:
    def test_a_run_that_is_killed_asks_the_very_same_query(self, source_of, monkeypatch):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 10:00")
        run = killed(source, monkeypatch, bounds, "selection")
        (late,) = source.add("2026-01-01 11:00")
        ended = source.finish(run)
        assert ended.bounds == run.bounds, "fixed before the job was submitted"
        assert counts(ended) == (1, 1, 0)
        assert source.cursor().value == "2026-01-01 10:00:00.000000+00:00"
        source.run()
        assert source.received() == source.wanted
        assert source.received()[late] == 1

    def test_one_that_is_killed_before_it_knows_its_bounds_begins_anew(
        self, source_of, monkeypatch
    ):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 10:00")
        run = killed(source, monkeypatch, bounds, "fixed")
        assert (run.bounds, run.job_state) == ({}, Run.JobState.RUNNING)
        assert counts(source.finish(run)) == (1, 1, 0)

    def test_one_that_is_killed_while_it_sends_skips_and_keeps_the_same_rows(
        self, source_of, monkeypatch
    ):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 10:00", "2026-01-01 10:00")
        source.run()
        source.add("2026-01-01 10:00", "2026-01-01 11:00")
        run = killed(source, monkeypatch, execute, "close_edge")
        assert source.cursor().moved_by_run_id != run.pk, "it was rolled back with the end"
        ended = source.finish(run)
        assert counts(ended) == (4, 2, 2)
        assert source.cursor().moved_by_run_id == run.pk
        assert source.received() == source.wanted

    def test_stopped_or_failed_it_leaves_the_cursor_and_forgets_its_edge(
        self, source_of, monkeypatch
    ):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 10:00")
        before = source.run()
        source.add("2026-01-01 11:00")
        run = killed(source, monkeypatch, bounds, "selection")
        runs.stop_run(run=run, by=source.parent.created_by, reason="No", now=timezone.now())
        assert source.finish(run).state == Run.State.STOPPED
        cursor = source.cursor()
        assert (cursor.moved_by_run, cursor.value[:13]) == (before, "2026-01-01 10")
        assert not EdgePart.objects.filter(run=run).exists()
        source.run()
        assert source.received() == source.wanted

    def test_a_stop_while_it_looks_for_its_bounds_cancels_that_job(self, source_of, monkeypatch):
        source = source_of()
        source.add("2026-01-01 10:00")
        run = killed(source, monkeypatch, bounds, "fixed")
        runs.stop_run(run=run, by=source.parent.created_by, reason="No", now=timezone.now())
        ended = source.finish(run)
        assert ended.state == Run.State.STOPPED
        assert ended.job_is_settled

    def test_who_lost_the_run_does_not_move_the_cursor(self, source_of, monkeypatch):
        source = source_of()
        source.add("2026-01-01 10:00")
        run = source.start()
        settle = execute.settle_open_batches

        def taken_over(held, **named):
            settle(held, **named)
            Run.objects.filter(pk=run.pk).update(fence=99)

        monkeypatch.setattr(execute, "settle_open_batches", taken_over)
        execute_run(run_id=run.pk)
        assert source.cursor().value == ""

    def test_both_jobs_are_billed_to_the_run(self, source_of, one_sandbox):
        source = source_of()
        source.add("2026-01-01 10:00")
        run = source.run()
        assert run.bounds["bytes"] > 0
        assert run.bytes_billed == 2 * run.bounds["bytes"]


class TestMovedBack:
    def test_the_rows_from_there_on_are_sent_again_and_no_others(self, source_of):
        source = source_of(look_back_seconds=7200)
        made = source.add(*(f"2026-01-01 {hour}:00" for hour in ("08", "09", "10", "11")))
        source.run()
        cursors.move_back(
            parent=source.parent,
            to="2026-01-01 10:00",
            version=1,
            by=source.parent.created_by,
            now=timezone.now(),
        )
        assert source.cursor().value.startswith("2026-01-01 11:00"), "only a run moves the value"
        assert counts(source.run()) == (3, 2, 1)
        assert [source.received()[note] for note in made] == [1, 1, 2, 2]
        assert counts(source.run()) == (3, 0, 3)

    def test_a_reset_sends_all_rows_once_more(self, source_of):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 08:00", "2026-01-01 10:00")
        source.run()
        by = source.parent.created_by
        cursors.reset(parent=source.parent, version=1, by=by, now=timezone.now())
        assert counts(source.run()) == (2, 2, 0)
        assert set(source.received().values()) == {2}

    def test_what_a_person_did_during_a_run_outlives_it(self, source_of, monkeypatch):
        source = source_of(look_back_seconds=0)
        source.add("2026-01-01 10:00")
        source.run()
        source.add("2026-01-01 11:00")
        run = killed(source, monkeypatch, bounds, "selection")
        by = source.parent.created_by
        cursors.reset(parent=source.parent, version=1, by=by, now=timezone.now())
        counts(source.finish(run))
        assert source.cursor().value == "", "the next run is a full one"
        assert counts(source.run()) == (2, 2, 0)


def test_an_import_without_a_cursor_reads_all_rows_each_time(source_of):
    source = source_of()
    source.cursor().delete()
    source.add("2026-01-01 10:00", None)
    source.run()
    run = source.run()
    assert counts(run) == (2, 2, 0)
    assert (run.bounds, Counter(source.received().values())) == ({}, {2: 2})
    assert not Batch.objects.exclude(skipped_count=0).exists()


class TestQuestions:
    @pytest.fixture
    def answered(self, source_of, monkeypatch, one_good):
        monkeypatch.setattr(cursor_questions, "open_bigquery", lambda *_, **__: kept(one_good))

        def ask(source, kind, **more):
            asked = cursors.asked_of(source.cursor().scale, "moment") | more
            by, now = source.parent.created_by, timezone.now()
            question = cursors.ask(parent=source.parent, kind=kind, by=by, now=now, **asked)
            cursor_questions.answer_question(question_id=question.pk)
            question.refresh_from_db()
            return question

        return ask

    def test_the_adviser_looks_once_and_says_what_there_is(self, source_of, answered):
        source = source_of()
        source.add(None, "2026-01-01 09:00", "2026-01-02 10:00", "2026-01-02 10:00", "2099-01-01")
        assert answered(source, "cost").answer["bytes"] > 0
        found = answered(source, "advice").answer
        assert {name: found[name] for name in ("rows", "nulls", "ahead", "ties")} == {
            "rows": 5,
            "nulls": 1,
            "ahead": 1,
            "ties": 2,
        }
        assert found["top"] == "2026-01-02 10:00:00.000000+00:00"

    def test_an_empty_table_is_no_failure(self, source_of, answered):
        found = answered(source_of(), "advice").answer
        assert (found["rows"], found["top"]) == (0, "")

    def test_what_is_counted_is_what_a_move_back_sends(self, source_of, answered):
        source = source_of(look_back_seconds=3600)
        source.add("2026-01-01 08:00", "2026-01-01 09:00", "2026-01-01 10:00", None)
        source.run()
        begin = cursors.value_before(source.cursor(), "2026-01-01 09:00")
        question = answered(source, "resend", **{"from": begin, "until": source.cursor().value})
        assert question.answer["rows"] == 2

    def test_a_table_that_is_gone_is_said_in_our_words(self, source_of, answered):
        source = source_of()
        source.sql(f"DROP TABLE `shop`.`{source.table}`")
        question = answered(source, "advice")
        assert question.answer is None
        assert "dropped or renamed" in question.failure_sentence
