"""Runs by schedule: what the tick starts and what it leaves, and two ticks over moved clocks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.models import AuditEntry
from imports.models import Import, Run
from imports.schedule import LAST_DAY, DayTime, Interval, Monthly, Once, Schedule, Unit, Weekly
from imports.services import runs, scheduling
from imports.services.definitions import save_mapping
from imports.services.scheduling import CannotSchedule
from tests.factories import MAPPING, ConnectionFactory, ImportFactory, RunFactory, UserFactory

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def every_quarter(start=NOON, end=None):
    return Schedule(Interval(15, Unit.MINUTES, start), "UTC", end)


def fresh(parent):
    return Import.objects.get(pk=parent.pk)


def end(run):
    Run.objects.filter(pk=run.pk).update(state=Run.State.SUCCEEDED, finished_at=timezone.now())


def slots_of(parent):
    return list(parent.runs.order_by("scheduled_for").values_list("scheduled_for", flat=True))


@pytest.fixture
def by():
    return UserFactory(creator=True)


@pytest.fixture
def scheduled(by):
    """An import that is due at noon and every quarter of an hour after it."""
    parent = ImportFactory()
    scheduling.set_schedule(parent=parent, schedule=every_quarter(), by=by, now=NOON)
    return parent


@pytest.mark.django_db
class TestWhatIsDue:
    def test_is_started_once_and_the_next_start_is_set(self, scheduled, bells):
        assert scheduling.start_due_runs(now=NOON) == 1
        run = scheduled.runs.get()
        assert (run.trigger, run.scheduled_for, run.requested_by) == ("schedule", NOON, None)
        assert run.snapshot["mapping"] == MAPPING
        assert fresh(scheduled).next_slot_at == NOON + QUARTER
        assert scheduling.start_due_runs(now=NOON) == 0

    def test_wakes_a_worker(self, scheduled, bells, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            scheduling.start_due_runs(now=NOON)
        assert bells == [("imports.execute_run", {"run_id": str(scheduled.runs.get().pk)})]

    def test_is_not_started_before_its_time(self, scheduled, bells):
        assert scheduling.start_due_runs(now=NOON - timedelta(seconds=1)) == 0

    def test_waits_while_a_run_is_at_work_and_starts_once_behind_it(self, scheduled, bells):
        at_work = RunFactory(parent=scheduled)
        assert scheduling.start_due_runs(now=NOON + 3 * QUARTER) == 0
        assert fresh(scheduled).next_slot_at == NOON
        end(at_work)
        assert scheduling.start_due_runs(now=NOON + 3 * QUARTER) == 1
        assert fresh(scheduled).next_slot_at == NOON + 4 * QUARTER

    def test_that_was_missed_for_a_day_runs_once(self, scheduled, bells):
        late = NOON + timedelta(days=1, minutes=1)
        assert scheduling.start_due_runs(now=late) == 1
        assert slots_of(scheduled) == [NOON]
        assert fresh(scheduled).next_slot_at == NOON + timedelta(days=1) + QUARTER

    def test_for_the_last_time_leaves_the_import_ready(self, by, bells):
        parent = ImportFactory()
        once = Schedule(Once(NOON), "UTC")
        scheduling.set_schedule(parent=parent, schedule=once, by=by, now=NOON - QUARTER)
        assert scheduling.start_due_runs(now=NOON) == 1
        assert (fresh(parent).status, fresh(parent).next_slot_at) == ("ready", None)

    @pytest.mark.parametrize("status", ["paused", "stopped", "draft"])
    def test_but_not_scheduled_any_more_is_left(self, status, scheduled, bells):
        Import.objects.filter(pk=scheduled.pk).update(status=status)
        assert scheduling.start_due_runs(now=NOON) == 0

    def test_but_deleted_is_left(self, scheduled, by, bells):
        scheduled.delete_for_good(by_id=by.pk, now=NOON)
        assert scheduling.start_due_runs(now=NOON) == 0

    def test_under_a_connection_that_is_being_deleted_is_left(self, scheduled, bells):
        Import.objects.filter(pk=scheduled.pk).update(connection=ConnectionFactory(deleting=True))
        assert scheduling.start_due_runs(now=NOON) == 0

    def test_but_unreadable_is_paused_and_does_not_hold_up_the_others(self, scheduled, by, bells):
        broken = ImportFactory()
        scheduling.set_schedule(
            parent=broken, schedule=every_quarter(NOON - QUARTER), by=by, now=NOON - QUARTER
        )
        Import.objects.filter(pk=broken.pk).update(schedule={"type": "lunar"})
        assert scheduling.start_due_runs(now=NOON) == 1
        assert fresh(broken).status == "paused"
        assert AuditEntry.objects.filter(action="import paused", object_id=broken.pk).exists()

    def test_is_stopped_with_its_connection(self, scheduled, by, bells):
        runs.end_imports_of(connection=scheduled.connection, by=by, now=NOON)
        assert scheduling.start_due_runs(now=NOON) == 0


@pytest.mark.django_db
class TestSetting:
    def test_is_refused_without_a_mapping(self, by):
        with pytest.raises(CannotSchedule, match="Map the columns first"):
            scheduling.set_schedule(
                parent=ImportFactory(draft=True), schedule=every_quarter(), by=by, now=NOON
            )

    def test_is_refused_when_no_start_lies_ahead(self, by):
        parent = ImportFactory()
        with pytest.raises(CannotSchedule, match="no start that lies ahead"):
            scheduling.set_schedule(
                parent=parent, schedule=Schedule(Once(NOON - QUARTER), "UTC"), by=by, now=NOON
            )
        assert fresh(parent).status == "ready"

    def test_none_takes_the_schedule_away(self, scheduled, by):
        scheduling.set_schedule(parent=scheduled, schedule=None, by=by, now=NOON)
        found = fresh(scheduled)
        assert (found.status, found.schedule, found.next_slot_at) == ("ready", {}, None)

    def test_is_written_down_with_before_and_after(self, scheduled, by):
        scheduling.set_schedule(parent=scheduled, schedule=None, by=by, now=NOON)
        entry = AuditEntry.objects.filter(action="schedule changed").latest("at")
        assert (entry.before["count"], entry.after) == (15, {})

    def test_a_new_mapping_leaves_the_schedule_in_force(self, scheduled, by):
        save_mapping(draft=scheduled, mapping=MAPPING, columns=scheduled.columns, by=by, now=NOON)
        assert fresh(scheduled).status == "scheduled"


@pytest.mark.django_db
class TestPausing:
    def test_starts_nothing_and_resuming_leaves_out_what_lay_between(self, scheduled, by, bells):
        scheduling.pause(parent=scheduled, by=by, now=NOON)
        assert scheduling.start_due_runs(now=NOON + QUARTER) == 0
        scheduling.resume(parent=scheduled, by=by, now=NOON + 2.5 * QUARTER)
        assert fresh(scheduled).next_slot_at == NOON + 3 * QUARTER

    def test_needs_a_schedule(self, by):
        with pytest.raises(CannotSchedule, match="Only an import with a schedule"):
            scheduling.pause(parent=ImportFactory(), by=by, now=NOON)

    def test_is_refused_twice(self, scheduled, by):
        scheduling.pause(parent=scheduled, by=by, now=NOON)
        with pytest.raises(CannotSchedule, match="can be paused"):
            scheduling.pause(parent=scheduled, by=by, now=NOON)

    def test_resuming_needs_a_pause(self, scheduled, by):
        with pytest.raises(CannotSchedule, match="Only a paused or stopped import"):
            scheduling.resume(parent=scheduled, by=by, now=NOON)

    def test_resuming_is_refused_when_the_schedule_is_over(self, by):
        parent = ImportFactory()
        over = every_quarter(end=NOON + QUARTER)
        scheduling.set_schedule(parent=parent, schedule=over, by=by, now=NOON)
        scheduling.pause(parent=parent, by=by, now=NOON)
        with pytest.raises(CannotSchedule, match="schedule is over"):
            scheduling.resume(parent=parent, by=by, now=NOON + 2 * QUARTER)
        assert fresh(parent).status == "paused"


# The day on which clocks move, and the zone: 23 and 25 hours long, or half an hour off. One day
# of each kind is simulated to its end, the others until well after their clocks have moved.
MOVED = [
    ("Europe/Berlin", "2026-03-29", 24),
    ("Europe/Berlin", "2026-10-25", 24),
    ("America/New_York", "2026-03-08", 6),
    ("America/New_York", "2026-11-01", 6),
    ("Australia/Lord_Howe", "2026-10-04", 6),
    ("Australia/Lord_Howe", "2026-04-05", 6),
]


def schedules(zone, start):
    """One of each kind, with starts in the hour that is left out or comes twice."""
    times = [time(1, 30), time(2), time(2, 15), time(2, 30), time(3), time(3, 30), time(18)]
    return [
        Schedule(Interval(15, Unit.MINUTES, start), zone),
        Schedule(Interval(1, Unit.HOURS, start), zone),
        Schedule(Interval(1, Unit.DAYS, start + timedelta(hours=3)), zone),
        Schedule(Weekly(tuple(DayTime(6, at) for at in times)), zone),
        Schedule(Monthly((DayTime(LAST_DAY, time(9)), DayTime(start.day, time(2, 30)))), zone),
    ]


def two_ticks(start, hours):
    """Both look at each simulated quarter of an hour in the same moment."""
    together = Barrier(2)

    def tick():
        made = 0
        try:
            for number in range(hours * 4 + 1):
                together.wait(timeout=60)
                now = start + number * QUARTER
                made += scheduling.start_due_runs(now=now)
                if together.wait(timeout=60) == 0:  # one of them lets the runs end
                    Run.objects.active().update(state=Run.State.SUCCEEDED, finished_at=now)
        finally:
            database.close()
        return made

    with ThreadPoolExecutor(2) as pool:
        ticks = [pool.submit(tick) for _ in range(2)]
        return [one.result() for one in ticks]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("zone", "day", "hours"), MOVED)
def test_two_ticks_use_each_slot_of_a_day_on_which_clocks_move_once(zone, day, hours, bells):
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    until = start + timedelta(hours=hours)
    by = UserFactory(creator=True)
    wanted = {}
    for schedule in schedules(zone, start):
        parent = ImportFactory(created_by=by)
        scheduling.set_schedule(parent=parent, schedule=schedule, by=by, now=start)
        wanted[parent] = list(takewhile(until.__ge__, schedule.moments(start)))
    made = two_ticks(start, hours)
    assert {parent: slots_of(parent) for parent in wanted} == wanted
    assert sum(made) == sum(map(len, wanted.values()))
