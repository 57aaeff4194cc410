"""Settings / Audit Logs: what people did, newest first. Admins only."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import trail
from accounts.permissions import admin_required

PAGE_SIZE = 50


@never_cache
@require_safe
@admin_required
def audit_logs(request: HttpRequest) -> HttpResponse:
    page = Paginator(trail.newest_first(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "accounts/audit_logs.html", {"page": page})
