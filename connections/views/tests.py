"""One Test Connection: watch it, and check a single thing again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import admin_required
from connections import privileges
from connections.htmx import is_htmx
from connections.models import Access, ConnectionTest, ConnectionTestStep
from connections.services import tests as test_services

_WORTH_REPEATING = {ConnectionTestStep.Result.FAILED, ConnectionTestStep.Result.UNKNOWN}


@never_cache
@require_safe
@admin_required
def test_panel(request: HttpRequest, test_id: UUID) -> HttpResponse:
    test = get_object_or_404(ConnectionTest, pk=test_id)
    if test_services.settle_overdue(test=test, now=timezone.now()):
        test.refresh_from_db()
    return _render(request, test)


@require_POST
@admin_required
def test_again(request: HttpRequest, test_id: UUID, code: str) -> HttpResponse:
    tests = ConnectionTest.objects.select_related("key", "connection")
    test = get_object_or_404(tests, pk=test_id)
    if not test.steps.filter(code=code).exists():
        raise Http404
    try:
        test = test_services.request_again(
            test=test, code=code, by=user_of(request), now=timezone.now()
        )
    except test_services.TooManyTests as refusal:
        messages.error(request, str(refusal))
    if is_htmx(request):
        return _render(request, test)
    return redirect("connections:test_panel", test.pk)


def steps_of(test: ConnectionTest) -> list[Any]:
    """The checks in order; what failed, could not be told, or could be had can be checked again."""
    steps: list[Any] = list(test.steps.order_by("position"))
    for step in steps:
        is_worth_it = step.result in _WORTH_REPEATING or bool(step.reason)
        if test.is_finished and test.key.sealed_key and is_worth_it:
            step.retry_url = reverse("connections:test_again", args=[test.pk, step.code])
    return steps


def excess_of(test: ConnectionTest) -> list[dict[str, Any]]:
    """What the key may do beyond its task, with the commands that narrow it."""
    if not test.excess:
        return []
    return privileges.explained(
        test.excess,
        project=test.project_id,
        dataset=test.dataset_id,
        email=test.key.client_email,
        is_read_only=test.access == Access.READ_ONLY,
    )


def _render(request: HttpRequest, test: ConnectionTest) -> HttpResponse:
    fragment = "connections/_test.html"
    context = {"test": test, "steps": steps_of(test), "excess": excess_of(test)}
    return render(request, fragment if is_htmx(request) else "connections/test.html", context)
