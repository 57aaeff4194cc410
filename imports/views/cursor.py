"""The cursor of an import: where it stands, move back, reset, and what its column is like."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required, member_required
from connections.htmx import is_htmx
from imports.cursor_form import ColumnChoiceForm, MoveBackForm
from imports.cursor_values import COUNTER, INT64, Scale
from imports.mapping import Column
from imports.models import Cursor, CursorQuestion, Import
from imports.services import cursors
from imports.views.cursor_page import page_of
from imports.views.import_page import head_of, subject_of


@never_cache
@require_safe
@member_required
def import_cursor(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = subject_of(import_id)
    asked = cursors.question_of(
        parent=subject, question_id=request.GET.get("question", ""), now=timezone.now()
    )
    return _render(request, subject, asked)


@require_POST
@creator_required
def cursor_ask(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What looking at a column would cost, or, with *look*, what it holds."""
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    look = request.POST.get("action") == "look"
    kind = CursorQuestion.Kind.ADVICE if look else CursorQuestion.Kind.COST
    cost = cursors.question_of(
        parent=subject, question_id=request.POST.get("question", ""), now=timezone.now()
    )
    if look and cost and cost.kind == CursorQuestion.Kind.COST:
        return _ask(request, subject, kind, **cost.asked)
    form = ColumnChoiceForm(
        request.POST, columns=[Column.from_json(one) for one in subject.columns]
    )
    if not form.is_valid():
        return _render(request, subject_of(import_id), None, choice=form)
    name = form.cleaned_data["column"]
    return _ask(request, subject, kind, **cursors.asked_of(_scale(subject, name, form), name))


@require_POST
@creator_required
def cursor_count(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How many rows a move back to this value would send again."""
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    cursor = get_object_or_404(Cursor, parent=subject)
    form = MoveBackForm(request.POST, cursor=cursor)
    if form.is_valid():
        try:
            begin = cursors.value_before(cursor, form.cleaned_data["to"])
        except cursors.CannotMove as refusal:
            form.add_error("to", str(refusal))
        else:
            asked = cursors.asked_of(cursor.scale, cursor.column)
            span = {"from": begin, "until": cursor.value, "version": cursor.version}
            return _ask(request, subject, CursorQuestion.Kind.RESEND, **asked, **span)
    return _render(request, subject_of(import_id), None, move=form)


@require_POST
@creator_required
def cursor_move(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        cursors.move_back(
            parent=subject,
            to=request.POST.get("to", ""),
            version=_version(request),
            by=user_of(request),
            now=timezone.now(),
        )
    except cursors.CannotMove as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The cursor is moved back. The next run begins there.")
    return redirect("imports:import_cursor", import_id)


@require_POST
@creator_required
def cursor_reset(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        cursors.reset(
            parent=subject, version=_version(request), by=user_of(request), now=timezone.now()
        )
    except cursors.CannotMove as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The cursor is reset. The next run sends all rows.")
    return redirect("imports:import_cursor", import_id)


def _ask(request: HttpRequest, subject: Import, kind: str, **asked: Any) -> HttpResponse:
    question = cursors.ask(
        parent=subject, kind=kind, by=user_of(request), now=timezone.now(), **asked
    )
    url = reverse("imports:import_cursor", args=[subject.pk])
    return redirect(f"{url}?question={question.pk}#answer")


def _scale(subject: Import, column: str, form: ColumnChoiceForm) -> Scale:
    """As the mapping reads the column; a number that it does not read counts as a counter."""
    cursor = Cursor.objects.filter(parent=subject, column=column).first()
    type_ = form.types[column]
    if cursor and cursor.column_type == type_:
        return cursor.scale
    return Scale(type_, COUNTER if type_ == INT64 else "", subject.account.time_zone)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _render(
    request: HttpRequest,
    subject: Import,
    asked: CursorQuestion | None,
    *,
    move: MoveBackForm | None = None,
    choice: ColumnChoiceForm | None = None,
) -> HttpResponse:
    context = {**head_of(subject, "Cursor"), "page": page_of(subject, asked, move, choice)}
    fragment = "imports/_cursor_answer.html"
    return render(request, fragment if is_htmx(request) else "imports/import_cursor.html", context)
