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
from connections.services import lookups
from imports.mapping import Column, problems
from imports.models import Cursor, Import
from imports.services import definitions, runs
from imports.views.mapping_page import MappingPage, column_of, column_to_json, shown
from imports.views.wizard import wizard


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
    zone, cursor = draft.account.time_zone, Cursor.objects.filter(parent=draft).first()
    page = MappingPage.of(columns, draft.mapping, time_zone=zone, cursor=cursor)
    return _render(request, draft, lookup, page)


def _save(request: HttpRequest, draft: Import, lookup: Lookup, page: MappingPage) -> HttpResponse:
    mapping = page.mapping()
    page.add_problems(problems(mapping, page.columns))
    if not page.is_valid:
        return _render(request, draft, lookup, page)
    try:
        definitions.save_mapping(
            draft=draft,
            mapping=mapping.to_json(),
            columns=[column_to_json(column) for column in page.columns],
            by=user_of(request),
            now=timezone.now(),
            going=page.going,
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
    """The table's columns: those that the form was made from, or the newest."""
    posted = lookups.answered_lookup(
        connection=draft.connection, lookup_id=request.POST.get("lookup", ""), table=draft.table_id
    )
    if posted is not None:
        return posted
    lookup = lookups.ask(
        connection=draft.connection,
        kind=Lookup.Kind.TABLE,
        table_id=draft.table_id,
        by=user_of(request),
        now=timezone.now(),
    )
    if lookups.settle_overdue(lookup=lookup, now=timezone.now()):
        lookup.refresh_from_db()
    return lookup


def _render(
    request: HttpRequest, draft: Import, lookup: Lookup, page: MappingPage | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "subject": draft,
        "lookup": lookup,
        "page": page,
        "wizard": wizard("map", draft),
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
