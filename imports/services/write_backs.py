"""Write-backs that wait: rung for by the tick, and asked for again by people."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.bell import ring_on_commit
from connections.models import Access, Connection
from imports import tasks
from imports.models import Run, WriteBack

RING_AGAIN_AFTER: Final = timedelta(seconds=20)


class CannotTryAgain(Exception):
    """Nothing would come of it now; the message is fit for the user."""


@by_creator
def try_again(*, run: Run, by: User, now: datetime) -> None:
    """Let a write-back that failed be tried anew.

    The connection's row is locked, so that its deletion either sees what waits or refuses it.

    Raises:
        CannotTryAgain: it has not failed, or it could not be written now.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=run.connection_id)
        _refuse(run, connection)
        found = WriteBack.objects.filter(pk=run.pk).first()
        if found is None or not found.ask_again(now=now):
            raise CannotTryAgain("There is nothing to try again: look at the page as it is now.")
        trail.record(
            by=by,
            action="write-back tried again",
            kind="run",
            object_id=run.pk,
            name=run.parent.nickname,
        )
        ring_on_commit(tasks.write_back, run_id=run.pk)


def ring_waiting(*, now: datetime) -> int:
    """Wake a worker for every write-back that nobody works on; returns how many."""
    silent = Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
    waiting = list(WriteBack.objects.claimable().filter(silent).values_list("pk", flat=True))
    for run_id in waiting:
        WriteBack.objects.filter(pk=run_id).update(rung_at=now)
        ring_on_commit(tasks.write_back, run_id=run_id)
    return len(waiting)


def _refuse(run: Run, connection: Connection) -> None:
    if not connection.is_active:
        raise CannotTryAgain(f"The connection “{connection.name}” is being deleted.")
    if connection.access != Access.READ_WRITE:
        raise CannotTryAgain(
            f"The connection “{connection.name}” is Read only. Change its access first."
        )
    if not run.parent.write_back:
        raise CannotTryAgain("Write-back is off for this import. Switch it on under Edit first.")
