"""Where one is signed in, and signing out there."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import member_required
from accounts.services import visits as services


@never_cache
@require_safe
@member_required
def visits(request: HttpRequest) -> HttpResponse:
    found = services.open_visits(
        user=user_of(request), session_key=request.session.session_key, now=timezone.now()
    )
    return render(request, "accounts/visits.html", {"visits": found})


@never_cache
@require_POST
@member_required
def visit_end(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    if not services.end_one(user=user_of(request), visit_id=visit_id):
        raise Http404
    messages.success(request, "That browser is signed out.")
    return redirect("accounts:visits")


@never_cache
@require_POST
@member_required
def visits_end(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    count = services.end_others(user=user, session_key=request.session.session_key, by=user)
    messages.success(
        request, "All other browsers are signed out." if count else "There was no other browser."
    )
    return redirect("accounts:visits")
