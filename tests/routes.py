"""Every address of the product, from Django's own URL resolver: a new one is found by itself."""

import inspect
import uuid
from dataclasses import dataclass

from django.urls import URLResolver, converters, get_resolver, reverse

from accounts.permissions import permission_of

SAFE = {"GET", "HEAD"}
MADE_UP = {
    converters.UUIDConverter: uuid.UUID(int=4711),
    converters.IntConverter: 4711,
    converters.StringConverter: "made-up",
    converters.SlugConverter: "made-up",
}


@dataclass(frozen=True)
class Route:
    name: str
    view: object
    arguments: tuple

    @property
    def address(self):
        return reverse(self.name, kwargs=dict(self.arguments))

    @property
    def permission(self):
        return permission_of(self.view)

    @property
    def methods(self):
        """The methods that require_POST, require_safe and the like let through."""
        return declared_methods(self.view)

    @property
    def usual_method(self):
        return "POST" if self.methods == {"POST"} else "GET"


def routes_of(patterns, namespace="", arguments=()):
    for entry in patterns:
        made_up = arguments + tuple(
            (name, MADE_UP[type(kind)]) for name, kind in entry.pattern.converters.items()
        )
        if isinstance(entry, URLResolver):
            below = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes_of(entry.url_patterns, below, made_up)
        else:
            yield Route(f"{namespace}{entry.name}", entry.callback, made_up)


def declared_methods(view):
    """What the decorators around the view let through together; None when nothing is said."""
    declared = None
    while view is not None:
        allowed = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if allowed is not None:
            declared = set(allowed) if declared is None else declared & set(allowed)
        view = getattr(view, "__wrapped__", None)
    return declared


def every_route():
    return list(routes_of(get_resolver().url_patterns))
