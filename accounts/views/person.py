"""Settings / Users / one person: role, BigQuery, second step, sessions, links. Admins only."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import AccessForm
from accounts.models import User
from accounts.people import user_of
from accounts.permissions import admin_required
from accounts.services import people, second_step, visits
from accounts.services.people import ChangeRefused

_BIGQUERY = {None: "", True: "on", False: "off"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    subject = get_object_or_404(User, pk=user_id)
    action = _ACTIONS.get(request.POST.get("action", ""))
    form = AccessForm(
        request.POST if request.POST.get("action") == "access" else None,
        initial={"role": subject.role, "bigquery": _BIGQUERY[subject.has_bigquery]},
    )
    if form.is_valid() or action:
        try:
            words = action(request, subject) if action else _choose(request, subject, form)
        except (ChangeRefused, second_step.NotForOneself) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, words)
        return redirect("accounts:person", user_id=subject.pk)
    return render(request, "accounts/person.html", _context(request, subject, form))


def _context(request: HttpRequest, subject: User, form: AccessForm) -> dict[str, object]:
    return {
        "person": subject,
        "form": form,
        "is_oneself": subject.pk == user_of(request).pk,
        "has_second_step": second_step.is_on(subject),
        "visits": visits.open_visits(user=subject, session_key=None, now=timezone.now()),
    }


def _choose(request: HttpRequest, subject: User, form: AccessForm) -> str:
    by = user_of(request)
    chosen = form.cleaned_data
    is_changed = people.choose_role(user=subject, role=chosen["role"], by=by)
    bigquery = people.choose_bigquery(user=subject, has_bigquery=chosen["bigquery"], by=by)
    return "Access is saved." if is_changed or bigquery else "Nothing was different."


def _switch_off(request: HttpRequest, subject: User) -> str:
    people.switch_off(user=subject, by=user_of(request), now=timezone.now())
    return f"{subject.email} may not sign in any more, and is signed out everywhere."


def _switch_on(request: HttpRequest, subject: User) -> str:
    people.switch_on(user=subject, by=user_of(request))
    return f"{subject.email} may sign in again."


def _reset_second_step(request: HttpRequest, subject: User) -> str:
    second_step.reset(user=subject, by=user_of(request))
    return f"{subject.email} signs in without a second step until a new one is set up."


def _sign_out(request: HttpRequest, subject: User) -> str:
    own = request.session.session_key if subject.pk == user_of(request).pk else None
    visits.end_others(user=subject, session_key=own, by=user_of(request))
    return f"{subject.email} is signed out everywhere."


_ACTIONS: dict[str, Callable[[HttpRequest, User], str]] = {
    "switch_off": _switch_off,
    "switch_on": _switch_on,
    "second_step": _reset_second_step,
    "sign_out": _sign_out,
}
