"""Asking for a dry run on behalf of a page, and reading what became of it."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections import encryption
from connections.bell import ring_on_commit
from connections.models import Connection
from imports import tasks
from imports.models import DryRun, Import

SIZES = (100, 250, 500, 1000)
NO_WORKER = (
    "No worker answered in time. Ask the operator whether the probe worker runs, then try again."
)
DEADLINE = timedelta(minutes=3)
RESULT_KEPT_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


class CannotRehearse(Exception):
    """A dry run cannot be made now; the message is fit for the user."""


def size_of(asked: str) -> int:
    """The number of rows that was chosen; anything else means the smallest."""
    return next((size for size in SIZES if str(size) == asked), SIZES[0])


@by_creator
def start_dry_run(
    *, parent: Import, mapping: dict[str, Any], rows: int, by: User, now: datetime
) -> DryRun:
    """Ask a worker to try the mapping on a sample; the same question is not asked twice at once.

    Raises:
        CannotRehearse: the connection is being deleted, or the import was stopped.
    """
    return _asked(parent, by, now, "dry run performed", mapping=mapping, sample_rows=rows)


@by_creator
def start_check(*, parent: Import, mapping: dict[str, Any], by: User, now: datetime) -> DryRun:
    """Ask what checking all rows would cost. Nothing is read before ``confirm``.

    Raises:
        CannotRehearse: as ``start_dry_run``.
    """
    question = {"mapping": mapping, "sample_rows": 0, "scope": DryRun.Scope.WHOLE}
    return _asked(parent, by, now, "check of all rows asked for", **question)


@by_creator
def confirm(*, dry_run: DryRun, by: User, now: datetime) -> None:
    """Have all rows checked, at the cost that was told.

    Raises:
        CannotRehearse: the cost is not known yet, or somebody has confirmed it before.
    """
    with transaction.atomic():
        if not dry_run.confirm(now=now):
            raise CannotRehearse("This check is under way or over already.")
        after = {"bytes": dry_run.estimated_bytes}
        _record(dry_run.parent, by, "all rows checked", after)
        ring_on_commit(tasks.perform_dry_run, dry_run_id=dry_run.pk)


def _asked(parent: Import, by: User, now: datetime, action: str, **question: Any) -> DryRun:
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=parent.connection_id)
        if not connection.is_active:
            raise CannotRehearse(f"The connection “{connection.name}” is being deleted.")
        if not Import.objects.listed().filter(pk=parent.pk).exclude(status="stopped").exists():
            raise CannotRehearse("This import was stopped meanwhile, so nothing can be tried.")
        waiting = DryRun.objects.at_work_on(parent, **question)
        recent = waiting.filter(requested_at__gt=now - DEADLINE).order_by("-requested_at").first()
        if recent is not None:
            return recent
        dry_run = DryRun.objects.create(
            parent=parent, requested_by=by, requested_at=now, **question
        )
        _record(parent, by, action, {"rows": dry_run.sample_rows or "all"})
        ring_on_commit(tasks.perform_dry_run, dry_run_id=dry_run.pk)
    return dry_run


def _record(parent: Import, by: User, action: str, after: dict[str, Any]) -> None:
    trail.record(
        by=by,
        action=action,
        kind="import",
        object_id=parent.pk,
        name=parent.nickname,
        after=after,
    )


def result_of(dry_run: DryRun) -> dict[str, Any] | None:
    """What the worker has found; None if it is not there, not kept any more, or does not open."""
    if dry_run.sealed_result is None:
        return None
    try:
        opened = encryption.open_sealed(dry_run.sealed_result, DryRun.seal_context(dry_run.pk))
    except encryption.CannotOpen:
        return None
    result: dict[str, Any] = json.loads(opened.reveal())
    return result


def settle_overdue(*, dry_run: DryRun, now: datetime) -> bool:
    """End a dry run that nobody took up in time. Returns whether this call ended it."""
    wait = DEADLINE if dry_run.started_at else timedelta(seconds=3 * settings.TEST_DEADLINE_SECONDS)
    since = dry_run.confirmed_at or dry_run.requested_at
    if dry_run.is_finished or dry_run.waits_for_consent or now < since + wait:
        return False
    return dry_run.failed(NO_WORKER)


def forget_old(*, now: datetime) -> None:
    """Take customers' values out after an hour; forget the whole after a day."""
    DryRun.objects.older_than(now - KEPT_FOR).delete()
    DryRun.objects.older_than(now - RESULT_KEPT_FOR).with_result().update(sealed_result=None)
