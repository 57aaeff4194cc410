"""Stopping an import that is not wanted now: nothing starts it until it is resumed (ADR 41)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from imports.models import Import, Run
from imports.services import runs
from imports.services.locking import lock


class CannotStop(Exception):
    """The import cannot be stopped now; the message is fit for the user."""


@by_creator
def stop_import(*, subject: Import, by: User, now: datetime) -> bool:
    """Let nothing start it, and ask its run at work to stop; returns whether there was one.

    Its schedule, mapping and cursor stay as they are: ``scheduling.resume`` goes on with them.

    Raises:
        CannotStop: it is a draft, deleted, or stopped already; nothing was changed.
    """
    with transaction.atomic():
        _, locked = lock(subject)
        _refuse(locked)
        active = Run.objects.active().filter(parent=locked).first()
        if active is not None:
            reason = f"Import “{locked.nickname}” was stopped"
            runs.ask_to_stop(active, by=by, reason=reason, now=now)
        _write(locked, by=by, now=now)
        trail.record(
            by=by,
            action="import stopped",
            kind="import",
            object_id=locked.pk,
            name=locked.nickname,
            before={"status": locked.status, "stopped": str(active.pk) if active else None},
        )
    return active is not None


def _refuse(subject: Import) -> None:
    if subject.is_deleted:
        raise CannotStop(f"“{subject.nickname}” was deleted. There is nothing to stop.")
    if subject.status == Import.Status.STOPPED:
        raise CannotStop(f"“{subject.nickname}” is stopped already.")
    if subject.is_draft:
        raise CannotStop("A draft never runs, so there is nothing to stop. Delete it instead.")


def _write(subject: Import, *, by: User, now: datetime) -> None:
    Import.objects.filter(pk=subject.pk).update(
        status=Import.Status.STOPPED,
        next_slot_at=None,
        version=F("version") + 1,
        updated_by=by,
        updated_at=now,
    )
