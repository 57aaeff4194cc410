"""One import: what it reads, how it is mapped, how its runs ended."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from imports import progress
from imports.mapping import Mapping
from imports.models import Import, Run


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
