"""Browsers that have signed in with a name before, by a signed cookie (ADR 28).

The cookie signs nobody in. It only says whose tries are counted by themselves, so that
somebody who guesses elsewhere cannot keep a person out. Must not know rows.
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

_SALT = "accounts.known_browsers"
_MOST_NAMES = 5
_DAY = 24 * 3600


def browser_of(request: HttpRequest, *, name: str) -> str:
    """What to count this browser's tries under, or nothing if it is not known for the name."""
    browser, names = _read(request)
    return browser if _mark(name) in names else ""


def remember(request: HttpRequest, response: HttpResponse, *, name: str) -> None:
    """From now on the browser is known for the name; a copy of an older cookie is too."""
    browser, names = _read(request)
    mark = _mark(name)
    kept = [mark, *(one for one in names if one != mark)][:_MOST_NAMES]
    value = signing.dumps([browser or secrets.token_urlsafe(12), kept], salt=_SALT)
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        value,
        max_age=settings.KNOWN_BROWSER_DAYS * _DAY,
        secure=settings.HTTPS_ONLY,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    text = request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "")
    try:
        max_age = settings.KNOWN_BROWSER_DAYS * _DAY
        browser, names = signing.loads(text, salt=_SALT, max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return browser, names


def _mark(name: str) -> str:
    return hashlib.sha256(name.lower().encode("utf-8", "surrogatepass")).hexdigest()[:24]
