"""What is being chosen to read from: its tables, what it would cost, its first rows.

A worker asks BigQuery; these parts of a page say what is known so far, and ask again.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.models import Connection, Lookup
from connections.services import lookups
from connections.status import VERIFIED, badge_of
from imports.cells import cell_in_words, type_in_words
from imports.costs import GIB, Price, billed, runs_in_a_month
from imports.import_form import ImportForm, cap_from
from imports.mapping import MOST_COLUMNS, Column
from imports.models import Import
from imports.schedule import Schedule, ScheduleFaulty
from imports.source_check import SourceCheck
from imports.sql_text import SqlFault, one_select
from imports.table_list import listed


@never_cache
@require_safe
@creator_required
def tables_panel(request: HttpRequest) -> HttpResponse:
    form = ImportForm(initial=request.GET.dict())
    return render(request, "imports/_tables.html", tables_of(request, form))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def check_panel(request: HttpRequest) -> HttpResponse:
    """POST asks about what is in the form; GET looks whether there is an answer."""
    if request.method == "POST":
        form = ImportForm(request.POST)
        check = check_of(request, form, request.POST.get("import", ""))
        context = {"check": check, "other": _other(request, form)}
        return render(request, "imports/_check.html", context)
    facts = _facts(cap_from(request.GET.get("cap")), request.GET.get("import", ""))
    lookup = _of_page(request, Lookup.Kind.QUERY)
    check = SourceCheck.of(lookup, **facts) if lookup else None
    return render(request, "imports/_check.html", {"check": check})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def rows_panel(request: HttpRequest) -> HttpResponse:
    """POST asks for the first rows; GET looks whether they are there."""
    if request.method == "POST":
        context = rows_of(request, ImportForm(request.POST))
        return render(request, "imports/_rows.html", context)
    context = _rows(_of_page(request, Lookup.Kind.ROWS))
    return render(request, "imports/_rows_found.html", context)


def tables_of(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    """The tables of the chosen database, as far as they are known yet."""
    asked = request.POST if request.method == "POST" else request.GET
    connection = _chosen(form)
    find = asked.get("find", "").strip()
    context: dict[str, Any] = {"form": form, "lookup": None, "find": find}
    if connection is None:
        return context
    lookup = lookups.ask(
        connection=connection, kind=Lookup.Kind.TABLES, by=user_of(request), now=timezone.now()
    )
    badge = badge_of(connection)
    doubt = "" if badge == VERIFIED else badge.sentence
    context |= {"lookup": _settled(lookup), "doubt": doubt, "connection": connection}
    if lookup.answer:
        chosen = str(form["table_id"].value() or "")
        context["tables"] = listed(lookup.answer, search=find, chosen=chosen)
    return context


def check_of(request: HttpRequest, form: ImportForm, import_id: str) -> SourceCheck | None:
    """The dry run of what is chosen; None while nothing is."""
    facts = _facts(form.cap_bytes, import_id)
    connection, question, fault = _asked(form)
    if fault is not None:
        return SourceCheck(sentence=str(fault), place=fault.place, sql=form.typed_sql, **facts)
    if connection is None or not any(question.values()):
        return None
    lookup = lookups.ask_query(
        connection=connection, **question, by=user_of(request), now=timezone.now()
    )
    return SourceCheck.of(_settled(lookup), **facts)


def rows_of(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    """The first rows of what is chosen, or why there are none."""
    connection, question, fault = _asked(form)
    if fault is not None:
        return {"trouble": str(fault)}
    if connection is None or not any(question.values()):
        return {"trouble": "Choose a database, and a table or a query, to see its first rows."}
    most = settings.PREVIEW_CAP_GIB * GIB
    lookup = lookups.ask_rows(
        connection=connection,
        **question,
        bytes_cap=min(most, form.cap_bytes or most),
        by=user_of(request),
        now=timezone.now(),
    )
    return _rows(_settled(lookup))


def _asked(form: ImportForm) -> tuple[Connection | None, dict[str, str], SqlFault | None]:
    """Database, and table or query, of a form that may be half filled in."""
    connection = _chosen(form)
    if not form.is_sql:
        table = str(form["table_id"].value() or "").strip()
        return connection, {"table_id": table, "sql": ""}, None
    sql = form.typed_sql
    try:
        question = one_select(sql) if sql.strip() else ""
    except SqlFault as fault:
        return connection, {}, fault
    return connection, {"table_id": "", "sql": question}, None


def _other(request: HttpRequest, form: ImportForm) -> Lookup | None:
    """The rows that the page showed when it asked, if they are of something else than is chosen."""
    shown = lookups.of_page(lookup_id=request.POST.get("rows_of", ""), kind=Lookup.Kind.ROWS)
    connection, question, _ = _asked(form)
    if shown is None:
        return None
    is_same = {"table_id": shown.table_id, "sql": shown.sql} == question
    return None if is_same and shown.connection == connection else shown


def _rows(lookup: Lookup | None) -> dict[str, Any]:
    if lookup is None or lookup.answer is None:
        return {"lookup": lookup}
    # Of a source that is too wide to be mapped the first ones: a page has an end.
    columns = [Column.from_json(stored) for stored in lookup.answer["columns"][:MOST_COLUMNS]]
    rows = [
        [
            (column.name, cell_in_words(column, cell))
            for column, cell in zip(columns, row, strict=False)
        ]
        for row in lookup.preview_rows()
    ]
    heads = [(column.name, type_in_words(column)) for column in columns]
    return {"lookup": lookup, "heads": heads, "rows": rows}


def _of_page(request: HttpRequest, kind: str) -> Lookup | None:
    lookup = lookups.of_page(lookup_id=request.GET.get("lookup", ""), kind=kind)
    return _settled(lookup) if lookup else None


def _settled(lookup: Lookup) -> Lookup:
    if lookups.settle_overdue(lookup=lookup, now=timezone.now()):
        lookup.refresh_from_db()
    return lookup


def _facts(cap: int | None, import_id: str) -> dict[str, Any]:
    """What the estimate is compared with and multiplied by."""
    return {"cap": cap, "price": price(), "runs_a_month": _runs_a_month(import_id)}


def price() -> Price:
    return Price(settings.BIGQUERY_PRICE_PER_TIB, settings.BIGQUERY_CURRENCY)


def _runs_a_month(import_id: str) -> int | None:
    try:
        subject = Import.objects.listed().filter(pk=UUID(import_id)).first()
    except ValueError:
        return None
    return runs_of(subject) if subject else None


def runs_of(subject: Import) -> int | None:
    """Starts by schedule in the next 30 days; None where it is started by hand only."""
    if not subject.schedule:
        return None
    try:
        return runs_in_a_month(Schedule.from_json(subject.schedule), now=timezone.now())
    except ScheduleFaulty:
        return None


def cost_of(subject: Import) -> str:
    """What the import costs by its last dry run, in words; empty where none was made."""
    known, asked = subject.estimate, price()
    if not known:
        return ""
    size, runs = billed(known["bytes"], known["tables"]), runs_of(subject)
    month = f", {asked.in_words(size * runs)} a month by its schedule" if runs else ""
    return f"{asked.in_words(size)} a run{month}"


def _chosen(form: ImportForm) -> Connection | None:
    try:
        connection_id = UUID(str(form["database"].value()))
    except ValueError:
        return None
    return get_object_or_404(Connection.objects.active().with_people(), pk=connection_id)
