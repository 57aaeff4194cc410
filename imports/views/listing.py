"""Import center."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections.partner_tabs import partner_tabs
from imports import progress
from imports.models import Import, Run
from imports.services.strips import strips_of

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
    context = {
        "tabs": partner_tabs("import_center"),
        "page": page,
        "page_prefix": "?page=",
        "rows": _rows(page),
    }
    return render(request, "imports/import_center.html", context)


def run_row(run: Run) -> dict[str, Any]:
    return {"run": run, "outcome": progress.outcome_of(run), "health": progress.health_of(run)}


def _rows(page: Any) -> list[dict[str, Any]]:
    ids = [found.newest_run for found in page.object_list if found.newest_run]
    runs = Run.objects.in_bulk(ids)
    strips = strips_of([found.pk for found in page.object_list])
    return [
        {
            "subject": found,
            "strip": strips[found.pk],
            "last": run_row(runs[found.newest_run]) if found.newest_run in runs else None,
        }
        for found in page.object_list
    ]
