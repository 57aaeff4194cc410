"""The results of Perform Dry Run and of Check all rows."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.htmx import is_htmx
from imports.models import DryRun
from imports.services import dry_runs
from imports.views.wizard import wizard


@never_cache
@require_safe
@creator_required
def dry_run(request: HttpRequest, dry_run_id: UUID) -> HttpResponse:
    shown = _listed(dry_run_id)
    if dry_runs.settle_overdue(dry_run=shown, now=timezone.now()):
        shown.refresh_from_db()
    context = {
        "dry_run": shown,
        "subject": shown.parent,
        "result": dry_runs.result_of(shown),
        "kind": shown.mapping.get("kind"),
        "wizard": wizard("map", shown.parent),
    }
    fragment = "imports/_dry_run.html"
    return render(request, fragment if is_htmx(request) else "imports/dry_run.html", context)


@require_POST
@creator_required
def dry_run_confirm(request: HttpRequest, dry_run_id: UUID) -> HttpResponse:
    """Agree to the cost of checking all rows."""
    shown = _listed(dry_run_id)
    try:
        dry_runs.confirm(dry_run=shown, by=user_of(request), now=timezone.now())
    except dry_runs.CannotRehearse as refusal:
        messages.error(request, str(refusal))
    return redirect(shown)


def _listed(dry_run_id: UUID) -> DryRun:
    found = DryRun.objects.with_places().filter(parent__deleted_at__isnull=True)
    return get_object_or_404(found, pk=dry_run_id)
