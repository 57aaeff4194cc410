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
from connections.models import Connection, ConnectionTest
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
    context = {
        "connection": connection,
        "dossier": dossier.dossier_of(
            connection=connection, with_changes=is_admin, now=timezone.now()
        ),
        "evidence": evidence_of(connection),
        **_newest_test(connection),
        "badge": status.badge_of(connection),
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


def _newest_test(connection: Connection) -> dict[str, Any]:
    """The test that speaks for the connection, ended if nobody answered it in time."""
    newest: ConnectionTest | None = connection.latest_test
    if newest and test_services.settle_overdue(test=newest, now=timezone.now()):
        newest.refresh_from_db()
    return {
        "test": newest,
        "steps": steps_of(newest) if newest else [],
        "excess": excess_of(newest) if newest else [],
    }
