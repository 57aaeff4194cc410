"""Changing a connection: its name, its place, its key. The key before stays restorable.

A new key is a draft until the connection is saved, so the old one is in force until then
(ADR 12). From then on the old one is kept, sealed, for ``settings.FORMER_KEY_DAYS``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections import status
from connections.models import Connection, ConnectionTest, FormerKey, StoredKey, folded
from connections.services.connections import Details, KeyDraftGone, refuse_taken
from imports.models import Run

DRAFT_GONE = (
    "The new key was read more than 30 minutes ago and is no longer kept. The key in force was "
    "not touched. Upload the new one again; everything else is still filled in."
)


class ChangedMeanwhile(Exception):
    """Somebody else saved the connection first; the message is fit for the user."""


class NotActive(Exception):
    """The connection is being deleted, or is gone; the message is fit for the user."""


class NotRestorable(Exception):
    """The former key cannot be brought back any more; the message is fit for the user."""


@dataclass(frozen=True)
class Change:
    """What the form says: the details, the version it was filled in for, a new key or None."""

    details: Details
    version: int
    new_key: StoredKey | None = None


@by_admin
def change_connection(
    *, connection: Connection, change: Change, by: User, now: datetime
) -> Connection:
    """Save the change; a new key is in force from now on, the one before restorable.

    A test of exactly the new key and place becomes the connection's own. Without one it
    reads as not verified.

    Raises:
        NotActive: it is being deleted.
        ChangedMeanwhile: it was saved by somebody else since ``change.version``.
        NameTaken: by another connection.
        KeyDraftGone: the new key's draft expired, or another save used it.
    """
    refuse_taken(change.details.name, but=connection)
    try:
        with transaction.atomic():
            locked = _locked(connection, change.version)
            before = _described(locked)
            _apply(locked, change.details)
            if _is_new(locked, change.new_key):
                _attach(change.new_key)
                _put_in_force(locked, change.new_key, by=by, now=now)
            _save(locked, now=now)
            _record(locked, before=before, by=by)
    except IntegrityError:
        refuse_taken(change.details.name, but=connection)
        raise
    return locked


@by_admin
def restore_key(*, former: FormerKey, by: User, now: datetime) -> Connection:
    """Bring a former key back into force; the one in force becomes a former key.

    Raises:
        NotActive: the connection is being deleted.
        NotRestorable: its days are over, or somebody brought it back before.
    """
    with transaction.atomic():
        locked = _locked(former.connection)
        before = _described(locked)
        if not former.restore(now=now):
            raise NotRestorable(
                f"The key {former.key.short_id} cannot be brought back any more. "
                "Upload it again under Edit, if you still have its file."
            )
        _put_in_force(locked, former.key, by=by, now=now)
        _save(locked, now=now)
        _record(locked, before=before, by=by)
    return locked


def retire_former_keys(*, now: datetime) -> int:
    """Destroy former keys whose days are over and that no run reads with; returns how many."""
    retired = 0
    for former in FormerKey.objects.overdue(now=now).select_related("key", "connection"):
        if Run.objects.active().filter(key=former.key).exists() or not former.key.destroy():
            continue
        retired += 1
        trail.record(
            by=None,
            action="former key destroyed",
            kind="connection",
            object_id=former.connection_id,
            name=former.connection.name,
            before={"key_id": former.key.short_id},
        )
    return retired


def _locked(connection: Connection, version: int | None = None) -> Connection:
    rows = Connection.objects.select_for_update(of=("self",)).select_related("key")
    locked = rows.get(pk=connection.pk)
    if not locked.is_active:
        raise NotActive(f"“{locked.name}” is being deleted and cannot be changed any more.")
    if version is not None and locked.version != version:
        raise ChangedMeanwhile(
            f"Somebody changed “{locked.name}” since you opened this page: it now says project "
            f"{locked.project_id}, dataset {locked.dataset_id}, key {locked.key.short_id}. "
            "Your words are still here. Save again to put them in their place."
        )
    return locked


def _apply(connection: Connection, details: Details) -> None:
    moved = (details.project_id, details.dataset_id) != (
        connection.project_id,
        connection.dataset_id,
    )
    connection.name = details.name
    connection.name_key = folded(details.name)
    connection.project_id = details.project_id
    connection.dataset_id = details.dataset_id
    connection.access = details.access
    if moved:
        connection.location = ""


def _is_new(connection: Connection, key: StoredKey | None) -> bool:
    """The very key that is in force, uploaded again, replaces nothing."""
    return key is not None and key.public_fingerprint != connection.key.public_fingerprint


def _attach(key: StoredKey | None) -> None:
    if key is None or not key.attach():
        raise KeyDraftGone(DRAFT_GONE)


def _put_in_force(
    connection: Connection, key: StoredKey | None, *, by: User, now: datetime
) -> None:
    FormerKey.objects.create(
        connection=connection,
        key=connection.key,
        replaced_at=now,
        replaced_by=by,
        restorable_until=now + timedelta(days=settings.FORMER_KEY_DAYS),
    )
    if key is not None:
        connection.key = key


def _save(connection: Connection, *, now: datetime) -> None:
    """Write it, with the newest test that was made of exactly this key and place."""
    fitting = ConnectionTest.objects.filter(fingerprint=status.fingerprint_of(connection))
    own = fitting.filter(connection=connection) | fitting.filter(candidate_for=connection)
    newest = own.newest_first().first()
    own.update(connection=connection)
    connection.latest_test = newest
    connection.location = connection.location or (newest.location if newest else "")
    connection.version += 1
    connection.updated_at = now
    connection.save()


def _described(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "project_id": connection.project_id,
        "dataset_id": connection.dataset_id,
        "access": connection.access,
        "client_email": connection.key.client_email,
        "key_id": connection.key.short_id,
    }


def _record(connection: Connection, *, before: dict[str, Any], by: User) -> None:
    after = _described(connection)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        trail.record(
            by=by,
            action="key replaced" if "key_id" in changed else "connection changed",
            kind="connection",
            object_id=connection.pk,
            name=connection.name,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
