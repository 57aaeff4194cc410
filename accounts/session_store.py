"""Sessions in the database under a hash of their key: who reads a backup is nobody (ADR 33).

The key itself is in the browser's cookie and nowhere else. It has 160 random bits, so that a
plain hash is enough. Must not know people.
"""

import hashlib

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

_COLUMN = 40  # hexadecimal digits of Django's column: 160 bits


def kept_as(session_key: str | None) -> str:
    """What the database calls the session of this key; nothing for none."""
    if not session_key:
        return ""
    return hashlib.sha256(f"session:{session_key}".encode()).hexdigest()[:_COLUMN]


class SessionStore(DatabaseSessions):
    """Django's, but for the name of the row. Only the synchronous half, as everything here."""

    def _get_session_from_db(self) -> Session | None:
        mine = Session.objects.filter(session_key=kept_as(self.session_key))
        found = mine.filter(expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None  # never a key that a browser made up
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(kept_as(session_key))

    def create_model_instance(self, data: dict[str, object]) -> AbstractBaseSession:
        made = super().create_model_instance(data)
        made.session_key = kept_as(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(kept_as(key))
