"""Create Import, step 2: which column becomes what."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.htmx import is_htmx
from connections.models import Lookup
from imports.mapping import Column, problems
from imports.models import Import
from imports.services import configuring, definitions, runs
from imports.views.columns import columns_of
from imports.views.mapping_page import MappingPage, column_of, column_to_json, shown
from imports.views.wizard import wizard

_TABLE_UNREADABLE = "The table could not be read"
_QUERY_UNREADABLE = "The query could not be read"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def map_columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    draft = get_object_or_404(
        Import.objects.listed().with_people().select_related("connection__key"), pk=import_id
    )
    if draft.status == Import.Status.STOPPED:
        messages.error(request, "This import was stopped; its mapping can no longer change.")
        return redirect(draft)
    lookup = _lookup(request, draft)
    if lookup.answer is None:
        return _render(request, draft, lookup, None)
    columns = [column_of(stored) for stored in lookup.answer["columns"]]
    if request.method == "POST":
        return _save(request, draft, lookup, MappingPage.posted(columns, request.POST))
    zone = draft.account.time_zone
    return _render(request, draft, lookup, MappingPage.of(columns, draft.mapping, time_zone=zone))


def _save(request: HttpRequest, draft: Import, lookup: Lookup, page: MappingPage) -> HttpResponse:
    mapping = page.mapping()
    page.add_problems(problems(mapping, page.columns))
    if not page.is_valid:
        return _render(request, draft, lookup, page)
    configuring.keep_estimate(subject=draft, answer=lookup.answer or {})
    try:
        definitions.save_mapping(
            draft=draft,
            mapping=mapping.to_json(),
            columns=[column_to_json(column) for column in page.columns],
            by=user_of(request),
            now=timezone.now(),
        )
        if request.POST.get("action") == "run":
            draft.refresh_from_db()
            run = runs.start_run(parent=draft, by=user_of(request), now=timezone.now())
            return redirect(run)
    except (definitions.CannotMap, runs.CannotStart) as refusal:
        messages.error(request, str(refusal))
        return redirect(draft)
    messages.success(request, f"The mapping of “{draft.nickname}” is saved.")
    return redirect(draft)


def _lookup(request: HttpRequest, draft: Import) -> Lookup:
    """The columns of what it reads: those that the form was made from, or the newest."""
    return columns_of(
        subject=draft,
        posted=request.POST.get("lookup", ""),
        by=user_of(request),
        now=timezone.now(),
    )


def _render(
    request: HttpRequest, draft: Import, lookup: Lookup, page: MappingPage | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "subject": draft,
        "lookup": lookup,
        "page": page,
        "wizard": wizard("map", draft),
        "unreadable": _QUERY_UNREADABLE if draft.is_query else _TABLE_UNREADABLE,
        "table": lookup.answer,
        "preview": _preview(lookup, page.columns) if page else [],
    }
    fragment = "imports/_map.html"
    return render(request, fragment if is_htmx(request) else "imports/map.html", context)


def _preview(lookup: Lookup, columns: list[Column]) -> list[list[str]]:
    rows = (lookup.answer or {}).get("preview", [])
    return [
        [shown(column, cell) for column, cell in zip(columns, row, strict=True)] for row in rows
    ]
