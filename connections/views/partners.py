"""Settings / Partners: the list of partners, and BigQuery's own page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections.models import Connection
from connections.partner_tabs import partner_tabs


@require_safe
@member_required
def partners(request: HttpRequest) -> HttpResponse:
    connections = Connection.objects.listed()
    context = {"tabs": partner_tabs("partners"), "connection_count": connections.count()}
    return render(request, "connections/partners.html", context)


@require_safe
@member_required
def overview(request: HttpRequest) -> HttpResponse:
    context = {
        "connection_count": Connection.objects.listed().count(),
        "egress_addresses": settings.EGRESS_ADDRESSES,
        "google_hosts": [
            "oauth2.googleapis.com",
            "bigquery.googleapis.com",
            "bigquerystorage.googleapis.com",
        ],
        "clevertap_hosts": clevertap_hosts(),
        "sandbox_url": settings.SANDBOX_URL,
    }
    return render(request, "connections/overview.html", context)


def clevertap_hosts() -> list[str]:
    regions = settings.CLEVERTAP_REGIONS
    hosts = (row["url"] for name, row in regions.items() if name != "sandbox")
    return [url.removeprefix("https://") for url in hosts]
