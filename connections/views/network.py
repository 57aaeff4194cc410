"""CleverTap IP Ranges: from where this installation calls, and whom."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import member_required
from connections import hosts
from connections.egress import Egress, read_egress
from imports.models import CleverTapAccount


@require_safe
@member_required
def ip_ranges(request: HttpRequest) -> HttpResponse:
    egress = read_egress(settings.EGRESS_ADDRESSES)
    regions = CleverTapAccount.objects.listed().values_list("region", flat=True).distinct()
    google = hosts.google_hosts(settings.GOOGLE_ENDPOINTS)
    clevertap = hosts.clevertap_hosts(settings.CLEVERTAP_REGIONS, in_use=regions)
    context = {
        "egress": egress,
        "google": google,
        "clevertap": clevertap,
        "is_any_region_used": any(host.is_needed for host in clevertap),
        "all_hosts": "\n".join(host.with_port for host in google + clevertap),
        **_commands(egress),
    }
    return render(request, "connections/ip_ranges.html", context)


def _commands(egress: Egress) -> dict[str, Any]:
    return {
        "access_level": hosts.access_level(egress.public),
        "allow_in_perimeter": hosts.ALLOW_IN_PERIMETER,
        "find_egress": hosts.FIND_EGRESS,
        "set_egress": hosts.SET_EGRESS,
    }
