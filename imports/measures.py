"""What the installation does, as numbers for a monitoring system. Read from the database.

Every process of the installation sees the same database, so any web process can answer
for all. Counts of rows are of runs that are kept; names and contents are never part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum
from django.db.models.expressions import Combinable

from connections.models import Connection, ConnectionTest
from imports.models import Heartbeat, Import, Run, Shard

_DAY = timedelta(days=1)
_SUMS = ("read", "accepted", "refused", "skipped", "unknown")


@dataclass(frozen=True)
class Measure:
    """One metric: its name (Prometheus style), what it says, one label, values by its words."""

    name: str
    says: str
    label: str
    values: dict[str, float]


def measures(*, now: datetime) -> Iterator[Measure]:
    """All of them, in a fixed number of queries."""
    yield _counted("connections", "Connections by state.", "state", _by(Connection, "state"))
    yield _counted("imports", "Imports by status.", "status", _by_status())
    yield _counted("runs", "Runs by state.", "state", _by(Run, "state"))
    yield from _of_active_runs(now)
    yield _rows(now)
    yield from _of_tests(now)
    yield Measure(
        "part_seen_seconds",
        "Seconds since a part of the installation was last seen.",
        "part",
        {part: (now - at).total_seconds() for part, at in Heartbeat.last_seen().items()},
    )


def _of_active_runs(now: datetime) -> Iterator[Measure]:
    active = Run.objects.active()
    oldest = active.filter(state=Run.State.QUEUED).aggregate(at=Min("queued_at"))["at"]
    numbers = {
        "stopping": active.filter(stop_requested_at__isnull=False).count(),
        "silent": active.filter(_is_silent(now)).count(),
        "troubled": active.filter(troubles__gt=0).count(),
    }
    yield Measure(
        "runs_in_need",
        "Active runs that are stopping, whose worker is silent, or that wait after a trouble.",
        "need",
        {name: float(count) for name, count in numbers.items()},
    )
    waited = (now - oldest).total_seconds() if oldest else 0.0
    yield Measure(
        "oldest_queued_seconds",
        "How long the longest waiting queued run has waited.",
        "queue",
        {"import": waited},
    )


def _is_silent(now: datetime) -> Combinable | Q:
    left = Shard.objects.unfinished().filter(lease_until__lt=now, run=OuterRef("pk"))
    return Q(lease_until__lt=now) | Exists(left)


def _rows(now: datetime) -> Measure:
    recent = Run.objects.filter(queued_at__gt=now - _DAY)
    sums = recent.aggregate(**{name: Sum(f"{name}_count") for name in _SUMS})
    return Measure(
        "rows_last_day",
        "Rows of the runs that were queued in the last 24 hours, by what became of them.",
        "outcome",
        {name: float(sums[name] or 0) for name in _SUMS},
    )


def _of_tests(now: datetime) -> Iterator[Measure]:
    recent = ConnectionTest.objects.filter(requested_at__gt=now - _DAY)
    found = dict(recent.finished().values_list("verdict").annotate(Count("pk")))
    yield _counted("tests_last_day", "Finished tests of the last 24 hours.", "verdict", found)
    open_tests = recent.filter(finished_at__isnull=True).count()
    yield Measure("tests_open", "Tests that have not ended.", "queue", {"probe": open_tests})


def _by(model: type[Connection] | type[Run], column: str) -> dict[str, int]:
    return dict(model._default_manager.values_list(column).annotate(Count("pk")).order_by())


def _by_status() -> dict[str, int]:
    return dict(Import.objects.listed().values_list("status").annotate(Count("pk")).order_by())


def _counted(name: str, says: str, label: str, counts: dict[str, int]) -> Measure:
    return Measure(name, says, label, {word: float(count) for word, count in counts.items()})
