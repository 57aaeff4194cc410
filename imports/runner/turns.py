"""Whose turn it is when a bell rings: places go round the accounts, then round their runs.

A bell says that there is work, and for whom it was rung: a run, or a shard of one. The database
says who waits. With the queue's order alone, an account with a hundred runs would take a hundred
turns for each turn of an account with one (ADR 16, 35).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now

from imports.models import Run, Shard

_NEVER = datetime.min.replace(tzinfo=UTC)
_ACCOUNT = ("parent__account__region", "parent__account__account_id")
_ACCOUNT_OF_RUN = ("run__parent__account__region", "run__parent__account__account_id")


@dataclass(frozen=True, order=True)
class _Turn:
    """What a waiting run, or a shard of one, is judged by; the smallest comes first."""

    at_work: int  # owners who work for its account
    account_served_at: datetime
    served_at: datetime  # its run
    queued_at: datetime
    run_id: UUID
    number: int
    work_id: UUID


def turn_of(*, run_id: UUID, claim_id: str) -> UUID | None:
    """What to work on: this run or shard, or one that waits and comes before it.

    None: the bell is old. It was rung after a claim (``claim_id``, its fence) that was not
    the last one, and each hand-back since then has rung another.
    """
    work = _work(run_id)
    if work is None or (claim_id and work.fence > int(claim_id)):
        return None
    run = work.run if isinstance(work, Shard) else work
    waiting = _waiting()
    # A stop is never put off, and who cannot be claimed has nothing to give away.
    if run.is_stopping or all(turn.work_id != run_id for turn in waiting):
        return run_id
    return min(waiting).work_id


def next_turn(*, after: UUID) -> UUID | None:
    """Whom a place goes on to that has nothing more to do for ``after``, a run or a shard.

    The bell of who waits may have ended with a process that had fetched it (ADR 44). None: nobody
    waits, or ``after`` itself does still: it could not be claimed, and is not tried in a circle.
    """
    waiting = _waiting()
    if not waiting or any(turn.work_id == after for turn in waiting):
        return None
    return min(waiting).work_id


def claim_of(run_id: UUID) -> str:
    """What a bell for the next owner of the run or shard carries."""
    work = _work(run_id)
    return str(work.fence) if work else ""


def _work(work_id: UUID) -> Run | Shard | None:
    run = Run.objects.filter(pk=work_id).first()
    return run or Shard.objects.select_related("run").filter(pk=work_id).first()


def _waiting() -> list[_Turn]:
    accounts, runs = _served_accounts(), _served_runs()
    rows = Run.objects.claimable().values_list("pk", "queued_at", "claimed_at", *_ACCOUNT)
    whole = [
        _Turn(*accounts[tuple(account)], claimed_at or _NEVER, queued_at, run_id, 0, run_id)
        for run_id, queued_at, claimed_at, *account in rows
    ]
    parts = Shard.objects.claimable().values_list(
        "pk", "number", "run_id", "run__queued_at", *_ACCOUNT_OF_RUN
    )
    return whole + [
        _Turn(*accounts[tuple(account)], runs[run_id], queued_at, run_id, number, work_id)
        for work_id, number, run_id, queued_at, *account in parts
    ]


def _served_accounts() -> dict[tuple[str, ...], tuple[int, datetime]]:
    """Of each account with active runs: how many work for it, and when one was taken up."""
    whole = Run.objects.active().values_list(*_ACCOUNT)
    parts = Shard.objects.filter(run__in=Run.objects.active()).values_list(*_ACCOUNT_OF_RUN)
    found: dict[tuple[str, ...], tuple[int, datetime]] = {}
    for *account, at_work, at in [*_served(whole), *_served(parts)]:
        before = found.get(tuple(account), (0, _NEVER))
        found[tuple(account)] = before[0] + at_work, max(before[1], at or _NEVER)
    return found


def _served_runs() -> dict[UUID, datetime]:
    """Of each active run that was cut: when a shard of it was taken up."""
    parts = Shard.objects.filter(run__in=Run.objects.active()).values_list("run_id")
    return {run_id: at or _NEVER for run_id, _, at in _served(parts)}


def _served(grouped: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
    held = Count("pk", filter=Q(lease_until__gte=Now()))
    return list(grouped.annotate(held=held, served=Max("claimed_at")))
