"""Access tokens: opaque, in memory, good for one hour."""

import secrets
import threading
import time

LIFETIME_SECONDS = 3600
_LIFETIME_ANSWERED = LIFETIME_SECONDS - 1


class Tokens:
    """The tokens given out by this start of the sandbox, and whose they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}

    def issue(self, email: str) -> dict[str, object]:
        """A new token for the account, as the body of the token endpoint's answer."""
        token = "ya29.c." + secrets.token_urlsafe(96)
        now = time.monotonic()
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if held[1] > now}
            self._held[token] = (email, now + LIFETIME_SECONDS)
        return {"access_token": token, "expires_in": _LIFETIME_ANSWERED, "token_type": "Bearer"}

    def email_of(self, authorization: str) -> str | None:
        """Whose token an Authorization header carries; None when unknown or expired."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            email, until = self._held.get(token.strip(), (None, 0.0))
        return email if until > time.monotonic() else None
