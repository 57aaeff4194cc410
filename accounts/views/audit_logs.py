"""Settings / Audit Logs: what people did, newest first. Admins only."""

import csv
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import trail
from accounts.audit_filters import AuditFilterForm, AuditFilters
from accounts.models import AuditEntry
from accounts.permissions import admin_required
from accounts.spreadsheet import harmless

PAGE_SIZE = 50
_COLUMNS = (
    *("Date (UTC)", "E-mail", "Action", "Object", "Object ID", "Name"),
    *("Before", "After", "IP address"),
)


@never_cache
@require_safe
@admin_required
def audit_logs(request: HttpRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET)
    filters = AuditFilters.of(form)
    entries = filters.passing(trail.newest_first())
    context = {
        "page": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
        "form": form,
        "chips": filters.chips(),
        "page_prefix": filters.url(page="{}").replace("%7B%7D", ""),
        "csv_url": f"{reverse('accounts:audit_logs_csv')}{filters.url()}",
        "time_zone": timezone.get_current_timezone_name(),
    }
    return render(request, "accounts/audit_logs.html", context)


@never_cache
@require_safe
@admin_required
def audit_entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry = get_object_or_404(AuditEntry, pk=entry_id)
    context = {"entry": entry, "values": trail.changes(entry)}
    return render(request, "accounts/audit_entry.html", context)


@never_cache
@require_safe
@admin_required
def audit_logs_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Line by line: a trail of years never stands in memory as a whole."""
    filters = AuditFilters.of(AuditFilterForm(request.GET))
    entries = filters.passing(trail.newest_first())
    answer = StreamingHttpResponse(_csv(entries.iterator()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-logs.csv"'
    return answer


class _Echo:
    """What the csv module writes to, one line at a time."""

    def write(self, line: str) -> str:
        return line


def _csv(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_COLUMNS)
    for entry in entries:
        yield writer.writerow(map(harmless, _row(entry)))


def _row(entry: AuditEntry) -> tuple[Any, ...]:
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.email,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.object_name,
        json.dumps(entry.before, ensure_ascii=False) if entry.before else "",
        json.dumps(entry.after, ensure_ascii=False) if entry.after else "",
        entry.ip_address or "",
    )
