"""Import Connections: the list and its filters."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections import status
from connections.filters import FilterForm, Filters
from connections.models import Connection
from connections.partner_tabs import partner_tabs

PAGE_SIZE = 25


@require_safe
@member_required
def connection_list(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    filters = Filters.of(form)
    found = filters.apply(Connection.objects.listed()).order_by("-created_at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "tabs": partner_tabs("list"),
        "form": form,
        "filters": filters,
        "chips": filters.chips(request.GET),
        "page": page,
        "page_prefix": f"?{query.urlencode()}&page=" if query else "?page=",
        "rows": _rows([connection.pk for connection in page.object_list]),
        "has_any": filters.is_active and Connection.objects.listed().exists(),
    }
    return render(request, "connections/list.html", context)


def _rows(ids: list[Any]) -> list[dict[str, Any]]:
    """The page's connections with what each row says, in a fixed number of queries."""
    listed = Q(imports__deleted_at__isnull=True)
    active = Q(imports__runs__state__in=["queued", "running"])
    connections = (
        Connection.objects.filter(pk__in=ids)
        .with_people()
        .annotate(
            import_count=Count("imports", filter=listed, distinct=True),
            running_count=Count("imports", filter=listed & active, distinct=True),
        )
        .order_by("-created_at", "-id")
    )
    return [_row(found) for found in connections]


def _row(connection: Connection) -> dict[str, Any]:
    test = connection.latest_test
    return {
        "connection": connection,
        "badge": status.badge_of(connection),
        "tested_at": test.finished_at if test else None,
    }
