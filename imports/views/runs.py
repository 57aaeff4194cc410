"""Runs: start, watch, stop, and see what became of every row."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required, member_required
from imports.models import Import, Run
from imports.services import runs, write_backs
from imports.watch import watch


@require_POST
@creator_required
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    parent = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        run = runs.start_run(parent=parent, by=user_of(request), now=timezone.now())
    except runs.CannotStart as refusal:
        messages.error(request, str(refusal))
        return redirect(parent)
    return redirect(run)


@never_cache
@require_safe
@member_required
def run_detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    return render(request, "imports/run_detail.html", _context(run) | {"is_over": run.is_final})


@never_cache
@require_safe
@member_required
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "imports/_progress.html", _context(run_of(run_id)))


@require_POST
@creator_required
def stop(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    try:
        runs.stop_run(run=run, by=user_of(request), reason="Stopped by hand", now=timezone.now())
    except runs.AlreadyFinal as refusal:
        messages.info(request, str(refusal))
    return redirect(run)


@require_POST
@creator_required
def write_back_again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    try:
        write_backs.try_again(run=run, by=user_of(request), now=timezone.now())
    except write_backs.CannotTryAgain as refusal:
        messages.error(request, str(refusal))
    return redirect(run)


def run_of(run_id: UUID) -> Run:
    """The run with all that its pages say of others."""
    runs_with_people = Run.objects.select_related(
        *("connection__key", "key", "parent__account", "parent__connection"),
        *("requested_by", "stop_requested_by", "replay_of", "write_back"),
    )
    return get_object_or_404(runs_with_people, pk=run_id)


def _context(run: Run) -> dict[str, Any]:
    return {"run": run, "watch": watch(run=run, now=timezone.now())}
