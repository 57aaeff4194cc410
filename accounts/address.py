"""Where the request that is being answered comes from.

Services read ``current()`` and so need no request. Must not know people or the trail.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

_current: ContextVar[str | None] = ContextVar("client_address", default=None)


def current() -> str | None:
    """The address of the person who acts; None in workers and on the command line."""
    return _current.get()


@contextmanager
def acting_from(address: str | None) -> Iterator[None]:
    """Everything inside was caused by a request from this address."""
    token = _current.set(address)
    try:
        yield
    finally:
        _current.reset(token)


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address, or None when there is none (a Unix socket without a proxy).

    X-Forwarded-For is written by anybody. Each of our TRUSTED_PROXY_COUNT proxies appends
    the address it saw, so the client stands that many places from the right. A shorter list
    has not come through them, and then only the socket is believed.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    count = settings.TRUSTED_PROXY_COUNT
    if count > 0:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= count:
            return _address(hops[-count]) or _address(seen)
    return _address(seen)


def _address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
