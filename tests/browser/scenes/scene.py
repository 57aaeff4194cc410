"""A scene: one screen in one state, and what must be there for somebody to see it.

Knows no browser and no database: the quick test in tests/architecture reads scenes too.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

EMPTY, FULL, BROKEN = "empty", "full", "broken"
WORLDS = (EMPTY, FULL, BROKEN)
ADMIN, CREATOR, MEMBER, STRANGER, NOBODY = "admin", "creator", "member", "stranger", "nobody"
WHO = (ADMIN, CREATOR, MEMBER, STRANGER, NOBODY)


def row(name: str) -> uuid.UUID:
    """The id of a seeded row, by the name that the seeding gives it: "connection failed"."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"scene:{name}")


@dataclass(frozen=True)
class Place:
    """An address by its route; of a page of failure the address itself."""

    route: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    address: str = ""

    @property
    def path(self) -> str:
        return self.address or reverse(self.route, kwargs=dict(self.arguments))

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Scene:
    """``shows`` is the screen. ``at`` is where one goes for it, if that is another page: a part
    that htmx asks for, or the answer to a form. ``steps`` are done there, in order.
    """

    shows: Place
    state: str
    who: str = ADMIN
    world: str = FULL
    at: Place | None = None
    steps: tuple[Callable[[Any], None], ...] = ()
    status: int = 200

    @property
    def route(self) -> str:
        return self.shows.route

    @property
    def name(self) -> str:
        return f"{self.route}, {self.state}"

    @property
    def start(self) -> Place:
        return self.at or self.shows

    @property
    def is_signed_in(self) -> bool:
        return self.who != NOBODY


@dataclass(frozen=True)
class NotAPage:
    """Why a route needs no scene; ``arguments`` are for who looks whether that is still so."""

    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def faults(scenes, not_pages, routes, failure_pages) -> list[str]:
    """What is missing or too much, each as a sentence that says what to do about it."""
    known = {route.name for route in routes} | set(failure_pages)
    shown = {scene.route for scene in scenes}
    names = [scene.name for scene in scenes]
    found = [
        f"{name} has no scene. Add at least one to tests/browser/scenes/, for each state that it "
        "can be in; or, if it never answers with HTML, say why in not_pages.py."
        for name in sorted(known - shown - set(not_pages))
    ]
    found += [
        f"The scene “{scene.name}” shows a route that no longer exists. Take it out, or name the "
        "route as it is called now."
        for scene in scenes
        if scene.route not in known
    ]
    found += [
        f"not_pages.py lists {name}, which is no route any more. Take it out."
        for name in sorted(set(not_pages) - known)
    ]
    found += [
        f"{name} has a scene and stands in not_pages.py as well. Take it out there."
        for name in sorted(shown & set(not_pages))
    ]
    found += [
        f"Two scenes are called “{name}”. Give each a state of its own."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return found + [fault for scene in scenes for fault in _faults_of(scene)]


def _faults_of(scene):
    if scene.world not in WORLDS:
        yield f"The scene “{scene.name}” wants a world called “{scene.world}”. There is none."
    if scene.who not in WHO:
        yield f"The scene “{scene.name}” is looked at by “{scene.who}”, who is nobody we know."
