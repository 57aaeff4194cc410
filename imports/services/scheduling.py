"""Schedules of imports: set, pause, resume, and start what is due.

The next start stands in the import's row. The tick makes the run and moves the row on in
one transaction, so a slot is used once however many ticks there are; while a run is at
work the slot stays due, and starts that are missed meanwhile become one (ADR 19).
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection
from imports.models import Import, Run
from imports.schedule import Schedule, ScheduleFaulty
from imports.services.locking import lock
from imports.services.runs import CannotStart, queue_run, refuse_start, refuse_where_gone

logger = structlog.get_logger(__name__)

# So that one tick does not hold up the others' duties; the rest follows four seconds later.
STARTS_A_TICK = 200
_AFTER = timedelta(microseconds=1)


class CannotSchedule(Exception):
    """The schedule cannot be set, paused or resumed now; the message is fit for the user."""


@by_creator
def set_schedule(*, parent: Import, schedule: Schedule | None, by: User, now: datetime) -> None:
    """Start the import by this schedule from now on; None: by hand only.

    Raises:
        CannotSchedule: not mapped, stopped, its connection is leaving, or no start lies ahead.
    """
    first = schedule.first(now) if schedule else None
    if schedule and first is None:
        raise CannotSchedule("This schedule has no start that lies ahead. Choose a later moment.")
    with transaction.atomic():
        connection, parent = lock(parent)
        _refuse(parent, connection)
        before = parent.schedule
        values = {
            "schedule": schedule.to_json() if schedule else {},
            "next_slot_at": first,
            "status": Import.Status.SCHEDULED if first else Import.Status.READY,
        }
        _write(parent, by=by, now=now, **values)
        _record(parent, by, "schedule changed", before=before, after=values["schedule"])


@by_creator
def pause(*, parent: Import, by: User, now: datetime) -> None:
    """Start nothing by schedule until it is resumed; a run at work goes on.

    Raises:
        CannotSchedule: it has no schedule that could be paused.
    """
    with transaction.atomic():
        _, parent = lock(parent)
        if parent.status != Import.Status.SCHEDULED:
            raise CannotSchedule("Only an import with a schedule can be paused.")
        _write(parent, by=by, now=now, status=Import.Status.PAUSED, next_slot_at=None)
        _record(parent, by, "import paused")


@by_creator
def resume(*, parent: Import, by: User, now: datetime) -> bool:
    """Go on with the first start after now; what lay in between is left out.

    Returns whether it starts by schedule: one that was stopped may have no start ahead, and
    is then run by hand, as before.

    Raises:
        CannotSchedule: it is neither paused nor stopped, its connection is leaving, or it is
            paused and its schedule is over.
    """
    with transaction.atomic():
        connection, parent = lock(parent)
        is_stopped = parent.status == Import.Status.STOPPED
        if not is_stopped and parent.status != Import.Status.PAUSED:
            raise CannotSchedule("Only a paused or stopped import can be resumed.")
        _refuse(parent, connection, is_resumed=is_stopped)
        following = Schedule.from_json(parent.schedule).first(now) if parent.schedule else None
        if following is None and not is_stopped:
            raise CannotSchedule("Its schedule is over. Set a new one.")
        status = Import.Status.SCHEDULED if following else Import.Status.READY
        _write(parent, by=by, now=now, status=status, next_slot_at=following)
        _record(parent, by, "import resumed")
    return following is not None


def start_due_runs(*, now: datetime) -> int:
    """Make a run for every import whose start is due; returns how many were made."""
    due = list(Import.objects.due(now=now)[:STARTS_A_TICK])
    return sum(_start(parent, now=now) for parent in due)


def _start(parent: Import, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return _start_locked(parent, now=now)
    except IntegrityError:
        return False  # a run was started by hand meanwhile: the slot stays due
    except CannotStart:
        return False  # its connection or itself is leaving, which ends the schedule as well


def _start_locked(seen: Import, *, now: datetime) -> bool:
    connection, parent = lock(seen)
    slot = parent.next_slot_at
    if slot is None or slot > now or parent.status != Import.Status.SCHEDULED:
        return False  # another tick, or somebody, was quicker
    refuse_start(parent, connection)
    try:
        following = Schedule.from_json(parent.schedule).first(now + _AFTER)
    except ScheduleFaulty as error:
        return _set_aside(parent, why=str(error))
    if not parent.move_slot(due=slot, following=following):
        return False
    run = queue_run(parent, connection, now=now, trigger=Run.Trigger.SCHEDULE, scheduled_for=slot)
    logger.info("run started by schedule", run=str(run.pk), slot=slot.isoformat())
    return True


def _set_aside(parent: Import, *, why: str) -> bool:
    """A schedule that cannot be read must neither stop the tick nor start at every tick."""
    logger.error("import paused", **{"import": str(parent.pk)}, why=why)
    Import.objects.filter(pk=parent.pk).update(status=Import.Status.PAUSED, next_slot_at=None)
    _record(parent, None, "import paused", after={"why": why})
    return False


def _refuse(parent: Import, connection: Connection, *, is_resumed: bool = False) -> None:
    refuse = refuse_where_gone if is_resumed else refuse_start
    try:
        refuse(parent, connection)
    except CannotStart as error:
        raise CannotSchedule(str(error)) from None


def _write(parent: Import, *, by: User, now: datetime, **values: Any) -> None:
    Import.objects.filter(pk=parent.pk).update(
        version=F("version") + 1, updated_by=by, updated_at=now, **values
    )


def _record(parent: Import, by: User | None, action: str, **values: Any) -> None:
    trail.record(
        by=by, action=action, kind="import", object_id=parent.pk, name=parent.nickname, **values
    )
