"""Create Import, step 1: what is read, and where it goes."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.models import Connection, Lookup
from connections.services import lookups
from connections.way_back import detour
from imports.forms import ImportForm
from imports.models import CleverTapAccount
from imports.services import definitions
from imports.views.wizard import wizard


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _render(request, ImportForm(initial=request.GET.dict()))
    form = ImportForm(request.POST)
    if "show_tables" in request.POST or not form.is_valid():
        return _render(request, form)
    source = definitions.Source(
        nickname=form.cleaned_data["nickname"],
        connection=form.cleaned_data["database"],
        account=form.cleaned_data["account"],
        table_id=form.cleaned_data["table_id"],
    )
    try:
        draft = definitions.create_import(source=source, by=user_of(request), now=timezone.now())
    except definitions.NicknameTaken as refusal:
        form.add_error("nickname", str(refusal))
        return _render(request, form)
    except definitions.CannotMap as refusal:
        form.add_error("database", str(refusal))
        return _render(request, form)
    return redirect("imports:map", draft.pk)


@never_cache
@require_safe
@creator_required
def tables_panel(request: HttpRequest) -> HttpResponse:
    form = ImportForm(initial=request.GET.dict())
    return render(request, "imports/_tables.html", _tables(request, form))


def _render(request: HttpRequest, form: ImportForm) -> HttpResponse:
    context = {
        "form": form,
        "wizard": wizard("configure"),
        "has_connections": Connection.objects.active().exists(),
        "has_accounts": CleverTapAccount.objects.listed().exists(),
        "detour": detour(request.GET),
        **_tables(request, form),
    }
    return render(request, "imports/create.html", context)


def _tables(request: HttpRequest, form: forms.Form) -> dict[str, object]:
    """The tables of the chosen database, as far as they are known yet."""
    connection = _chosen(form["database"].value())
    if connection is None:
        return {"form": form, "lookup": None}
    lookup = lookups.ask(
        connection=connection, kind=Lookup.Kind.TABLES, by=user_of(request), now=timezone.now()
    )
    if lookups.settle_overdue(lookup=lookup, now=timezone.now()):
        lookup.refresh_from_db()
    return {"form": form, "lookup": lookup, "connection": connection}


def _chosen(value: object) -> Connection | None:
    try:
        connection_id = UUID(str(value))
    except ValueError:
        return None
    return get_object_or_404(Connection.objects.active().with_people(), pk=connection_id)
