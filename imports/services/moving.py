"""Moving imports to another connection, because theirs is being deleted (ADR 14)."""

from datetime import datetime

from django.db.models import F

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections.models import Connection
from imports.models import Import, Move, Run
from imports.services.runs import snapshot_of


@by_admin
def move_imports(
    *, source: Connection, target: Connection, by: User, now: datetime
) -> list[Import]:
    """Every listed import of ``source``, drafts too, reads from ``target`` from now on.

    Runs that have begun go on as they began, with the key and the place of ``source``; a
    queued one reads from ``target``. Call it in the transaction that marks ``source`` as
    leaving and holds the rows of both.
    """
    moved = list(Import.objects.listed().of_connection(source).order_by("nickname", "id"))
    queued = Run.objects.filter(state=Run.State.QUEUED, parent__in=moved).order_by("pk")
    for run in queued.select_related("parent"):
        # A replay reads nothing: what it was made for stays as it is.
        snapshot = run.snapshot if run.is_replay else snapshot_of(run.parent, target)
        run.redirect_if_queued(to=target, snapshot=snapshot)
    Import.objects.filter(pk__in=[found.pk for found in moved]).update(
        connection=target, version=F("version") + 1, updated_at=now, updated_by=by
    )
    Move.objects.bulk_create(
        Move(parent=found, from_connection=source, to_connection=target, moved_at=now, moved_by=by)
        for found in moved
    )
    for found in moved:
        trail.record(
            by=by,
            action="import moved",
            kind="import",
            object_id=found.pk,
            name=found.nickname,
            before=_place(source),
            after=_place(target),
        )
    return moved


def _place(connection: Connection) -> dict[str, str]:
    return {
        "connection": connection.name,
        "project_id": connection.project_id,
        "dataset_id": connection.dataset_id,
    }
