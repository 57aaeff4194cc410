"""Deleting several connections after one review: all of what was shown, or nothing."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import User
from accounts.permissions import by_admin
from connections.models import Connection, DeletionChoice
from connections.services.deletion import (
    AlreadyLeaving,
    Decision,
    NameNotTyped,
    Review,
    ReviewOutdated,
    delete_connection,
    review_deletion,
)
from imports.models import Run

AT_ONCE = 100


class TooMany(Exception):
    """More connections than one review can show; the message is fit for the user."""


class NumberNotTyped(Exception):
    """Runs are at work and the number of connections was not typed; fit for the user."""


class NotForMany(Exception):
    """A choice that is made for one connection at a time; fit for the user."""


@dataclass(frozen=True)
class Line:
    """One connection of the review."""

    connection: Connection
    review: Review


@dataclass(frozen=True)
class BulkReview:
    """Those that would be deleted, those that are leaving already, how many are unknown."""

    lines: list[Line]
    leaving: list[Connection]
    unknown: int
    token: str = field(init=False, default="")

    def __post_init__(self) -> None:
        facts = "\n".join(sorted(line.review.token for line in self.lines))
        object.__setattr__(self, "token", hashlib.sha256(facts.encode()).hexdigest())

    @property
    def run_count(self) -> int:
        return sum(len(line.review.runs) for line in self.lines)

    @property
    def import_count(self) -> int:
        return sum(len(line.review.imports) for line in self.lines)


def review_many(ids: Iterable[Any]) -> BulkReview:
    """What each of the connections would stop; ids that name none are counted.

    Raises:
        TooMany: more than ``AT_ONCE``.
    """
    given = [_uuid(value) for value in dict.fromkeys(ids)]
    known = {found for found in given if found}
    if len(known) > AT_ONCE:
        raise TooMany(f"At most {AT_ONCE} connections can be deleted at a time. Choose fewer.")
    at_work = Count("runs", filter=Q(runs__state__in=Run.State.active()))
    found = Connection.objects.with_people().filter(pk__in=known).annotate(runs_left=at_work)
    ordered = list(found.order_by("name", "id"))
    active = [connection for connection in ordered if connection.is_active]
    return BulkReview(
        lines=[Line(connection, review_deletion(connection)) for connection in active],
        leaving=[connection for connection in ordered if not connection.is_active],
        unknown=given.count(None) + len(known) - len(ordered),
    )


@by_admin
def delete_many(
    *, review: BulkReview, token: str, typed_number: str, choice: str, by: User, now: datetime
) -> list[str]:
    """Delete each connection of the review in a transaction of its own.

    Returns a sentence for each that was not deleted, because it changed in that very moment.

    Raises, before anything is changed:
        ReviewOutdated: anything of the list changed since ``token`` was shown.
        NumberNotTyped: runs are at work and the number of connections was not typed.
        NotForMany: the imports were to be moved.
    """
    if choice == DeletionChoice.MOVE:
        raise NotForMany("Imports are moved for one connection at a time, on its own page.")
    if review.token != token:
        raise ReviewOutdated(
            "These connections, or their imports, changed since the list was shown. Nothing was "
            "deleted. Look at the new list and confirm again."
        )
    if review.run_count and typed_number.strip() != str(len(review.lines)):
        raise NumberNotTyped(
            f"Type the number of connections, {len(review.lines)}, to confirm. Nothing was deleted."
        )
    outcomes = (_delete(line, choice, by=by, now=now) for line in review.lines)
    return [sentence for sentence in outcomes if sentence]


def _delete(line: Line, choice: str, *, by: User, now: datetime) -> str:
    name = line.connection.name
    decision = Decision(token=line.review.token, typed_name=name, choice=choice)
    try:
        delete_connection(connection=line.connection, decision=decision, by=by, now=now)
    except AlreadyLeaving as refusal:
        return str(refusal)
    except (ReviewOutdated, NameNotTyped):
        return f"“{name}” changed in this very moment and was not deleted. Look at it again."
    return ""


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
