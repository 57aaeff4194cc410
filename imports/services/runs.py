"""Starting and stopping runs."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.bell import ring_on_commit
from connections.models import Connection
from imports import tasks
from imports.models import Cursor, Import, Run, Shard, WriteBack
from imports.services.locking import lock

RING_AGAIN_AFTER = timedelta(seconds=20)


class CannotStart(Exception):
    """The import cannot run now; the message says why, fit for the user."""


class AlreadyFinal(Exception):
    """The run had ended before it could be stopped; fit for the user."""


@by_creator
def start_run(*, parent: Import, by: User, now: datetime) -> Run:
    """Queue one run of the import and wake a worker.

    The connection's row is locked while the run is made, so a deletion either sees the
    run or refuses it: no run survives under a deleted connection (ADR 3).

    Raises:
        CannotStart: not mapped, stopped, its connection is leaving, or a run is at work.
    """
    try:
        with transaction.atomic():
            connection, parent = lock(parent)
            refuse_start(parent, connection)
            run = queue_run(parent, connection, now=now, requested_by=by)
            _record(run, by, "run started")
    except IntegrityError:
        raise CannotStart(
            f"A run of “{parent.nickname}” is already at work. Wait for it, or stop it first."
        ) from None
    return run


def queue_run(
    parent: Import,
    connection: Connection,
    *,
    now: datetime,
    snapshot: dict[str, Any] | None = None,
    **asked: Any,
) -> Run:
    """Make a run and wake a worker; call it in a transaction that holds both rows.

    ``asked`` says who or what asked for it: ``requested_by``, or ``trigger`` and
    ``scheduled_for``; of a replay also where its rows come from, and its ``snapshot``.

    Raises:
        IntegrityError: a run of the import is at work, or its slot was used before.
    """
    run = Run.objects.create(
        parent=parent,
        connection=connection,
        queued_at=now,
        rung_at=now,
        snapshot=snapshot or snapshot_of(parent, connection),
        **asked,
    )
    ring_on_commit(tasks.execute_run, run_id=run.pk)
    return run


@by_creator
def stop_run(*, run: Run, by: User, reason: str, now: datetime) -> None:
    """Ask the run to stop: at once if it is queued, else before its next request.

    Raises:
        AlreadyFinal: it has ended; nothing was changed.
    """
    with transaction.atomic():
        if not ask_to_stop(run, by=by, reason=reason, now=now):
            raise AlreadyFinal("This run has already ended. There is nothing to stop.")
        _record(run, by, "run stopped")


@by_creator
def stop_runs_of(*, connection: Connection, by: User, reason: str, now: datetime) -> int:
    """Ask every run of the connection to stop; returns how many were not asked before.

    Call it inside a transaction that holds the connection's row.
    """
    runs = Run.objects.active().bound_to(connection).filter(stop_requested_at__isnull=True)
    return sum(ask_to_stop(run, by=by, reason=reason, now=now) for run in runs.order_by("pk"))


@by_creator
def stop_queued_runs_of(*, connection: Connection, by: User, reason: str, now: datetime) -> int:
    """Stop the runs that no worker has begun, and no other; returns how many.

    Each is judged by the one UPDATE that stops it: what a worker claims first goes on.
    """
    asked = {"stop_requested_at": now, "stop_requested_by": by, "stop_reason": reason}
    runs = Run.objects.active().bound_to(connection).order_by("pk")
    return sum(_end_if_queued(run, **asked) for run in runs)


@by_creator
def end_imports_of(*, connection: Connection, by: User, now: datetime) -> int:
    """Let no import of the connection run any more, whatever its runs do."""
    return (
        Import.objects.listed()
        .of_connection(connection)
        .update(
            status=Import.Status.STOPPED,
            version=F("version") + 1,
            updated_at=now,
            updated_by=by,
        )
    )


def ring_waiting_runs(*, now: datetime) -> int:
    """Wake a worker for every run, and every shard of one, that nobody works on; how many.

    A bell that was lost, a worker that died, a wait that is over: all look the same here.
    """
    silent = Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
    lost_since = Q(rung_at__lt=F("lease_until"))  # that bell was for the owner who is gone
    runs = list(Run.objects.claimable().filter(silent | lost_since))
    shards = list(Shard.objects.claimable().filter(silent | lost_since))
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(rung_at=now)
    Shard.objects.filter(pk__in=[shard.pk for shard in shards]).update(rung_at=now)
    # With the last claim: once somebody has come, a bell that still hangs in the queue is void.
    for work in itertools.chain[Run | Shard](runs, shards):
        ring_on_commit(tasks.execute_run, run_id=work.pk, claim_id=str(work.fence))
    return len(runs) + len(shards)


@by_creator
def ask_to_stop(run: Run, *, by: User, reason: str, now: datetime) -> bool:
    """Record the request, end a queued run, wake the owner of another. False: it is final."""
    asked = (
        Run.objects.active()
        .filter(pk=run.pk, stop_requested_at__isnull=True)
        .update(stop_requested_at=now, stop_requested_by=by, stop_reason=reason)
    )
    if not asked:
        return Run.objects.active().filter(pk=run.pk).exists()
    if not _end_if_queued(run):
        ring_on_commit(tasks.execute_run, run_id=run.pk)
    return True


def snapshot_of(parent: Import, connection: Connection) -> dict[str, Any]:
    """What a run works on, whatever is edited after its start."""
    return {
        "project_id": connection.project_id,
        "dataset_id": connection.dataset_id,
        "table_id": parent.table_id,
        "sql": parent.sql,
        "bytes_cap": parent.bytes_cap,
        "tables": parent.estimate.get("tables", 1),
        "columns": parent.columns,
        "mapping": parent.mapping,
        "unknown_policy": parent.unknown_policy,
        "refused_limit": parent.refused_limit,
        "incremental": _incremental(parent),
    }


def _incremental(parent: Import) -> dict[str, Any] | None:
    """How it goes by its Updated On column; None: it reads all rows each time."""
    cursor = Cursor.objects.filter(parent=parent).first()
    return cursor.settings if cursor else None


def refuse_start(parent: Import, connection: Connection) -> None:
    """Raises: CannotStart, with the first reason why no run can be made now."""
    refuse_where_gone(parent, connection)
    if parent.is_draft:
        raise CannotStart("Map the columns first: an import without a mapping cannot run.")
    if not parent.can_run:
        raise CannotStart(f"“{parent.nickname}” was stopped. Resume it before you run it.")


def refuse_where_gone(parent: Import, connection: Connection) -> None:
    """Raises: CannotStart, where the import or its connection is no more."""
    if parent.is_deleted:
        raise CannotStart(f"“{parent.nickname}” was deleted and cannot run any more.")
    if not connection.is_active:
        raise CannotStart(
            f"The connection “{connection.name}” is being deleted: its imports can no longer run."
        )


def _end_if_queued(run: Run, **asked: Any) -> bool:
    """Stop a run that nobody has begun; its end is written down like any other."""
    is_over = run.stop_if_queued(**asked)
    if is_over and WriteBack.ask_for(run):
        ring_on_commit(tasks.write_back, run_id=run.pk)
    return is_over


def _record(run: Run, by: User, action: str) -> None:
    trail.record(by=by, action=action, kind="run", object_id=run.pk, name=run.parent.nickname)
