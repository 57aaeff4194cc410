"""One import: Overview, Mapping, Schedule and Stats, each at an address of its own."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.people import user_of
from accounts.permissions import member_required
from connections.htmx import is_htmx
from imports import progress
from imports.frequency import frequency_of
from imports.models import Import, Run
from imports.outcomes import ENDINGS
from imports.run_filters import RunFilterForm, RunFilters
from imports.services import overview, stats
from imports.views.mapping_lines import lines_of
from imports.views.schedule import schedule_of
from imports.views.source import cost_of

_TABS = (
    ("Overview", "imports:import_detail"),
    ("Mapping", "imports:import_mapping"),
    ("Schedule", "imports:import_schedule"),
    ("Cursor", "imports:import_cursor"),
    ("Stats", "imports:import_stats"),
)
_CSV_HEADS = (
    *("Date & Time", "Imported On", "Outcome", "Health", "Total Records"),
    *("Successful Syncs", "Failed Syncs", "Skipped", "Unknown", "Bytes Billed"),
)


@never_cache
@require_safe
@member_required
def import_detail(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = subject_of(import_id)
    context = head_of(subject, "Overview")
    context |= {"frequency": frequency_of(subject.schedule), "cost": cost_of(subject)}
    context["overview"] = overview.overview_of(
        subject=subject, may_act=user_of(request).is_creator, now=timezone.now()
    )
    fragment = "imports/_overview.html"
    return render(request, fragment if is_htmx(request) else "imports/import_detail.html", context)


@require_safe
@member_required
def import_mapping(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = subject_of(import_id)
    context = {**head_of(subject, "Mapping"), "lines": lines_of(subject)}
    return render(request, "imports/import_mapping.html", context)


@require_safe
@member_required
def import_schedule(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = subject_of(import_id)
    last = subject.runs.defer("snapshot").select_related("requested_by").newest_first().first()
    context = {**head_of(subject, "Schedule"), "last": last, **schedule_of(subject, timezone.now())}
    return render(request, "imports/import_schedule.html", context)


@require_safe
@member_required
def import_stats(request: HttpRequest, import_id: UUID) -> HttpResponse:
    subject = subject_of(import_id)
    form = RunFilterForm(request.GET)
    filters = RunFilters.of(form)
    found = stats.stats_of(
        subject=subject,
        runs=subject.runs.filter(filters.condition),
        days=(filters.begin, filters.end),
        page=request.GET.get("page"),
        now=timezone.now(),
    )
    context = {
        **head_of(subject, "Stats"),
        "stats": found,
        "form": form,
        "filters": filters,
        "endings": ENDINGS,
        "quick": filters.quick(today=timezone.localdate()),
        "page_prefix": filters.url(page="{}").replace("%7B%7D", ""),
        "csv_url": f"{reverse('imports:import_stats_csv', args=[subject.pk])}{filters.url()}",
        "time_zone": timezone.get_current_timezone_name(),
    }
    return render(request, "imports/import_stats.html", context)


@require_safe
@member_required
def import_stats_csv(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The runs that pass the filters. Numbers, moments and our own words: nothing to compute."""
    subject = subject_of(import_id)
    filters = RunFilters.of(RunFilterForm(request.GET))
    found = stats.every_synced(subject.runs.filter(filters.condition))
    answer = HttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
    name = slugify(subject.nickname) or "import"
    answer["Content-Disposition"] = f'attachment; filename="{name}-stats.csv"'
    return answer


def subject_of(import_id: UUID) -> Import:
    return get_object_or_404(Import.objects.with_people(), pk=import_id)


def head_of(subject: Import, tab: str) -> dict[str, Any]:
    """What stands above every tab: the run that is not over, if there is one, and the tabs.

    No run begins while another is at work, so it is the newest, but for clocks that differ.
    """
    newest = subject.runs.defer("snapshot").newest_first()[:5]
    return {
        "subject": subject,
        "active": next((run for run in newest if not run.is_final), None),
        "tabs": [
            {"title": title, "url": reverse(name, args=[subject.pk]), "active": title == tab}
            for title, name in _TABS
        ],
    }


class _Echo:
    """What the csv module writes to, one line at a time."""

    def write(self, line: str) -> str:
        return line


def _csv(found: Iterator[stats.Synced]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(_CSV_HEADS)
    for row in found:
        yield writer.writerow(_cells(row.run, row))


def _cells(run: Run, row: stats.Synced) -> list[Any]:
    return [
        _utc(run.queued_at),
        _utc(row.imported_on),
        progress.outcome_of(run).word,
        row.health.word if row.health else "",
        run.read_count,
        run.accepted_count,
        run.refused_count,
        run.skipped_count,
        run.unknown_count,
        "" if run.bytes_billed is None else run.bytes_billed,
    ]


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
