"""Stopping and deleting an import: its run is shown first and stops; its history stays."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.htmx import go_to, is_htmx
from imports.models import Import, Run
from imports.services import deletion, stopping


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def stop_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    if request.method != "POST":
        active = Run.objects.active().filter(parent=subject).first()
        context = {"subject": subject, "active": active}
        fragment = "imports/_stop_import.html"
        return render(
            request, fragment if is_htmx(request) else "imports/stop_import.html", context
        )
    try:
        had_a_run = stopping.stop_import(subject=subject, by=user_of(request), now=timezone.now())
    except stopping.CannotStop as refusal:
        messages.info(request, str(refusal))
    else:
        told = f"“{subject.nickname}” is stopped: nothing starts it until somebody resumes it."
        ending = " Its run is being stopped." if had_a_run else ""
        messages.success(request, told + ending)
    return go_to(request, subject.get_absolute_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def delete(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import, pk=import_id)
    if subject.is_deleted:
        return go_to(request, subject.get_absolute_url())
    if request.method != "POST":
        return _ask(request, subject)
    try:
        deletion.delete_import(
            subject=subject,
            token=request.POST.get("token", ""),
            by=user_of(request),
            now=timezone.now(),
        )
    except deletion.ReviewOutdated as refusal:
        return _ask(request, subject, refusal=str(refusal))
    except deletion.AlreadyDeleted as refusal:
        messages.info(request, str(refusal))
    return go_to(request, subject.get_absolute_url())


def _ask(request: HttpRequest, subject: Import, *, refusal: str = "") -> HttpResponse:
    subject.refresh_from_db()
    context = {
        "subject": subject,
        "review": deletion.review_deletion(subject),
        "refusal": refusal,
    }
    fragment = "imports/_delete.html"
    return render(request, fragment if is_htmx(request) else "imports/delete.html", context)
