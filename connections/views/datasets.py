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
    key = key or key_in_force(to_uuid(request.GET.get("connection", "")))
    lookup = datasets_of(request, key, request.GET.get("project_id", ""))
    return render(request, "connections/_datasets.html", {"datasets": lookup})


def key_in_force(connection_id: UUID | None) -> StoredKey | None:
    """The key of the connection that is being edited, while no new one was read."""
    if connection_id is None:
        return None
    editable = Connection.objects.active().select_related("key")
    connection = editable.filter(pk=connection_id).first()
    return connection.key if connection else None


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


def to_uuid(text: str) -> UUID | None:
    """The id, or None for whatever else was sent."""
    try:
        return UUID(text)
    except ValueError:
        return None
