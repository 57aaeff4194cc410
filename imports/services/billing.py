"""What BigQuery billed for a connection, by month and by day, in one query.

From the runs in our database only: previews and tests read without being billed.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from connections.quantities import bytes_in_words
from imports import charts
from imports.models import Run
from imports.periods import start_of, sums_by_period

MONTHS: Final = 12
Sums = dict[str, int] | None
_SERIES: Final = (charts.Series("plain", "Bytes billed"),)


@dataclass(frozen=True)
class Billing:
    """``since``: the beginning of the viewer's month, which run_count and total_bytes are of."""

    since: datetime
    run_count: int
    total_bytes: int
    months: charts.Chart
    days: charts.Chart

    @property
    def in_words(self) -> str:
        return bytes_in_words(self.total_bytes)


def billing_of(*, runs: QuerySet[Run], now: datetime) -> Billing:
    """Of these runs, in the active time zone's months and days."""
    today = timezone.localdate(now)
    *earlier, this_month = charts.months_until(today, count=MONTHS).spans
    days = charts.days_between(this_month.begin, today, today=today).spans
    begins = [start_of(span.begin) for span in (*earlier, *days)]
    found = sums_by_period(runs, begins=begins, of=("bytes_billed",))
    of_months = [found.get(place) for place in range(len(earlier))]
    of_days = [found.get(len(earlier) + place) for place in range(len(days))]
    so_far = [sums for sums in of_days if sums]
    total = {name: sum(sums[name] for sums in so_far) for name in ("runs", "bytes_billed")}
    return Billing(
        since=start_of(this_month.begin),
        run_count=total["runs"],
        total_bytes=total["bytes_billed"],
        months=_by_month([*earlier, this_month], [*of_months, total if so_far else None]),
        days=_by_day(this_month, days, of_days),
    )


def _by_month(spans: Sequence[charts.Span], sums: Sequence[Sums]) -> charts.Chart:
    points = [_point(span, of_it) for span, of_it in zip(spans, sums, strict=True)]
    return _chart("billed-by-month", f"Bytes billed, last {MONTHS} months", "month", points)


def _by_day(month: charts.Span, spans: Sequence[charts.Span], sums: Sequence[Sums]) -> charts.Chart:
    """The days so far, and room for the rest of the month."""
    points = [_point(span, of_it) for span, of_it in zip(spans, sums, strict=True)]
    days_left = monthrange(month.begin.year, month.begin.month)[1] - len(points)
    room = [charts.Point("", "", None)] * days_left
    return _chart("billed-by-day", f"Bytes billed in {month.title}", "day", [*points, *room])


def _point(span: charts.Span, sums: Sums) -> charts.Point:
    if sums is None:
        return charts.Point(span.label, span.title, None)
    runs = sums["runs"]
    note = f"{runs:,} run{'' if runs == 1 else 's'}"
    return charts.Point(span.label, span.title, (sums["bytes_billed"],), note=note)


def _chart(id: str, title: str, each: str, points: list[charts.Point]) -> charts.Chart:
    return charts.chart_of(
        id=id,
        title=title,
        each=each,
        series=_SERIES,
        points=points,
        measure=charts.BYTES,
        height=120,
        empty=f"No run lies in {'these months' if each == 'month' else 'this month'}.",
    )
