"""Deleting a connection: review, confirm, and from then on nothing new can start.

What becomes of imports and runs is one of three choices (ADR 14). All of it is written in
the one transaction that marks the connection as leaving; what is left for later is to wait
for runs and to destroy the key, which ``connections.deletion`` does.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections import tasks
from connections.bell import ring_on_commit
from connections.models import Connection, DeletionChoice, folded
from connections.services.move_targets import Target, TargetRefused, locked_with
from imports.models import Import, Run
from imports.services import runs as run_services
from imports.services.moving import move_imports


class ReviewOutdated(Exception):
    """Something changed since the list was shown; the message is fit for the user."""


class NameNotTyped(Exception):
    """Runs are at work and the name was not typed to confirm; fit for the user."""


class AlreadyLeaving(Exception):
    """Somebody else deleted it first; the message is fit for the user."""


class NothingLeft(Exception):
    """No run is left that could be stopped; the message is fit for the user."""


@dataclass(frozen=True)
class Review:
    """What a deletion would stop. ``token`` changes when the list does."""

    imports: list[Import]
    runs: list[Run]
    token: str

    @property
    def needs_typed_name(self) -> bool:
        return bool(self.runs)

    @property
    def idle(self) -> list[tuple[str, list[Import]]]:
        """The imports without a run at work, by status, in the order of ``_IDLE_ORDER``."""
        running = {run.parent_id for run in self.runs}
        idle = [found for found in self.imports if found.pk not in running]
        groups = [(label, [i for i in idle if i.status == value]) for value, label in _IDLE_ORDER]
        return [(label, found) for label, found in groups if found]


@dataclass(frozen=True)
class Decision:
    """What was confirmed, and for which list. ``target`` is where a move goes."""

    token: str
    typed_name: str = ""
    choice: str = DeletionChoice.STOP
    target: Target | None = None


Status = Import.Status
_IDLE_ORDER = [
    (status.value, str(status.label))
    for status in (Status.SCHEDULED, Status.READY, Status.PAUSED, Status.DRAFT, Status.STOPPED)
]


def review_deletion(connection: Connection) -> Review:
    """List every import of the connection, and its runs that are not final."""
    imports = list(Import.objects.listed().of_connection(connection).order_by("nickname", "id"))
    runs = list(
        Run.objects.active()
        .bound_to(connection)
        .select_related("parent")
        .order_by("parent__nickname", "id")
    )
    facts = [f"{connection.pk}:{connection.version}"]
    facts += [f"{found.pk}:{found.status}" for found in imports]
    facts += sorted(str(run.pk) for run in runs)
    return Review(imports, runs, hashlib.sha256("\n".join(facts).encode()).hexdigest())


@by_admin
def delete_connection(
    *, connection: Connection, decision: Decision, by: User, now: datetime
) -> None:
    """Mark the connection as deleting, carry out the choice, and wake whoever finishes it.

    One transaction: the connection's row is locked, so no run can be started between the
    look and the mark (ADR 3). The key is destroyed last, by ``connections.deletion``.

    Raises:
        AlreadyLeaving: it is being deleted, or is gone.
        ReviewOutdated: the list of imports or runs changed since ``decision.token`` was shown.
        NameNotTyped: runs are at work and the name that was typed is not the connection's.
        TargetRefused: the imports cannot be moved to the connection that was chosen.
    """
    is_move = decision.choice == DeletionChoice.MOVE
    if is_move and decision.target is None:
        raise TargetRefused("Choose the connection that the imports move to.")
    with transaction.atomic():
        locked, other = locked_with(connection, decision.target if is_move else None)
        review = _checked(locked, decision)
        target = other if is_move else None
        locked.begin_deletion(
            by_id=by.pk, version=locked.version, now=now, choice=decision.choice, moved_to=target
        )
        _carry_out(locked, decision.choice, target, by=by, now=now)
        _record(locked, review, decision.choice, target, by=by)
        ring_on_commit(tasks.finish_deletion, connection_id=locked.pk)


@by_admin
def stop_remaining_runs(*, connection: Connection, by: User, now: datetime) -> int:
    """Stop the runs that a deletion had let finish; returns how many.

    Raises:
        NothingLeft: it is not being deleted, or all its runs have ended or are stopping.
    """
    with transaction.atomic():
        locked = Connection.objects.select_for_update().get(pk=connection.pk)
        stopped = 0
        if locked.state == Connection.State.DELETING:
            stopped = run_services.stop_runs_of(
                connection=locked, by=by, reason=_reason(locked), now=now
            )
        if not stopped:
            raise NothingLeft("No run is left that could be stopped.")
        trail.record(
            by=by,
            action="runs of a deletion stopped",
            kind="connection",
            object_id=locked.pk,
            name=locked.name,
            after={"runs": stopped},
        )
    return stopped


def ring_unfinished_deletions() -> int:
    """Wake a worker for every deletion that is not finished; returns how many."""
    leaving = Connection.objects.filter(state=Connection.State.DELETING)
    for connection in leaving:
        ring_on_commit(tasks.finish_deletion, connection_id=connection.pk)
    return len(leaving)


def _checked(connection: Connection, decision: Decision) -> Review:
    if not connection.is_active:
        raise AlreadyLeaving(f"“{connection.name}” is already being deleted.")
    review = review_deletion(connection)
    if review.token != decision.token:
        raise ReviewOutdated(
            "The imports of this connection changed since the list was shown. "
            "Look at the new list and confirm again."
        )
    if review.needs_typed_name and folded(decision.typed_name) != connection.name_key:
        raise NameNotTyped(f"Type the name of the connection, “{connection.name}”, to confirm.")
    return review


def _carry_out(
    connection: Connection, choice: str, target: Connection | None, *, by: User, now: datetime
) -> None:
    if target is not None:
        move_imports(source=connection, target=target, by=by, now=now)
        return
    stop = run_services.stop_runs_of
    if choice == DeletionChoice.FINISH:
        stop = run_services.stop_queued_runs_of
    stop(connection=connection, by=by, reason=_reason(connection), now=now)
    run_services.end_imports_of(connection=connection, by=by, now=now)


def _reason(connection: Connection) -> str:
    return f"Connection “{connection.name}” was deleted"


def _record(
    connection: Connection, review: Review, choice: str, target: Connection | None, *, by: User
) -> None:
    after = {"choice": DeletionChoice(choice).label}
    if target is not None:
        after["moved_to"] = target.name
    trail.record(
        by=by,
        action="connection deleted",
        kind="connection",
        object_id=connection.pk,
        name=connection.name,
        before={"imports": len(review.imports), "runs": [str(run.pk) for run in review.runs]},
        after=after,
    )
