"""The steps of Create Import, for the line at the top of each of its pages."""

from django.urls import reverse

from imports.models import Import

_STEPS = (("configure", "Configure"), ("map", "Map"), ("schedule", "Schedule"))


def wizard(current: str, draft: Import | None = None) -> list[dict[str, str]]:
    """Each step with its state; those that can be gone to lead there."""
    names = [name for name, _ in _STEPS]
    place = names.index(current)
    steps = []
    for position, (name, title) in enumerate(_STEPS):
        state = "current" if position == place else "done" if position < place else "todo"
        is_open = draft and (name != "schedule" or draft.can_run)
        url = reverse(f"imports:{name}", args=[draft.pk]) if draft and is_open else ""
        steps.append({"title": title, "state": state, "url": url})
    return steps
