"""The cursor of an import: set by its mapping, moved back or taken away by people.

No function here moves it forward: that is a run's, when it succeeds (ADR 23).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.bell import ring_on_commit
from imports import tasks
from imports.cursor_values import NotAValue, Scale, cursor_type
from imports.models import Cursor, CursorQuestion, Import
from imports.models.cursor import source_of

NO_WORKER = (
    "No worker answered in time. Ask the operator whether the probe worker runs, then try again."
)
CHANGED = "The cursor has changed since this page was opened. Look at it again, then repeat."
NO_CURSOR = "This import has no cursor that could be moved back."
ANSWERED_WITHIN = timedelta(seconds=60)
KEPT_FOR = timedelta(days=1)


class CannotMove(Exception):
    """The cursor stays as it is; the message says why, fit for the user."""


@dataclass(frozen=True)
class Going:
    """How an import goes by a column: what the Map step asks beside the column itself."""

    look_back_seconds: int
    nulls: str
    newest_only: bool


def going_of(parent: Import) -> Going | None:
    """How it goes by its column now; None: it goes by none."""
    cursor = Cursor.objects.filter(parent=parent).first()
    return Going(cursor.look_back_seconds, cursor.nulls, cursor.newest_only) if cursor else None


def follow(
    *, parent: Import, mapping: dict[str, Any], columns: list[dict[str, Any]], going: Going | None
) -> None:
    """Let the cursor be of the mapping's Updated On column; without one there is none.

    Another column, unit or kind of data begins anew, with a full run. Call it in the
    transaction that stores the mapping.
    """
    rule = mapping.get("updated_on")
    if not rule or going is None:
        Cursor.objects.filter(parent=parent).delete()
        return
    column = next(one for one in columns if one["name"] == rule["column"])
    asked = {
        "column": rule["column"],
        "column_type": cursor_type(column["type"]),
        "unit": rule.get("format") or "",
        "time_zone": rule.get("time_zone") or "UTC",
        "kind": mapping["kind"],
        "look_back_seconds": going.look_back_seconds,
        "nulls": going.nulls,
        "newest_only": going.newest_only,
    }
    before = Cursor.objects.select_for_update().filter(parent=parent).first()
    if before is None:
        Cursor.objects.create(parent=parent, **asked)
        return
    begins_anew = not before.counts_as({**asked, "type": asked["column_type"]})
    more = {**_NOWHERE, "version": before.version + 1} if begins_anew else {}
    Cursor.objects.filter(pk=before.pk).update(**asked, **more)


def stands(parent: Import) -> bool:
    """Whether its cursor has a value, so that the next run reads from there."""
    return Cursor.objects.filter(parent=parent).exclude(value="").exists()


@by_creator
def read_other(*, parent: Import, goes_on: bool, by: User, now: datetime) -> bool | None:
    """What ``parent`` reads has changed: its next run sends all rows, or ``goes_on``.

    A run that is at work moves the cursor no more: it reads what was there before. Call it
    in the transaction that stores the change. True: it goes on from its value; False: it
    begins anew; None: there is no value that could be gone on from.
    """
    cursor = Cursor.objects.select_for_update().filter(parent=parent).first()
    if cursor is None:
        return None
    keeps = goes_on and bool(cursor.value)
    changed = {"source": source_of(parent.read)} if keeps else _NOWHERE
    cursor.change(by=by, now=now, version=cursor.version, **changed)
    if not cursor.value:
        return None
    _record(
        cursor, by, "cursor kept" if keeps else "cursor reset", cursor.begins_at if keeps else ""
    )
    return keeps


@by_creator
def move_back(*, parent: Import, to: str, version: int, by: User, now: datetime) -> Cursor:
    """The next run sends the rows from ``to`` on again, whatever was sent of them.

    Raises:
        CannotMove: no value of the column, not before the cursor, no cursor, or it changed.
    """
    with transaction.atomic():
        cursor = _locked(parent)
        text = value_before(cursor, to)
        if not cursor.change(by=by, now=now, version=version, resend_from=text):
            raise CannotMove(CHANGED)
        _record(cursor, by, "cursor moved back", text)
    return cursor


@by_creator
def reset(*, parent: Import, version: int, by: User, now: datetime) -> None:
    """The next run reads and sends all rows, as the first one did.

    Raises:
        CannotMove: there is no cursor, or it changed.
    """
    with transaction.atomic():
        cursor = _locked(parent)
        if not cursor.change(by=by, now=now, version=version, **_NOWHERE):
            raise CannotMove(CHANGED)
        _record(cursor, by, "cursor reset", "")


def value_before(cursor: Cursor, text: str) -> str:
    """The value as the column writes it. Raises: CannotMove, if it cannot be gone back to."""
    if not cursor.value:
        raise CannotMove(NO_CURSOR)
    scale = cursor.scale
    try:
        found = scale.text(scale.value(text))
    except NotAValue as refusal:
        raise CannotMove(str(refusal)) from None
    if scale.latest(cursor.value, found) != cursor.value:
        raise CannotMove(
            f"The cursor stands at {scale.words(cursor.value)} and moves back only. "
            "Enter an earlier value: rows in between would never be sent."
        )
    return found


@by_creator
def ask(*, parent: Import, kind: str, by: User, now: datetime, **asked: Any) -> CursorQuestion:
    """Let a worker ask BigQuery; the page shows the row until it is answered.

    ``asked``: column, type, unit and time_zone of the scale, and ``from``, ``until`` of a count.
    """
    with transaction.atomic():
        question = CursorQuestion.objects.create(
            parent=parent, kind=kind, asked=asked, requested_by=by, requested_at=now
        )
        ring_on_commit(tasks.answer_cursor_question, question_id=question.pk)
    return question


def question_of(*, parent: Import, question_id: str, now: datetime) -> CursorQuestion | None:
    """The import's own question with this id; one that nobody answers is ended."""
    try:
        found = parent.cursor_questions.filter(pk=UUID(question_id)).first()
    except ValueError:
        return None
    if found and not found.is_finished and now - found.requested_at > ANSWERED_WITHIN:
        found.failed(NO_WORKER)
        found.refresh_from_db()
    return found


def forget_old(*, now: datetime) -> None:
    """Forget questions and their answers after a day."""
    CursorQuestion.objects.older_than(now - KEPT_FOR).delete()


def asked_of(scale: Scale, column: str) -> dict[str, str]:
    """What a question says of a column."""
    return {"column": column, "type": scale.type, "unit": scale.unit, "time_zone": scale.zone}


_NOWHERE: dict[str, Any] = {
    "value": "",
    "edge_low": "",
    "resend_from": "",
    "moved_at": None,
    "moved_by_run": None,
}


def _locked(parent: Import) -> Cursor:
    if parent.is_deleted:
        raise CannotMove("This import was deleted.")
    cursor = Cursor.objects.select_for_update().filter(parent=parent).first()
    if cursor is None:
        raise CannotMove(NO_CURSOR)
    return cursor


def _record(before: Cursor, by: User, action: str, after: str) -> None:
    """``before``: the cursor as it was read, before it was changed."""
    trail.record(
        by=by,
        action=action,
        kind="import",
        object_id=before.parent_id,
        name=before.parent.nickname,
        before={"column": before.column, "value": before.begins_at},
        after={"column": before.column, "value": after},
    )
