"""How many uploads of one account are under way: CleverTap allows 15 at a time.

An ASGI middleware outside the gate, so that an upload held up by a fault counts as well. It only
counts; the handler answers, after it has checked the passcode.
"""

from collections import Counter

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

UPLOAD_PATH = "/clevertap/1/upload"
LIMIT = 15
_SCOPE_KEY = "sandbox.too_many"


class Flights:
    """Marks the requests that came while the account had 15 others under way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != UPLOAD_PATH:
            await self._app(scope, receive, send)
            return
        account = Headers(scope=scope).get("x-clevertap-account-id", "")
        if self._under_way[account] >= LIMIT:
            scope[_SCOPE_KEY] = True
            await self._app(scope, receive, send)
            return
        self._under_way[account] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[account] -= 1
            self._under_way += Counter()  # drops accounts at zero


def too_many(request: Request) -> bool:
    """Whether this request came beyond the limit."""
    return bool(request.scope.get(_SCOPE_KEY, False))
