"""When an import runs: its schedule, pause and resume."""

from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import user_of
from accounts.permissions import creator_required
from connections.htmx import is_htmx
from imports.frequency import frequency, frequency_of, moment_in, place
from imports.models import Import, Run
from imports.schedule import Schedule, ScheduleFaulty
from imports.schedule_form import ScheduleForm, initial_of
from imports.services import runs, scheduling
from imports.views.wizard import wizard

STARTS_SHOWN = 5


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def schedule(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed().with_people(), pk=import_id)
    if not subject.can_run:
        messages.error(request, "Only an import that is mapped and not stopped has a schedule.")
        return redirect(subject)
    now = timezone.now()
    if request.method != "POST":
        initial = initial_of(subject.schedule, zone=subject.account.time_zone)
        return _render(request, subject, ScheduleForm(initial=initial, now=now))
    form = ScheduleForm(request.POST, now=now)
    if not form.is_valid() or request.POST.get("action") == "preview":
        return _render(request, subject, form)
    return _save(request, subject, form)


@require_POST
@creator_required
def pause(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        scheduling.pause(parent=subject, by=user_of(request), now=timezone.now())
    except scheduling.CannotSchedule as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _told_of_pause(subject))
    return redirect(subject)


@require_POST
@creator_required
def resume(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Import.objects.listed(), pk=import_id)
    try:
        by_itself = scheduling.resume(parent=subject, by=user_of(request), now=timezone.now())
    except scheduling.CannotSchedule as refusal:
        messages.error(request, str(refusal))
    else:
        goes_on = "runs by its schedule again" if by_itself else "can run again. Press Run now"
        messages.success(request, f"“{subject.nickname}” {goes_on}.")
    return redirect(subject)


def _told_of_pause(subject: Import) -> str:
    """A pause is about starts: what a run has begun, it brings to its end."""
    told = f"“{subject.nickname}” is paused: nothing starts by schedule."
    at_work = Run.objects.active().filter(parent=subject).exists()
    return f"{told} Its run at work goes on to its end: stop it to end it now." if at_work else told


def schedule_of(subject: Import, now: datetime) -> dict[str, Any]:
    """What the import's page says of it."""
    in_force = _stored(subject) if subject.status == Import.Status.SCHEDULED else None
    return {
        "frequency": frequency_of(subject.schedule),
        "is_due": subject.next_slot_at is not None and subject.next_slot_at <= now,
        **_next_starts(in_force, since=now),
    }


def _stored(subject: Import) -> Schedule | None:
    try:
        return Schedule.from_json(subject.schedule) if subject.schedule else None
    except ScheduleFaulty:
        return None


def _save(request: HttpRequest, subject: Import, form: ScheduleForm) -> HttpResponse:
    by, now = user_of(request), form.now
    try:
        scheduling.set_schedule(parent=subject, schedule=form.schedule, by=by, now=now)
        if form.runs_now:
            return redirect(runs.start_run(parent=subject, by=by, now=now))
    except (scheduling.CannotSchedule, runs.CannotStart) as refusal:
        form.add_error(None, str(refusal))
        return _render(request, subject, form)
    told = frequency(form.schedule)
    messages.success(request, f"The schedule of “{subject.nickname}” is saved: {told}.")
    return redirect(subject)


def _render(request: HttpRequest, subject: Import, form: ScheduleForm) -> HttpResponse:
    is_preview = is_htmx(request)
    context = {
        "subject": subject,
        "form": form,
        "wizard": wizard("schedule", subject) if _is_new(subject) else None,
        **_next_starts(_shown(form, subject), since=form.now),
    }
    template = "imports/_next_starts.html" if is_preview else "imports/schedule.html"
    return render(request, template, context)


def _is_new(subject: Import) -> bool:
    """Still on the way of Create Import, whose last step this is."""
    return not subject.schedule and not Run.objects.filter(parent=subject).exists()


def _shown(form: ScheduleForm, subject: Import) -> Schedule | None:
    """What is being typed, or what is in force."""
    if form.is_bound:
        return form.schedule
    return _stored(subject)


def _next_starts(found: Schedule | None, *, since: datetime) -> dict[str, Any]:
    """The next five starts in the words of the schedule's own zone."""
    if found is None:
        return {"starts": [], "zone": ""}
    moments = islice(found.moments(since), STARTS_SHOWN)
    starts = [{"at": moment, "words": moment_in(found.zone, moment)} for moment in moments]
    return {"starts": starts, "zone": place(found.zone)}
