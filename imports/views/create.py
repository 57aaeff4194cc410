"""Create Import, step 1: what is read, what it may cost, and where it goes."""

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
from connections.models import Connection
from connections.way_back import detour
from imports.import_form import USUAL_CAP_GIB, ConfigureForm, ImportForm, initial_of, placed
from imports.models import CleverTapAccount, Import
from imports.services import configuring, definitions
from imports.source_check import SourceCheck
from imports.views.source import check_of, rows_of, tables_of
from imports.views.wizard import wizard

# Buttons that only look: for browsers without JavaScript.
_LOOKS = ("show_tables", "check", "preview")
# By what becomes of the cursor; None: nothing does.
_SAVED = {
    None: "Saved. The mapping is as it was; the next run reads this.",
    False: "Saved. The mapping is as it was; the next run starts over and sends every row.",
    True: "Saved. The mapping is as it was; the next run goes on from the cursor.",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        form = ImportForm(initial={"cap": USUAL_CAP_GIB, **request.GET.dict()})
        return _render(request, form)
    form = ImportForm(request.POST)
    check = None if _only_looks(request) else _checked(request, form)
    if _only_looks(request) or not form.is_valid():
        return _render(request, form)
    source = form.source(check.estimate if check else {})
    try:
        draft = definitions.create_import(source=source, by=user_of(request), now=timezone.now())
    except (definitions.NicknameTaken, definitions.CannotMap) as refusal:
        return _refused(request, form, refusal)
    return redirect("imports:map", draft.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def configure(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The same step of an import that is there already."""
    subject = get_object_or_404(Import.objects.listed().with_people(), pk=import_id)
    if subject.why_fixed:
        messages.error(request, subject.why_fixed)
        return redirect(subject)
    if request.method != "POST":
        form = ConfigureForm(initial=initial_of(subject), subject=subject)
        return _render(request, form, subject)
    form = ConfigureForm(request.POST, subject=subject)
    check = None if _only_looks(request) else _checked(request, form)
    if _only_looks(request) or not form.is_valid():
        return _render(request, form, subject)
    return _save(request, form, check, subject)


def _save(
    request: HttpRequest, form: ConfigureForm, check: SourceCheck | None, subject: Import
) -> HttpResponse:
    try:
        change = configuring.configure_import(
            subject=subject,
            source=form.source(check.estimate if check else {}),
            columns=check.columns if check else None,
            by=user_of(request),
            now=timezone.now(),
            goes_on=form.goes_on,
        )
    except (definitions.NicknameTaken, definitions.CannotMap, configuring.NotChecked) as refusal:
        return _refused(request, form, refusal, subject)
    if not change.needs_mapping:
        messages.success(request, _SAVED[change.goes_on])
        return redirect(subject)
    if change.gone:
        messages.warning(request, _gone(change.gone))
    return redirect("imports:map", subject.pk)


def _checked(request: HttpRequest, form: ImportForm) -> SourceCheck | None:
    """The form with what BigQuery says against it; a check that is under way says nothing."""
    form.is_valid()
    if {"database", "table_id", "sql"} & set(form.errors):
        return None
    check = check_of(request, form, "")
    if check is not None and check.refusal:
        field = "sql" if form.is_sql else "table_id"
        form.add_error(field, placed(check.refusal, check.place))
    if check is not None and check.cap_refusal:
        form.add_error("cap", check.cap_refusal)
    return check


def _refused(
    request: HttpRequest, form: ImportForm, refusal: Exception, subject: Import | None = None
) -> HttpResponse:
    fields: dict[type[Exception], str] = {
        definitions.NicknameTaken: "nickname",
        configuring.NotChecked: "sql" if form.is_sql else "table_id",
    }
    form.add_error(fields.get(type(refusal), "database"), str(refusal))
    return _render(request, form, subject)


def _gone(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:5])
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"Gone, or in no form that can be sent, and taken out of the mapping: {shown}{more}."


def _only_looks(request: HttpRequest) -> bool:
    return any(name in request.POST for name in _LOOKS)


def _render(request: HttpRequest, form: ImportForm, subject: Import | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "subject": subject,
        "wizard": wizard("configure", subject),
        "has_connections": Connection.objects.active().exists(),
        "has_accounts": CleverTapAccount.objects.listed().exists(),
        "detour": detour(request.GET),
        "check": check_of(request, form, str(subject.pk) if subject else ""),
        **tables_of(request, form),
    }
    if "preview" in request.POST:
        context["preview"] = rows_of(request, form)
    return render(request, "imports/create.html", context)
