"""The live list of datasets beside Dataset ID. Typing works whatever the list says."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.people import user_of
from accounts.permissions import admin_required
from connections.identifiers import IdentifierRefused, check_project_id
from connections.models import Lookup, StoredKey
from connections.services import keys as key_services
from connections.services import lookups


@never_cache
@require_safe
@admin_required
def datasets_panel(request: HttpRequest) -> HttpResponse:
    draft_id = to_uuid(request.GET.get("key_draft", ""))
    key = key_services.draft_of(draft_id=draft_id, by=user_of(request), now=timezone.now())
    project = request.GET.get("project_id", "")
    context = {
        "datasets": datasets_of(request, key, project),
        "key_notes": key_notes(key, project) if key else [],
        "apart": key is not None,
    }
    return render(request, "connections/_datasets.html", context)


def datasets_of(request: HttpRequest, key: StoredKey | None, project_id: str) -> Lookup | None:
    """The list for this key and project, or None while there is nothing to ask with."""
    if key is None:
        return None
    try:
        project = check_project_id(project_id)
    except IdentifierRefused:
        return None
    now = timezone.now()
    lookup = lookups.ask_datasets(key=key, project_id=project, by=user_of(request), now=now)
    if lookups.settle_overdue(lookup=lookup, now=now):
        lookup.refresh_from_db()
    return lookup


def key_notes(key: StoredKey, project: str) -> list[dict[str, str]]:
    """What is worth saying about a key that was read, beside the project that is typed."""
    notes = [{"tone": "info", "text": sentence} for sentence in key.repairs]
    if project.strip() and project.strip() != key.project_id:
        text = (
            f"The key belongs to project {key.project_id}, and the Project ID says "
            f"{project.strip()}. That works if the key has its roles there."
        )
        notes.append({"tone": "warn", "text": text})
    same = key_services.connections_with_same_key(key)
    if same:
        names = ", ".join(f"“{connection.name}”" for connection in same)
        notes.append({"tone": "warn", "text": f"The same key is already used by {names}."})
    return notes


def to_uuid(text: str) -> UUID | None:
    """The id, or None for whatever else was sent."""
    try:
        return UUID(text)
    except ValueError:
        return None
