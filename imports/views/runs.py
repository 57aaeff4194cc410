"""Runs: start, watch, stop, and see what became of every row."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required, member_required
from imports import progress as progress_words
from imports.models import Heartbeat, Import, Run
from imports.phases import phase_of
from imports.services import runs

EXAMPLES = 20


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
    run = _run(run_id)
    return render(request, "imports/run_detail.html", _context(request, run))


@never_cache
@require_safe
@member_required
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "imports/_progress.html", _context(request, _run(run_id)))


@require_POST
@creator_required
def stop(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = _run(run_id)
    try:
        runs.stop_run(run=run, by=user_of(request), reason="Stopped by hand", now=timezone.now())
    except runs.AlreadyFinal as refusal:
        messages.info(request, str(refusal))
    return redirect(run)


def _run(run_id: UUID) -> Run:
    runs_with_people = Run.objects.select_related(
        "connection", "parent__account", "requested_by", "stop_requested_by"
    )
    return get_object_or_404(runs_with_people, pk=run_id)


def _context(request: HttpRequest, run: Run) -> dict[str, Any]:
    now = timezone.now()
    seen = Heartbeat.last_seen().get(Heartbeat.Part.IMPORT)
    refused = run.refused_rows
    context = {
        "run": run,
        "outcome": progress_words.outcome_of(run),
        "health": progress_words.health_of(run),
        "progress_text": progress_words.progress_of(run),
        "phase": phase_of(run, now=now, workers_seen=Heartbeat.is_recent(seen, now=now)),
        "pace": progress_words.rows_per_second(run, now=now),
        "seconds_left": progress_words.seconds_left(run, now=now),
        "reasons": refused.values("code", "sentence", "refused_by")
        .annotate(rows=Count("id"))
        .order_by("-rows", "code")[:50],
        "may_see_rows": user_of(request).is_creator,
    }
    if context["may_see_rows"]:
        context["examples"] = refused.order_by("row_number")[:EXAMPLES]
    return context
