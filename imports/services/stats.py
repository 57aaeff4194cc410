"""Stats of one import: CleverTap's columns for each run, their sums, and a chart over time.

Reads only, in a fixed number of queries whatever the number of runs. Days are the viewer's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.core.paginator import Page, Paginator
from django.utils import timezone

from imports import charts, progress
from imports.models import Import, Run
from imports.models.run_queries import RunQuerySet
from imports.periods import SUMS, start_of, sums_by_period
from imports.progress import Outcome

PAGE_SIZE: Final = 25
# A chart of less would be a few very wide columns.
FEWEST_DAYS: Final = 14
_SUMMED: Final = (*SUMS, "bytes_billed")
SERIES: Final = (
    charts.Series("accepted", "Accepted"),
    charts.Series("refused", "Refused"),
    charts.Series("skipped", "Skipped"),
    charts.Series("unknown", "Unknown"),
)


@dataclass(frozen=True)
class Synced:
    """One run. ``health`` is None where there are no rows: then the outcome says why.

    ``imported_on``: when the last of its rows was answered; None, with the reason in
    ``not_imported``, for a run that brought nothing to CleverTap or is not over.
    """

    run: Run
    outcome: Outcome
    health: Outcome | None
    imported_on: datetime | None
    not_imported: str


@dataclass(frozen=True)
class Totals:
    """The sums of all runs that pass the filters. They agree: see ``Run``'s constraint."""

    runs: int
    accepted: int
    refused: int
    skipped: int
    unknown: int
    bytes_billed: int

    @property
    def read(self) -> int:
        return self.accepted + self.refused + self.skipped + self.unknown

    @property
    def health(self) -> Outcome | None:
        """None where there are no rows to judge by."""
        known = progress.health_of_rows(read=self._judged, accepted=self.accepted)
        return known if self._judged else None

    @property
    def _judged(self) -> int:
        return self.read - self.skipped


@dataclass(frozen=True)
class Stats:
    page: Page[Run]
    rows: list[Synced]
    totals: Totals
    chart: charts.Chart


def stats_of(
    *,
    subject: Import,
    runs: RunQuerySet,
    days: tuple[date | None, date | None],
    page: str | None,
    now: datetime,
) -> Stats:
    """Of the import's ``runs`` that pass the filters; ``days`` is the range asked for."""
    first_at = runs.order_by("queued_at").values_list("queued_at", flat=True).first()
    timeline = _timeline(subject, first_at, days, timezone.localdate(now))
    begins = [start_of(span.begin) for span in timeline.spans]
    sums = sums_by_period(runs, begins=begins, of=_SUMMED) if first_at else {}
    totals = _totals(sums)
    pages = Paginator(runs.defer("snapshot").newest_first(), PAGE_SIZE)
    pages.count = totals.runs  # known already
    shown = pages.get_page(page)
    return Stats(
        page=shown,
        rows=[synced_of(run) for run in shown],
        totals=totals,
        chart=_chart(timeline, sums),
    )


def _totals(sums: dict[int, dict[str, int]]) -> Totals:
    """From the chart's own numbers, so that the two cannot differ."""
    named = {name.removesuffix("_count"): name for name in ("runs", *_SUMMED)}
    return Totals(
        **{name: sum(period[key] for period in sums.values()) for name, key in named.items()}
    )


def synced_of(run: Run) -> Synced:
    """The run as a row of Stats."""
    arrived = run.is_final and run.accepted_count > 0
    return Synced(
        run=run,
        outcome=progress.outcome_of(run),
        health=progress.health_of(run) if run.is_final and progress.judged_count(run) else None,
        imported_on=run.finished_at if arrived else None,
        not_imported="Not finished" if not run.is_final else "" if arrived else "Nothing imported",
    )


def every_synced(runs: RunQuerySet) -> Iterator[Synced]:
    """All of them, newest first, a few at a time."""
    for run in runs.defer("snapshot").newest_first().iterator(chunk_size=500):
        yield synced_of(run)


def _timeline(
    subject: Import,
    first_at: datetime | None,
    days: tuple[date | None, date | None],
    today: date,
) -> charts.Timeline:
    """From the day asked for, or the first run's; never before there was anything, nor after today.

    Every run that passes the filters lies in it: the last period has no end.
    """
    begin, end = days
    last = min(end or today, today)
    since = timezone.localdate(min(filter(None, (subject.created_at, first_at))))
    first = max(begin, since) if begin else min(since, last - timedelta(days=FEWEST_DAYS - 1))
    return charts.timeline_of(min(first, last), last, today=today)


def _chart(timeline: charts.Timeline, sums: dict[int, dict[str, int]]) -> charts.Chart:
    return charts.chart_of(
        id="rows-over-time",
        title="Rows over time",
        each=timeline.each,
        series=SERIES,
        points=[_point(span, sums.get(place)) for place, span in enumerate(timeline.spans)],
        measure=charts.ROWS,
        notes=[timeline.rule] if timeline.rule else [],
        empty="No run of this import lies in these days.",
    )


def _point(span: charts.Span, sums: dict[str, int] | None) -> charts.Point:
    if sums is None:
        return charts.Point(span.label, span.title, None)
    runs = sums["runs"]
    return charts.Point(
        label=span.label,
        title=span.title,
        values=tuple(sums[name] for name in SUMS),
        note=f"{runs:,} run{'' if runs == 1 else 's'}",
    )
