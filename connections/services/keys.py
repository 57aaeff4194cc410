"""Keys as drafts: read once, sealed at once, named by id from then on."""

import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from accounts.permissions import by_admin
from connections import encryption
from connections.models import Connection, StoredKey
from connections.service_account import read_key

DRAFT_GONE = (
    "The key was read more than 30 minutes ago and is no longer kept. "
    "Read it again; everything else is still filled in."
)
DRAFT_SAVED = (
    "The key was saved with a connection already. "
    "Read it again to use it once more; everything else is still filled in."
)


@by_admin
def store_draft(*, raw: bytes | str, by: User, now: datetime) -> StoredKey:
    """Check the key, seal it, and keep it for ``settings.KEY_DRAFT_MINUTES``.

    ``repairs`` of the row say in sentences what was mended on the way.

    Raises:
        KeyRefused: with code, sentence and cure; nothing was stored.
    """
    key = read_key(raw, token_uris=accepted_token_uris())
    row_id = uuid.uuid4()
    return StoredKey.objects.create(
        id=row_id,
        sealed_key=encryption.seal(key.to_secret(), StoredKey.seal_context(row_id)),
        client_email=key.client_email,
        project_id=key.project_id,
        private_key_id=key.private_key_id,
        public_fingerprint=key.public_fingerprint,
        google=key.google,
        repairs=list(key.repairs),
        uploaded_by=by,
        uploaded_at=now,
        expires_at=now + timedelta(minutes=settings.KEY_DRAFT_MINUTES),
    )


def accepted_token_uris() -> dict[str, str]:
    """The token addresses that a key may name, each with the Google it stands for."""
    return {row["token_uri"]: name for name, row in settings.GOOGLE_ENDPOINTS.items()}


@by_admin
def draft_of(*, draft_id: UUID | None, by: User, now: datetime) -> StoredKey | None:
    """The person's own draft, if it is still there."""
    if draft_id is None:
        return None
    return (
        StoredKey.objects.drafts().filter(pk=draft_id, uploaded_by=by, expires_at__gt=now).first()
    )


@by_admin
def why_gone(*, draft_id: UUID | None, by: User) -> str:
    """Why the person's draft is no draft any more; empty if they never read such a key."""
    mine = StoredKey.objects.filter(uploaded_by=by)
    key = mine.filter(pk=draft_id).first() if draft_id else None
    if key is None:
        return ""
    is_attached = key.expires_at is None and key.destroyed_at is None
    return DRAFT_SAVED if is_attached else DRAFT_GONE


def connections_with_same_key(key: StoredKey) -> list[Connection]:
    """Listed connections that hold this very key already."""
    same = Q(key__public_fingerprint=key.public_fingerprint)
    return list(Connection.objects.listed().filter(same).exclude(key=key).order_by("name")[:5])


def destroy_expired_drafts(*, now: datetime) -> int:
    """Overwrite the sealed value of every draft whose time is over; returns how many."""
    return sum(draft.destroy() for draft in StoredKey.objects.expired(now=now))
