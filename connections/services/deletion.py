"""Deleting a connection: review, confirm, and from then on nothing new can start."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import trail
from accounts.models import User
from connections import tasks
from connections.bell import ring_on_commit
from connections.models import Connection, folded
from imports.models import Import, Run
from imports.services import runs as run_services


class ReviewOutdated(Exception):
    """Something changed since the list was shown; the message is fit for the user."""


class NameNotTyped(Exception):
    """Runs are at work and the name was not typed to confirm; fit for the user."""


class AlreadyLeaving(Exception):
    """Somebody else deleted it first; the message is fit for the user."""


@dataclass(frozen=True)
class Review:
    """What a deletion would stop. ``token`` changes when the list does."""

    imports: list[Import]
    runs: list[Run]
    token: str

    @property
    def needs_typed_name(self) -> bool:
        return bool(self.runs)


def review_deletion(connection: Connection) -> Review:
    """List every import of the connection, and its runs that are not final."""
    imports = list(Import.objects.listed().of_connection(connection).order_by("nickname", "id"))
    runs = list(
        Run.objects.active()
        .of_connection(connection)
        .select_related("parent")
        .order_by("parent__nickname", "id")
    )
    facts = [f"{connection.pk}:{connection.version}"]
    facts += [f"{found.pk}:{found.status}" for found in imports]
    facts += sorted(str(run.pk) for run in runs)
    return Review(imports, runs, hashlib.sha256("\n".join(facts).encode()).hexdigest())


def delete_connection(
    *, connection: Connection, token: str, typed_name: str, by: User, now: datetime
) -> None:
    """Mark the connection as deleting, stop its runs, and wake whoever finishes that.

    One transaction: the connection's row is locked, so no run can be started between the
    look and the mark (ADR 3). The key is destroyed last, by ``connections.deletion``.

    Raises:
        AlreadyLeaving: it is being deleted, or is gone.
        ReviewOutdated: the list of imports or runs changed since ``token`` was shown.
        NameNotTyped: runs are at work and ``typed_name`` is not the connection's name.
    """
    with transaction.atomic():
        locked = Connection.objects.select_for_update().get(pk=connection.pk)
        if not locked.is_active:
            raise AlreadyLeaving(f"“{locked.name}” is already being deleted.")
        review = review_deletion(locked)
        if review.token != token:
            raise ReviewOutdated(
                "The imports of this connection changed since the list was shown. "
                "Look at the new list and confirm again."
            )
        if review.needs_typed_name and folded(typed_name) != locked.name_key:
            raise NameNotTyped(f"Type the name of the connection, “{locked.name}”, to confirm.")
        locked.begin_deletion(by_id=by.pk, version=locked.version, now=now)
        run_services.stop_runs_of(
            connection=locked, by=by, reason=f"Connection “{locked.name}” was deleted", now=now
        )
        trail.record(
            by=by,
            action="connection deleted",
            kind="connection",
            object_id=locked.pk,
            name=locked.name,
            before={"imports": len(review.imports), "runs": [str(run.pk) for run in review.runs]},
        )
        ring_on_commit(tasks.finish_deletion, connection_id=locked.pk)


def ring_unfinished_deletions() -> int:
    """Wake a worker for every deletion that is not finished; returns how many."""
    leaving = Connection.objects.filter(state=Connection.State.DELETING)
    for connection in leaving:
        ring_on_commit(tasks.finish_deletion, connection_id=connection.pk)
    return len(leaving)
