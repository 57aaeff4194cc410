"""One connection: whose key, does it work, what reads from it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import admin_required, member_required
from connections import status
from connections.evidence import evidence_of
from connections.former_keys import former_keys_of
from connections.models import Connection
from connections.services import tests as test_services
from connections.views.tests import steps_of
from imports.models import Import, Run


@require_safe
@member_required
def detail(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.with_deletion(), pk=connection_id)
    newest = connection.latest_test
    if newest and test_services.settle_overdue(test=newest, now=timezone.now()):
        newest.refresh_from_db()
    runs = Run.objects.of_connection(connection).select_related("parent").newest_first()
    context = {
        "connection": connection,
        "badge": status.badge_of(connection),
        "test": newest,
        "steps": steps_of(newest) if newest else [],
        "tests": connection.tests.select_related("requested_by").newest_first()[:10],
        "imports": Import.objects.listed().of_connection(connection).with_activity()[:50],
        "runs": runs[:10],
        "evidence": evidence_of(connection),
        "former_keys": former_keys_of(connection, now=timezone.now()),
    }
    return render(request, "connections/detail.html", context)


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
