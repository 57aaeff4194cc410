"""The tabs of Settings / Partners, the same on each of its pages. For views only."""

from django.urls import reverse

_PLACES = (
    ("partners", "Partner List", "connections:partners"),
    ("list", "Import Connections", "connections:list"),
    ("import_center", "Import center", "imports:import_center"),
)


def partner_tabs(active: str) -> list[dict[str, object]]:
    """Each tab with its address; ``active`` is partners, list or import_center."""
    return [
        {"title": title, "url": reverse(name), "active": place == active}
        for place, title, name in _PLACES
    ]
