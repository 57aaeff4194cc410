"""The Overview of one import: how its last run ended, how the last ones went, what is next.

Reads only, in a fixed number of queries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.dateformat import format as in_words

from imports import charts, progress
from imports.models import Heartbeat, Import, Run
from imports.next_step import NextStep, next_step
from imports.phases import phase_of
from imports.services.stats import SERIES, Synced, synced_of

SHOWN: Final = 20


@dataclass(frozen=True)
class AtWork:
    """The run that is not over, as far as it is."""

    run: Run
    outcome: progress.Outcome
    phase: str
    text: str


@dataclass(frozen=True)
class Overview:
    """``last``: the newest run that is over. ``step``: what to do next, if there is anything."""

    at_work: AtWork | None
    last: Synced | None
    step: NextStep | None
    chart: charts.Chart


def overview_of(*, subject: Import, may_act: bool, now: datetime) -> Overview:
    """``may_act``: whether who looks may map, run and stop."""
    newest = list(subject.runs.defer("snapshot").newest_first()[:SHOWN])
    active = next((run for run in newest if not run.is_final), None)
    last = next((synced_of(run) for run in newest if run.is_final), None)
    step = next_step(subject, last=last.run if last else None, may_act=may_act)
    return Overview(
        at_work=_at_work(active, now) if active else None,
        last=last,
        step=None if active else step,
        chart=_chart(newest),
    )


def _at_work(run: Run, now: datetime) -> AtWork:
    seen = Heartbeat.last_seen().get(Heartbeat.Part.IMPORT)
    return AtWork(
        run=run,
        outcome=progress.outcome_of(run),
        phase=phase_of(run, now=now, workers_seen=Heartbeat.is_recent(seen, now=now)),
        text=progress.progress_of(run),
    )


def _chart(newest: list[Run]) -> charts.Chart:
    room = [charts.Point("", "", None)] * (SHOWN - len(newest))
    points = [_point(run) for run in reversed(newest)]
    return charts.chart_of(
        id="last-runs",
        title="Rows of the last runs",
        each="run",
        series=SERIES,
        points=[*room, *points],
        measure=charts.ROWS,
        height=120,
        empty="Each run will be a column here.",
    )


def _point(run: Run) -> charts.Point:
    at = timezone.localtime(run.queued_at)
    return charts.Point(
        label=in_words(at, "j M"),
        title=in_words(at, "j F Y, H:i"),
        values=(run.accepted_count, run.refused_count, run.skipped_count, run.unknown_count),
        url=run.get_absolute_url(),
        note=progress.outcome_of(run).word,
    )
