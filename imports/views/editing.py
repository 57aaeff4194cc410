"""Changing an import without mapping it anew: edit, duplicate, remap."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import user_of
from accounts.permissions import creator_required
from imports.edit_form import EditForm
from imports.models import Import
from imports.services import definitions, editing, remapping
from imports.views.runs import run_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def edit(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed().with_people(), pk=import_id)
    if subject.why_fixed:
        messages.error(request, subject.why_fixed)
        return redirect(subject)
    form = EditForm(request.POST if request.method == "POST" else None, subject=subject)
    if request.method != "POST" or not form.is_valid():
        return render(request, "imports/edit.html", {"form": form, "subject": subject})
    change = editing.Change(**form.cleaned_data)
    try:
        editing.edit_import(subject=subject, change=change, by=user_of(request), now=timezone.now())
    except editing.EditedMeanwhile as refusal:
        subject.refresh_from_db()
        form = form.for_version(subject)
        form.add_error(None, str(refusal))
    except editing.CannotEdit as refusal:
        form.add_error("account", str(refusal))
    except definitions.NicknameTaken as refusal:
        form.add_error("nickname", str(refusal))
    else:
        messages.success(request, f"“{change.nickname}” is saved.")
        return redirect(subject)
    return render(request, "imports/edit.html", {"form": form, "subject": subject})


@require_POST
@creator_required
def duplicate(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        copy = editing.duplicate(subject=subject, by=user_of(request), now=timezone.now())
    except editing.CannotEdit as refusal:
        messages.error(request, str(refusal))
        return redirect(subject)
    messages.success(
        request, f"“{copy.nickname}” is a draft. Look at its mapping and save it to make it ready."
    )
    return redirect("imports:edit", copy.pk)


@require_POST
@creator_required
def remap(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    try:
        told = remapping.remap(run=run, by=user_of(request), now=timezone.now())
    except remapping.CannotRemap as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:map", run.parent_id)
    except definitions.CannotMap as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect(run.parent)
