"""One connection: whose key, does it work, what reads from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import admin_required, member_required
from connections import status
from connections.evidence import evidence_of
from connections.former_keys import former_keys_of
from connections.htmx import is_htmx
from connections.models import Connection, ConnectionTest, ConnectionTestStep
from connections.services import dossier
from connections.services import tests as test_services
from connections.views.tests import excess_of, steps_of

TESTS_A_PAGE = 25


@require_safe
@member_required
def detail(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    people = Connection.objects.with_deletion().select_related("key__uploaded_by")
    connection = get_object_or_404(people, pk=connection_id)
    is_admin = user_of(request).is_admin
    badge = status.badge_of(connection)
    context = {
        "connection": connection,
        "dossier": dossier.dossier_of(
            connection=connection, with_changes=is_admin, now=timezone.now()
        ),
        "evidence": evidence_of(connection),
        **_newest_test(connection, badge, is_watched=is_htmx(request)),
        "badge": badge,
        "former_keys": former_keys_of(connection, now=timezone.now()),
    }
    return render(request, "connections/detail.html", context)


@require_safe
@member_required
def test_history(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=connection_id)
    pages = Paginator(dossier.tests_of(connection), TESTS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "connection": connection,
        "page": page,
        "tests": [dossier.past_test(test) for test in page],
    }
    return render(request, "connections/test_history.html", context)


@require_POST
@admin_required
def test(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connections = Connection.objects.active().with_people()
    connection = get_object_or_404(connections, pk=connection_id)
    try:
        test_services.request_test_of(
            connection=connection, by=user_of(request), now=timezone.now()
        )
    except test_services.TooManyTests as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{connection.get_absolute_url()}#test")


def _newest_test(
    connection: Connection, badge: status.Badge, *, is_watched: bool
) -> dict[str, Any]:
    """The test that speaks for the connection, ended if nobody answered it in time.

    What needs a look stands at the top with all its checks; a pass is one line below, but
    not under the eyes of somebody who watches it come true.
    """
    newest: ConnectionTest | None = connection.latest_test
    if newest and test_services.settle_overdue(test=newest, now=timezone.now()):
        newest.refresh_from_db()
    steps = steps_of(newest) if newest else []
    is_about_now = badge != status.UNTESTED
    has_passed = newest is not None and newest.verdict == ConnectionTest.Verdict.VERIFIED
    is_news = is_watched or not has_passed
    return {
        "test": newest,
        "steps": steps,
        "passed": _passed(newest, steps) if newest else None,
        "excess": excess_of(newest) if newest else [],
        "attention": {
            "test": connection.is_active and newest and is_about_now and is_news,
            "is_stale": connection.is_active and newest and not is_about_now,
            "is_untested": connection.is_active and newest is None,
        },
    }


def _passed(test: ConnectionTest, steps: list[Any]) -> dict[str, Any]:
    """How many of the checks that were made have passed, and how long they took."""
    results = [step.result for step in steps]
    made = [result for result in results if result != ConnectionTestStep.Result.NOT_NEEDED]
    return {
        "count": made.count(ConnectionTestStep.Result.PASSED),
        "all": len(made),
        "seconds": dossier.seconds_of(test),
    }
