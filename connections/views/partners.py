"""Settings / Partners: the list of partners, and BigQuery's own page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections.partner_tabs import partner_tabs
from connections.services import overview as overview_service
from connections.views.guide import guide_of


@require_safe
@member_required
def partners(request: HttpRequest) -> HttpResponse:
    figures = overview_service.figures_of(now=timezone.now())
    context = {"tabs": partner_tabs("partners"), "figures": figures}
    return render(request, "connections/partners.html", context)


@require_safe
@member_required
def overview(request: HttpRequest) -> HttpResponse:
    context = {
        "overview": overview_service.overview_of(now=timezone.now()),
        "guide": guide_of(request.GET, None),
        "sandbox_url": settings.SANDBOX_URL,
    }
    return render(request, "connections/overview.html", context)
