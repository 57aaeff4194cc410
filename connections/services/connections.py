"""Making a connection out of a form and a key draft."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections import status
from connections.models import Connection, ConnectionTest, StoredKey, folded
from connections.services.keys import DRAFT_GONE
from connections.services.retests import first_daily_test


class NameTaken(Exception):
    """Another connection has this name already; the message is fit for the user."""


class KeyDraftGone(Exception):
    """The draft expired or was used; the message is fit for the user."""


@dataclass(frozen=True)
class Details:
    """What the form says about a connection, checked by the form."""

    name: str
    project_id: str
    dataset_id: str
    access: str


@by_admin
def create_connection(*, details: Details, key: StoredKey, by: User, now: datetime) -> Connection:
    """Save the connection with its key; tests of exactly this key and place become its own.

    Raises:
        NameTaken: whatever the case or the spaces of the other name.
        KeyDraftGone: the draft expired, or another save used it.
    """
    refuse_taken(details.name)
    try:
        with transaction.atomic():
            if not key.attach():
                raise KeyDraftGone(DRAFT_GONE)
            row_id = uuid.uuid4()
            connection = Connection.objects.create(
                id=row_id,
                name=details.name,
                name_key=folded(details.name),
                project_id=details.project_id,
                dataset_id=details.dataset_id,
                access=details.access,
                key=key,
                created_by=by,
                created_at=now,
                updated_at=now,
                next_test_at=first_daily_test(row_id, now=now),
            )
            _adopt_tests(connection)
            _record_creation(connection, by)
    except IntegrityError:
        refuse_taken(details.name)
        raise
    return connection


def refuse_taken(name: str, *, but: Connection | None = None) -> None:
    """Raises NameTaken if a listed connection, other than ``but``, has this name."""
    others = Connection.objects.named(name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise NameTaken(f"There is already a connection called “{name}”. Choose another name.")


def _adopt_tests(connection: Connection) -> None:
    tests = ConnectionTest.objects.filter(
        key=connection.key, fingerprint=status.fingerprint_of(connection)
    )
    newest = tests.newest_first().first()
    tests.update(connection=connection)
    if newest is not None:
        Connection.objects.filter(pk=connection.pk).update(
            latest_test=newest, location=newest.location
        )


def _record_creation(connection: Connection, by: User) -> None:
    trail.record(
        by=by,
        action="connection created",
        kind="connection",
        object_id=connection.pk,
        name=connection.name,
        after={
            "project_id": connection.project_id,
            "dataset_id": connection.dataset_id,
            "access": connection.access,
            "client_email": connection.key.client_email,
            "key_id": connection.key.short_id,
        },
    )
