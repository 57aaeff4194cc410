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
from connections.models import Connection, Lookup, StoredKey
from connections.services import keys as key_services
from connections.services import lookups


@never_cache
@require_safe
@admin_required
def datasets_panel(request: HttpRequest) -> HttpResponse:
    draft_id = to_uuid(request.GET.get("key_draft", ""))
    key = key_services.draft_of(draft_id=draft_id, by=user_of(request), now=timezone.now())
    edited = edited_connection(request.GET.get("connection", ""))
    asking = key or (edited.key if edited else None)
    project = request.GET.get("project_id", "")
    context = {
        "datasets": datasets_of(request, asking, project),
        "key_notes": key_notes(key, project, of=edited) if key else [],
        "apart": key is not None,
    }
    return render(request, "connections/_datasets.html", context)


def edited_connection(text: str) -> Connection | None:
    """The connection whose form this is, with its key in force; None on Add Database."""
    editable = Connection.objects.active().select_related("key")
    connection_id = to_uuid(text)
    return editable.filter(pk=connection_id).first() if connection_id else None


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


def key_notes(
    key: StoredKey, project: str, *, of: Connection | None = None
) -> list[dict[str, str]]:
    """What is worth saying about a key that was read, beside the project that is typed.

    ``of`` is the connection that is edited, if any.
    """
    notes = [{"tone": "info", "text": sentence} for sentence in key.repairs]
    if project.strip() and project.strip() != key.project_id:
        text = (
            f"The key belongs to project {key.project_id}, and the Project ID says "
            f"{project.strip()}. That works if the key has its roles there."
        )
        notes.append({"tone": "warn", "text": text})
    if of is not None and key.public_fingerprint == of.key.public_fingerprint:
        text = "This is the key that is in force already. Saving changes nothing about it."
        notes.append({"tone": "info", "text": text})
    same = [found for found in key_services.connections_with_same_key(key) if found != of]
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
