"""Import Connections: the list, its filters and its order."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections import sorting, status
from connections.filters import FilterForm, Filters
from connections.models import Connection
from connections.partner_tabs import partner_tabs
from imports.models import Import, Run

PAGE_SIZE = 25
SHOWN = (
    *("name", "project_id", "dataset_id", "location", "access", "state", "created_at"),
    *("created_by__email", "key__google", "key__public_fingerprint"),
    *("latest_test__fingerprint", "latest_test__finished_at"),
    *("latest_test__reason", "latest_test__verdict"),
)


@require_safe
@member_required
def connection_list(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    filters = Filters.of(form)
    ids = filters.found(Connection.objects.listed()).values_list("pk", flat=True)
    page = Paginator(ids, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list))
    context = {
        "tabs": partner_tabs("list"),
        "form": form,
        "sort": filters.sort_in_address,
        "days": filters.quick_days("Connected On", "connected_from", "connected_to"),
        "time_zone": timezone.get_current_timezone_name(),
        "chips": filters.chips(),
        "groups": [sorting.heads(group, filters.sort, filters.url) for group in sorting.GROUPS],
        "page": page,
        "page_prefix": filters.url({"page": ""}),
        "rows": rows,
        "is_live": any(row["running"] or row["badge"] in status.PASSING for row in rows),
        "empty": None if page.paginator.count else filters.emptiness(Connection.objects.listed()),
    }
    return render(request, "connections/list.html", context)


def _rows(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The page's connections in its order, with what each row says, in three queries."""
    people = Connection.objects.select_related("created_by", "key", "latest_test")
    connections = people.only(*SHOWN).in_bulk(ids)
    imports = _counted(Import.objects.listed().filter(connection__in=ids), "connection")
    at_work = Run.objects.active().filter(
        parent__connection__in=ids, parent__deleted_at__isnull=True
    )
    # An import has one active run at most: run_one_active_per_import.
    running = _counted(at_work, "parent__connection")
    return [_row(connections[pk], imports.get(pk, 0), running.get(pk, 0)) for pk in ids]


def _counted(rows: Any, by: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(by).annotate(Count("pk")))


def _row(connection: Connection, imports: int, running: int) -> dict[str, Any]:
    test = connection.latest_test
    badge = status.badge_of(connection)
    return {
        "id": connection.pk,
        "url": connection.get_absolute_url(),
        "name": connection.name,
        "is_active": connection.is_active,
        "is_sandbox": connection.key.is_sandbox,
        "project": connection.project_id,
        "dataset": connection.dataset_id,
        "location": connection.location,
        "badge": badge,
        "tested_at": test.finished_at if test else None,
        "not_tested": "Now" if badge == status.TESTING else "Never",
        "imports": imports,
        "running": running,
        "connected_on": connection.created_at,
        "connected_by": connection.created_by.email,
    }
