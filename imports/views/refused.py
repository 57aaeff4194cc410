"""Refused rows of a run: why, which, as a file, and again. Contents for who may see them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import user_of
from accounts.permissions import creator_required, member_required
from imports.mapping import Column, Mapping
from imports.models import Run
from imports.refused_form import AskedForm
from imports.services import refused, replays
from imports.services.runs import CannotStart
from imports.views.refused_files import csv_lines, json_lines
from imports.views.runs import run_of

_TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


@never_cache
@require_safe
@member_required
def refused_rows(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    may_see_rows = user_of(request).is_creator
    form = AskedForm(request.GET, keys=refused.keys_of(run=run))
    asked = form.asked if may_see_rows else refused.Asked()
    found = refused.refused_of(
        run=run, asked=asked, with_contents=may_see_rows, page=request.GET.get("page")
    )
    context = {
        "run": run,
        "form": form,
        "asked": asked,
        "refused": found,
        "replays": replays.replays_of(run=run, asked=asked),
        "lines": [(one, _pretty(one)) for one in found.rows],
        "page_prefix": f"?{urlencode({'reason': asked.key, 'identity': asked.identity})}&page=",
        "may_see_rows": may_see_rows,
    }
    return render(request, "imports/refused_rows.html", context)


@never_cache
@require_POST
@creator_required
def download_refused(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    run = run_of(run_id)
    form = AskedForm(request.POST, keys=refused.keys_of(run=run))
    kind = request.POST.get("format", "")
    trouble = "" if form.is_valid() else "This download was not asked for whole. Open it again."
    trouble = trouble or refused.why_unreadable(run=run)
    if trouble or kind not in _TYPES:
        messages.error(request, trouble or "Choose JSON Lines or CSV.")
        return redirect("imports:refused_rows", run.pk)
    rows = refused.download(run=run, asked=form.asked, form=kind, by=user_of(request))
    return _file(run, kind, csv_lines(rows, _columns(run)) if kind == "csv" else json_lines(rows))


@require_POST
@creator_required
def replay(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = run_of(run_id)
    form = AskedForm(request.POST, keys=refused.keys_of(run=run))
    if not form.is_valid():
        messages.error(request, "No kept row of this run was refused for that reason.")
        return redirect("imports:refused_rows", run.pk)
    try:
        again = replays.start_replay(
            run=run, asked=form.asked, by=user_of(request), now=timezone.now()
        )
    except (replays.CannotReplay, CannotStart) as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:refused_rows", run.pk)
    return redirect(again)


def _file(run: Run, kind: str, lines: Iterator[str]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="refused-rows-{run.pk}.{kind}"'
    return answer


def _columns(run: Run) -> list[Column]:
    """Those that were kept: the mapped ones, with their types of then."""
    known = {stored["name"]: Column.from_json(stored) for stored in run.snapshot.get("columns", [])}
    used = Mapping.from_json(run.snapshot["mapping"]).used_columns()
    return [known.get(name, Column(name, "STRING")) for name in used]


def _pretty(one: refused.Shown) -> list[tuple[str, str]]:
    """What a row held, each part with its name."""
    parts: list[tuple[str, Any]] = []
    if one.content:
        parts = [("Cells", one.content.cells), ("Record", one.content.record)]
    return [(name, _text(part)) for name, part in parts if part]


def _text(part: Any) -> str:
    """For reading: half of a character pair is a question mark here, and whole in the file."""
    text = json.dumps(part, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")
