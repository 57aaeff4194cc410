"""Samples of what stands around a page: looks, icons, navigation, page head, tabs."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings

from clevertap_bq.gallery.contents import Component, Group, State, states
from clevertap_bq.gallery.words import ARABIC, CHINESE, EMOJI, SENTENCE, UNBROKEN

# What has its own address: the frame is the whole window.
FRAMES = {
    "plain": "one page, all entries",
    "messages": "with messages and delays",
    "long": "everything too long",
    "member": "a member, few entries",
    "signed-out": "signed out",
    "forbidden": "forbidden",
    "missing": "not found",
    "failed": "failed",
}
TABS = [
    {"title": "Partner List", "url": "?", "active": False},
    {"title": "Import Connections", "url": "?", "active": True, "count": 3},
    {"title": "Import center", "url": "?", "active": False, "count": 12},
]
MANY_TABS = [
    {"title": title, "url": "?", "active": title == CHINESE}
    for title in ("Overview", "Mapping", ARABIC, CHINESE, EMOJI, SENTENCE)
]


def _static(*parts: str) -> str:
    return Path(settings.BASE_DIR, "static", *parts).read_text(encoding="utf-8")


def icons() -> list[str]:
    """The names in the sheet of icons, without the shapes of the states."""
    return re.findall(r'id="i-(?!state-)([\w-]+)"', _static("img", "icons.svg"))


def colours() -> list[str]:
    """The names of the colours in tokens.css, in its order."""
    return re.findall(r"^  --([a-z-]+): light-dark\(#", _static("css", "tokens.css"), re.MULTILINE)


def _tabs(label: str, tabs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"label": label, "tabs": tabs}


def group() -> tuple[Group, ...]:
    """Looks, then the frame."""
    looks = Group(
        "Looks",
        "looks",
        (
            Component(
                "colours",
                "Every colour by its name; each has a light and a dark side.",
                (State("all", "gallery/_colours.html", {"colours": colours()}),),
            ),
            Component(
                "type",
                "Five sizes, three weights; numbers have equal width where they are compared.",
                (State("all", "gallery/_type.html"),),
            ),
            Component(
                "icon",
                "A shape of 16 pixels, drawn in the colour of the words beside it.",
                (State("all", "gallery/_icons.html", {"icons": icons()}),),
            ),
        ),
    )
    return (looks, Group("Frame", "frame", _around()))


def _around() -> tuple[Component, ...]:
    return (
        Component(
            "shell",
            "Navigation, breadcrumb, messages and page head around every page.",
            (State("open as a page", "gallery/_frames.html", {"frames": FRAMES}),),
        ),
        Component(
            "theme_switch",
            "Light, dark, or as the system. The one in the navigation works on this page too.",
            (State("default", "components/theme_switch.html"),),
        ),
        Component(
            "brand",
            "The mark and the name of the installation.",
            states("components/brand.html", default={}, too_long={"name": UNBROKEN[:60]}),
            layout="row",
        ),
        Component(
            "tabs",
            "Pages that belong together; the one that is open is marked by a line and for readers.",
            states(
                "components/tabs.html",
                many=_tabs("Partners", TABS),
                one=_tabs("One tab", TABS[1:2]),
                too_long=_tabs("Long tabs", MANY_TABS),
            ),
        ),
    )
