"""Import center: every import, its filters and its order."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections.partner_tabs import partner_tabs
from connections.sorting import heads
from imports import progress, sorting, status
from imports.filters import FilterForm, Filters
from imports.frequency import frequency_of
from imports.models import Import, Run
from imports.services.strips import strips_of

PAGE_SIZE = 25
# The mapping and the columns of an import can be large, and no row shows them.
SHOWN = (
    *("nickname", "status", "kind", "schedule", "created_at", "updated_at"),
    *("connection__name", "connection__state", "created_by__email", "updated_by__email"),
)


@require_safe
@member_required
def import_center(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    filters = Filters.of(form)
    ids = filters.found(Import.objects.listed()).values_list("pk", flat=True)
    page = Paginator(ids, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list))
    context = {
        "tabs": partner_tabs("import_center"),
        "form": form,
        "sort": filters.sort_in_address,
        "days": filters.quick_days("Created On", "created_from", "created_to"),
        "time_zone": timezone.get_current_timezone_name(),
        "chips": filters.chips(),
        "groups": [heads(group, filters.sort, filters.url) for group in sorting.GROUPS],
        "page": page,
        "page_prefix": filters.url({"page": ""}),
        "rows": rows,
        "is_live": any(row["last"] and not row["last"].is_final for row in rows),
        "empty": None if page.paginator.count else filters.emptiness(Import.objects.listed()),
    }
    return render(request, "imports/import_center.html", context)


def _rows(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The page's imports in its order, each with its newest run, in two queries."""
    newest = Run.objects.filter(parent=OuterRef("pk")).newest_first().values("pk")[:1]
    people = Import.objects.select_related("connection", "created_by", "updated_by")
    found = people.only(*SHOWN).annotate(newest_run=Subquery(newest))
    imports: dict[UUID, Any] = found.in_bulk(ids)
    runs = Run.objects.defer("snapshot").in_bulk(
        [found.newest_run for found in imports.values() if found.newest_run]
    )
    strips = strips_of(ids)
    return [
        {**_row(imports[pk], runs.get(imports[pk].newest_run)), "strip": strips[pk]}
        for pk in ids
        if pk in imports
    ]


def _row(found: Any, last: Run | None) -> dict[str, Any]:
    # An import has one active run at most, and that is its newest: run_one_active_per_import.
    active = last if last and not last.is_final else None
    may_run = found.can_run and active is None and found.connection.is_active
    return {
        "id": found.pk,
        "url": found.get_absolute_url(),
        "nickname": found.nickname,
        "badge": status.badge_of(found, is_running=active is not None),
        "sync_type": found.get_kind_display(),
        "frequency": frequency_of(found.schedule),
        "last": last,
        "outcome": progress.outcome_of(last) if last else None,
        "health": progress.health_of(last) if last and last.is_final else None,
        "connection": found.connection,
        "created_on": found.created_at,
        "created_by": found.created_by.email,
        "updated_on": found.updated_at,
        "updated_by": found.updated_by.email,
        "may_run": may_run,
        "may_schedule": found.can_run,
        "run_to_stop": active if active and not active.is_stopping else None,
        "may_pause": found.status == Import.Status.SCHEDULED,
        "may_resume": found.may_resume,
        "may_stop": found.can_run,
        "may_map": found.status != Import.Status.STOPPED,
        "is_draft": found.is_draft,
    }
