"""Batches of unknown outcome: look, and decide what becomes of them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required, member_required
from imports.models import Batch
from imports.services import held
from imports.services.runs import CannotStart
from imports.views.runs import run_of


@never_cache
@require_safe
@member_required
def held_batches(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    found = held.held_of(run=run)
    context = {
        "run": run,
        "held": found,
        "is_any_open": run.is_final and any(one.is_open for one in found),
        "is_any_kept": any(one.is_open and one.is_kept for one in found),
    }
    return render(request, "imports/held.html", context)


@require_POST
@creator_required
def decide_held(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run, decision = run_of(run_id), request.POST.get("decision", "")
    if decision not in Batch.Decision.values:
        messages.error(request, "Choose what is to become of the batches.")
        return redirect("imports:held_batches", run.pk)
    try:
        again = held.decide(
            run=run,
            batch_ids=_ids(request.POST.getlist("batch")),
            decision=decision,
            by=user_of(request),
            now=timezone.now(),
        )
    except (held.CannotDecide, CannotStart) as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:held_batches", run.pk)
    if again:
        return redirect(again)
    messages.success(request, f"The chosen batches are {Batch.Decision(decision).label.lower()}.")
    return redirect("imports:held_batches", run.pk)


def _ids(posted: list[str]) -> list[UUID]:
    """Those that are ids at all; others name no batch."""
    found = []
    for text in posted:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
