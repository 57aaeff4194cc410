"""The steps of Create Import, for the line at the top of each of its pages."""

from django.urls import reverse

from imports.models import Import

_STEPS = (("configure", "Configure"), ("map", "Map"), ("run", "Run"))
_ROUTES = {"configure": "imports:configure", "map": "imports:map"}


def wizard(current: str, draft: Import | None = None) -> list[dict[str, str]]:
    """Each step with its state; steps that are done lead back when there is a draft."""
    names = [name for name, _ in _STEPS]
    place = names.index(current)
    steps = []
    for position, (name, title) in enumerate(_STEPS):
        state = "current" if position == place else "done" if position < place else "todo"
        route = _ROUTES.get(name)
        url = reverse(route, args=[draft.pk]) if draft and route else ""
        steps.append({"title": title, "state": state, "url": url})
    return steps
