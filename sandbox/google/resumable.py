"""Uploads that come in several requests, as Google's resumable protocol has them.

https://cloud.google.com/bigquery/docs/reference/api-uploads#resumable
"""

import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.google.errors import ApiError, invalid

_MOST_BYTES = 100 * 1024 * 1024
_MOST_SESSIONS = 100
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """One upload: what its job is to be, whose it is, and the bytes that have come."""

    account: str
    metadata: dict[str, Any]
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    data: bytearray = field(default_factory=bytearray)

    def take(self, content_range: str, part: bytes) -> bool:
        """Add the part that a request brings; whether it was the last. Raises: ApiError."""
        found = _RANGE.fullmatch(content_range)
        if found is None:
            raise invalid("Failed to parse Content-Range header.")
        first, last, total = found.groups()
        if first is not None:
            if int(first) != len(self.data) or int(last) - int(first) + 1 != len(part):
                raise invalid("Invalid request. The byte range does not follow what was received.")
            if len(self.data) + len(part) > _MOST_BYTES:
                raise ApiError("invalid", f"The sandbox takes at most {_MOST_BYTES} bytes.", 413)
            self.data += part
        return total != "*" and len(self.data) == int(total)


class Sessions:
    """The uploads that are not over, by id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def begin(self, account: str, metadata: dict[str, Any]) -> Session:
        """A new one; the oldest goes where there are too many."""
        made = Session(account, metadata)
        with self._lock:
            while len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[made.id] = made
        return made

    def find(self, upload_id: str | None, account: str) -> Session:
        """Raises: ApiError (notFound), also for somebody else's."""
        found = self._sessions.get(upload_id or "")
        if found is None or found.account != account:
            raise ApiError("notFound", "Not found: upload")
        return found

    def end(self, session: Session) -> None:
        """Forget one whose job has begun."""
        with self._lock:
            self._sessions.pop(session.id, None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._sessions.clear()
