"""The set-up guide, filled in again while somebody types. The key's text never comes here."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.people import user_of
from accounts.permissions import admin_required
from connections.guide import Guide, guide
from connections.models import StoredKey
from connections.services import keys as key_services
from connections.views.datasets import edited_connection, to_uuid


@never_cache
@require_safe
@admin_required
def guide_panel(request: HttpRequest) -> HttpResponse:
    draft_id = to_uuid(request.GET.get("key_draft", ""))
    key = key_services.draft_of(draft_id=draft_id, by=user_of(request), now=timezone.now())
    edited = edited_connection(request.GET.get("connection", ""))
    key = key or (edited.key if edited else None)
    context = {"guide": guide_of(request.GET, key), "is_live": True}
    return render(request, "connections/_guide_steps.html", context)


def guide_of(typed: Mapping[str, str], key: StoredKey | None) -> Guide:
    """The guide for what stands in a form or in an address, and for the key that was read."""
    return guide(
        project_id=typed.get("project_id", ""),
        dataset_id=typed.get("dataset_id", ""),
        access=typed.get("access", ""),
        email=key.client_email if key else "",
        key_id=key.short_id if key else "",
        chosen=typed.get("guide", ""),
    )
