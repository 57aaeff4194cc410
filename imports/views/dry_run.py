"""The result of Perform Dry Run."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import creator_required
from connections.htmx import is_htmx
from imports.models import DryRun
from imports.services import dry_runs
from imports.views.wizard import wizard


@never_cache
@require_safe
@creator_required
def dry_run(request: HttpRequest, dry_run_id: UUID) -> HttpResponse:
    shown = get_object_or_404(
        DryRun.objects.with_places().filter(parent__deleted_at__isnull=True), pk=dry_run_id
    )
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
