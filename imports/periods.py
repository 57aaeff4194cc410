"""Sums of runs by day, week or month, in one query whatever the number of runs.

The beginnings are computed where the viewer's clock is known, so that a day is 23 hours
where it was; the database only compares.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Case, Count, IntegerField, QuerySet, Sum, Value, When
from django.utils import timezone

from imports.models import Run

SUMS: Final = ("accepted_count", "refused_count", "skipped_count", "unknown_count")


def start_of(day: date) -> datetime:
    """When the day begins where the viewer is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def sums_by_period(
    runs: QuerySet[Run], *, begins: Sequence[datetime], of: Sequence[str] = SUMS
) -> dict[int, dict[str, int]]:
    """The sums and ``runs``, by the place of the period in ``begins``, which ascend.

    Runs of before the first are left out. A period without a run is not among the keys.
    """
    found: Any = (
        runs.filter(queued_at__gte=begins[0])
        .order_by()
        .annotate(period=_place(begins, 0, len(begins)))
        .values("period")
        .annotate(runs=Count("pk"), **{name: Sum(name) for name in of})
    )
    return {row.pop("period"): {name: value or 0 for name, value in row.items()} for row in found}


def _place(begins: Sequence[datetime], low: int, high: int) -> Any:
    """The place of the last beginning that is not later, found by halving."""
    if high - low == 1:
        return Value(low, output_field=IntegerField())
    middle = (low + high) // 2
    return Case(
        When(queued_at__lt=begins[middle], then=_place(begins, low, middle)),
        default=_place(begins, middle, high),
        output_field=IntegerField(),
    )
