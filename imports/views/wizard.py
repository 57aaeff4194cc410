"""The steps of Create Import, for the line at the top of each of its pages."""

from django.urls import reverse

from imports.models import Import

_STEPS = (
    ("configure", "Configure", "imports:configure"),
    ("map", "Map and check", "imports:map"),
    ("schedule", "Schedule", "imports:schedule"),
)


def wizard(current: str, draft: Import | None = None) -> list[dict[str, str]]:
    """Each step with its state, and the way there if it can be gone: only a mapping has times."""
    place = [name for name, _, _ in _STEPS].index(current)
    steps = []
    for position, (name, title, route) in enumerate(_STEPS):
        state = "current" if position == place else "done" if position < place else "todo"
        is_open = draft is not None and (name != "schedule" or draft.can_run)
        url = reverse(route, args=[draft.pk]) if draft and is_open else ""
        steps.append({"title": title, "state": state, "url": url})
    return steps
