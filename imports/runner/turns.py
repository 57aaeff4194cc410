"""Whose turn it is when a bell rings: places go round the accounts, then round their runs.

A bell says that there is work, and for whom it was rung; the database says who waits. With
the queue's order alone, an account with a hundred runs would take a hundred turns for each
turn of an account with one (ADR 16).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from imports.models import Run

_NEVER = datetime.min.replace(tzinfo=UTC)
_ACCOUNT = ("parent__account__region", "parent__account__account_id")


@dataclass(frozen=True, order=True)
class _Turn:
    """What a waiting run is judged by; the smallest comes first."""

    at_work: int  # runs of its account
    account_served_at: datetime
    served_at: datetime
    queued_at: datetime
    run_id: UUID


def turn_of(*, run_id: UUID, claim_id: str) -> UUID | None:
    """The run to work on: this one, or one that waits and comes before it.

    None: the bell is old. It was rung after a claim (``claim_id``, its fence) that was not
    the last one, and each hand-back since then has rung another.
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None or (claim_id and run.fence > int(claim_id)):
        return None
    waiting = _waiting()
    # A stop is never put off, and who cannot be claimed has nothing to give away.
    if run.is_stopping or all(turn.run_id != run_id for turn in waiting):
        return run_id
    return min(waiting).run_id


def claim_of(run_id: UUID) -> str:
    """What a bell for the next owner of the run carries."""
    return str(Run.objects.values_list("fence", flat=True).get(pk=run_id))


def _waiting() -> list[_Turn]:
    served = _served()
    rows = Run.objects.claimable().values_list("pk", "queued_at", "claimed_at", *_ACCOUNT)
    turns = []
    for run_id, queued_at, claimed_at, region, account_id in rows:
        at_work, served_at = served.get((region, account_id), (0, _NEVER))
        turns.append(_Turn(at_work, served_at, claimed_at or _NEVER, queued_at, run_id))
    return turns


def _served() -> dict[tuple[str, str], tuple[int, datetime]]:
    """Of each account with active runs: how many are at work, and when one was taken up."""
    held = Count("pk", filter=Q(lease_until__gte=Now()))
    accounts = Run.objects.active().values(*_ACCOUNT)
    rows = accounts.annotate(held=held, served=Max("claimed_at"))
    return {
        (region, account_id): (at_work, served_at or _NEVER)
        for region, account_id, at_work, served_at in rows.values_list(*_ACCOUNT, "held", "served")
    }
