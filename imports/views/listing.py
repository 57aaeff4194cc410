"""Import center, and one import."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections.partner_tabs import partner_tabs
from imports import progress
from imports.mapping import Mapping
from imports.models import Import, Run

PAGE_SIZE = 25


@require_safe
@member_required
def import_center(request: HttpRequest) -> HttpResponse:
    newest = Run.objects.filter(parent=OuterRef("pk")).newest_first()
    found = (
        Import.objects.listed()
        .with_people()
        .annotate(newest_run=Subquery(newest.values("pk")[:1]))
        .order_by("-created_at", "-id")
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _rows(page)
    context = {
        "tabs": partner_tabs("import_center"),
        "page": page,
        "page_prefix": "?page=",
        "rows": rows,
        "is_live": any(row["last"] and not row["last"]["run"].is_final for row in rows),
    }
    return render(request, "imports/import_center.html", context)


@require_safe
@member_required
def import_detail(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.with_people(), pk=import_id)
    runs = [run_row(run) for run in subject.runs.select_related("requested_by").newest_first()[:20]]
    context = {
        "subject": subject,
        "runs": runs,
        "active": next((row for row in runs if not row["run"].is_final), None),
        "mapping": Mapping.from_json(subject.mapping) if subject.mapping else None,
    }
    return render(request, "imports/import_detail.html", context)


def run_row(run: Run) -> dict[str, Any]:
    return {"run": run, "outcome": progress.outcome_of(run), "health": progress.health_of(run)}


def _rows(page: Any) -> list[dict[str, Any]]:
    ids = [found.newest_run for found in page.object_list if found.newest_run]
    runs = Run.objects.in_bulk(ids)
    return [
        {
            "subject": found,
            "last": run_row(runs[found.newest_run]) if found.newest_run in runs else None,
        }
        for found in page.object_list
    ]
