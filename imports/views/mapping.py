"""Create Import, step 2: which column becomes what."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.htmx import is_htmx
from connections.models import Lookup
from imports.cells import cell_in_words, type_in_words
from imports.mapping import Column, flat_columns, flat_rows, problems, too_many
from imports.models import Cursor, CursorQuestion, Import
from imports.services import configuring, cursors, definitions, dry_runs, runs
from imports.views.columns import columns_of
from imports.views.live_rows import LiveRows, live_rows
from imports.views.mapping_page import KINDS, MappingPage, cut
from imports.views.wizard import wizard

_TABLE_UNREADABLE = "The table could not be read"
_QUERY_UNREADABLE = "The query could not be read"


@dataclass(frozen=True)
class _Table:
    """What a worker has read of the table: its columns as they are, and its first rows."""

    lookup: Lookup
    columns: list[Column]
    rows: list[list[Any]]

    @classmethod
    def of(cls, lookup: Lookup) -> "_Table":
        stored = (lookup.answer or {}).get("columns", [])
        return cls(lookup, [Column.from_json(one) for one in stored], lookup.preview_rows())

    @property
    def fields(self) -> list[Column]:
        """What can be mapped: the fields of a STRUCT are columns of their own."""
        return flat_columns(self.columns)

    @property
    def trouble(self) -> str:
        """Why it cannot be mapped; empty while that is not known."""
        said = self.lookup.failure_sentence
        return said or too_many(len(self.fields), is_query=bool(self.lookup.sql))

    def live(self, page: MappingPage) -> LiveRows:
        rows = flat_rows(self.columns, self.rows)
        run_ts = int(timezone.now().timestamp())
        return live_rows(page.mapping(), page.columns, rows, run_ts=run_ts)

    def preview(self) -> list[list[str]]:
        return [
            [
                cut(cell_in_words(column, cell))
                for column, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def map_columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    draft = _draft(import_id)
    if draft.why_fixed:
        messages.error(request, draft.why_fixed)
        return redirect(draft)
    lookup = _lookup(request, draft)
    table, kind = _Table.of(lookup), _kind(request, draft)
    if lookup.answer is None or table.trouble:
        return _render(request, draft, table, None)
    if request.method == "POST":
        page = MappingPage.posted(table.fields, request.POST, kind=kind)
        return _act(request, draft, table, page)
    return _render(request, draft, table, _stored_page(request, draft, table, kind))


def _stored_page(request: HttpRequest, draft: Import, table: _Table, kind: str) -> MappingPage:
    return MappingPage.of(
        table.fields,
        draft.mapping_of(kind, saved_only="saved" in request.GET),
        kind=kind,
        time_zone=draft.account.time_zone,
        cursor=Cursor.objects.filter(parent=draft).first(),
    )


@never_cache
@require_POST
@creator_required
def map_live(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What is typed, as JSON, and what is wrong with it. It is kept as it was left, not saved."""
    draft = _draft(import_id)
    table = _Table.of(_lookup(request, draft))
    page = MappingPage.posted(table.fields, request.POST, kind=_kind(request, draft))
    live = table.live(page)
    _keep_typed(request, draft, page)
    page.add_problems(problems(page.mapping(), page.columns))
    context = {"subject": draft, "page": page, "live": live, "is_answer": True}
    return render(request, "imports/_map_live.html", context)


def _act(request: HttpRequest, draft: Import, table: _Table, page: MappingPage) -> HttpResponse:
    action = request.POST.get("action", "save")
    mapping = page.mapping()
    if action in KINDS:
        _keep(request, draft, page, then=action)
        return redirect(f"{reverse('imports:map', args=[draft.pk])}?kind={action}")
    if action == "advise":
        return _advise(request, draft, table, page)
    page.add_problems(problems(mapping, page.columns))
    if action == "show" or not page.is_valid:
        return _render(request, draft, table, page)
    if action in ("dry_run", "check_all"):
        return _dry_run(request, draft, page)
    configuring.keep_estimate(subject=draft, answer=table.lookup.answer or {})
    return _save(request, draft, page)


