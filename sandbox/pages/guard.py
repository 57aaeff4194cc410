"""Keeps other web pages out of the sandbox: DNS rebinding and cross-site requests.

An ASGI middleware for the whole sandbox. Programs send no Origin and no Sec-Fetch-Site and
pass; a browser sends them, and may change something only from one of our own pages.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class LocalOnly:
    """Refuses with 403 what was not addressed to loopback or comes from a foreign page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            reason = refusal(scope["method"], Headers(scope=scope))
            if reason is not None:
                await JSONResponse({"error": reason}, status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def refusal(method: str, headers: Headers) -> str | None:
    """Why the request is refused, in one sentence, or None."""
    host = headers.get("host", "")
    if not is_loopback(host):
        return "The sandbox answers only to localhost or a loopback address in the Host header."
    if method in _READING:
        return None
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "The sandbox takes no changes from a page of another origin."
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "The sandbox takes no changes from a page of another site."
    return None


def is_loopback(host: str) -> bool:
    """Whether a Host header (`name`, `name:port`, `[::1]:port`) names this machine itself."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return "@" not in host and (name == "localhost" or ip_address(name).is_loopback)
    except ValueError:
        return False
