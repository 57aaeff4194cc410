"""The places that the navigation leads to, who may go there, and which of them a page belongs to.

For the frame around every page and for the search. Knows addresses by name only, and no rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, is_allowed


@dataclass(frozen=True)
class Place:
    """A page that one can go to from anywhere. ``words`` are other names that people look for."""

    title: str
    name: str
    permission: Permission = Permission.MEMBER
    icon: str = ""
    words: str = ""
    below: tuple["Place", ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.name)


NAVIGATION = (
    Place(
        "Partners",
        "connections:partners",
        icon="partners",
        words="Partner List integrations",
        below=(
            Place("Import Connections", "connections:list", words="databases datasets"),
            Place("Import center", "imports:import_center", words="imports runs"),
        ),
    ),
    Place("CleverTap accounts", "imports:account_list", icon="target", words="passcode region"),
    Place("Users", "accounts:users", Permission.ADMIN, icon="users", words="people roles invite"),
    Place("Audit Logs", "accounts:audit_logs", Permission.ADMIN, icon="log", words="trail history"),
)
# Pages that have no entry of their own, and are found by name only.
OTHERS = (
    Place("BigQuery", "connections:overview", words="set-up guide service account roles"),
    Place("Add Database", "connections:add", Permission.ADMIN, words="connect key json"),
    Place("CleverTap IP Ranges", "connections:ip_ranges", words="whitelist firewall hosts egress"),
    Place("Create Import", "imports:create", Permission.CREATOR, words="map table"),
    Place("Add account", "imports:account_add", Permission.ADMIN, words="CleverTap passcode"),
    Place("Your account", "accounts:account", words="password time zone profile"),
    Place("Second step", "accounts:second_step", words="two-factor 2FA TOTP recovery codes"),
    Place("Your sessions", "accounts:visits", words="browsers devices sign out"),
    Place("Roles", "accounts:roles", words="permissions who may do what"),
    Place("Rules", "accounts:rules", Permission.ADMIN, words="second step required beta"),
)


def navigation(user: User, path: str) -> list[dict[str, Any]]:
    """The entries that this person may open; the one that ``path`` belongs to is ``active``.

    An entry is ``here`` when it is the page itself, and not only the place of a page below.
    """
    allowed = [place for place in _all(NAVIGATION) if is_allowed(user, place.permission)]
    # The import center lies below the partners' address: the longest match is the place.
    around = [place.url for place in allowed if path.startswith(place.url)]
    active = max(around, key=len, default="")
    return _entries(NAVIGATION, allowed, active, path)


def places_named(user: User, text: str) -> list[Place]:
    """The pages whose name, or another word for it, has ``text`` in it; names come first."""
    wanted = text.casefold()
    allowed = [p for p in _all((*NAVIGATION, *OTHERS)) if is_allowed(user, p.permission)]
    by_name = [place for place in allowed if wanted in place.title.casefold()]
    by_word = [place for place in allowed if wanted in place.words.casefold()]
    return by_name + [place for place in by_word if place not in by_name]


def _all(places: tuple[Place, ...]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from place.below


def _entries(
    places: tuple[Place, ...], allowed: list[Place], active: str, path: str
) -> list[dict[str, Any]]:
    return [
        {
            "title": place.title,
            "url": place.url,
            "icon": place.icon,
            "active": place.url == active,
            "here": place.url == path,
            "below": _entries(place.below, allowed, active, path),
        }
        for place in places
        if place in allowed
    ]