def _save(request: HttpRequest, draft: Import, page: MappingPage) -> HttpResponse:
    try:
        definitions.save_mapping(
            draft=draft,
            mapping=page.mapping().to_json(),
            columns=[column.to_json() for column in page.columns],
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
    if request.POST.get("action") == "schedule":
        return redirect("imports:schedule", draft.pk)
    return redirect(draft)


def _dry_run(request: HttpRequest, draft: Import, page: MappingPage) -> HttpResponse:
    _keep(request, draft, page, then=page.kind)
    mapping, by, now = page.mapping().to_json(), user_of(request), timezone.now()
    try:
        if request.POST["action"] == "check_all":
            dry_run = dry_runs.start_check(parent=draft, mapping=mapping, by=by, now=now)
        else:
            rows = dry_runs.size_of(request.POST.get("sample", ""))
            dry_run = dry_runs.start_dry_run(
                parent=draft, mapping=mapping, rows=rows, by=by, now=now
            )
    except dry_runs.CannotRehearse as refusal:
        messages.error(request, str(refusal))
        return redirect(draft)
    return redirect(dry_run)


def _keep_typed(request: HttpRequest, draft: Import, page: MappingPage) -> None:
    """What is typed, in case that the page is left; nothing of a page that came in part."""
    version = request.POST.get("version", "")
    if version.isdecimal() and not page.target.non_field_errors():
        typed = page.mapping().to_json()
        definitions.keep_mapping(draft=draft, mapping=typed, then=page.kind, version=int(version))


def _advise(request: HttpRequest, draft: Import, table: _Table, page: MappingPage) -> HttpResponse:
    """What looking at the chosen Updated On column would cost; whatever else is not said yet."""
    scale = page.updated_on.scale(page.target.cleaned_data.get("time_zone", "UTC"))
    if scale is None:
        if not page.updated_on.has_error("updated_on"):
            page.updated_on.add_error("updated_on", "Choose the column to look at.")
        return _render(request, draft, table, page)
    _keep(request, draft, page, then=page.kind)
    asked = cursors.asked_of(scale, page.updated_on.cleaned_data["updated_on"])
    by, cost = user_of(request), CursorQuestion.Kind.COST
    question = cursors.ask(parent=draft, kind=cost, by=by, now=timezone.now(), **asked)
    url = reverse("imports:import_cursor", args=[draft.pk])
    return redirect(f"{url}?question={question.pk}#answer")


def _keep(request: HttpRequest, draft: Import, page: MappingPage, *, then: str) -> None:
    definitions.keep_mapping(draft=draft, mapping=page.mapping().to_json(), then=then)


def _draft(import_id: UUID) -> Import:
    listed = Import.objects.listed().with_people().select_related("connection__key")
    return get_object_or_404(listed, pk=import_id)


def _kind(request: HttpRequest, draft: Import) -> str:
    asked = request.POST.get("kind") or request.GET.get("kind") or ""
    return asked if asked in KINDS else draft.kind


def _lookup(request: HttpRequest, draft: Import) -> Lookup:
    """The columns of what it reads: those that the form was made from, or the newest."""
    return columns_of(
        subject=draft,
        posted=request.POST.get("lookup", ""),
        by=user_of(request),
        now=timezone.now(),
    )


def _render(
    request: HttpRequest, draft: Import, table: _Table, page: MappingPage | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "subject": draft,
        "lookup": table.lookup,
        "page": page,
        "wizard": wizard("map", draft),
        "trouble": table.trouble,
        "unreadable": _QUERY_UNREADABLE if draft.is_query else _TABLE_UNREADABLE,
        "table": table.lookup.answer,
        "preview_heads": [(one.name, cut(type_in_words(one))) for one in table.columns],
        "preview": table.preview() if page else [],
        "live": page and table.live(page),
        "sizes": dry_runs.SIZES,
        "is_kept": page and draft.is_kept_apart(page.kind) and "saved" not in request.GET,
    }
    fragment = "imports/_map.html"
    return render(request, fragment if is_htmx(request) else "imports/map.html", context)
