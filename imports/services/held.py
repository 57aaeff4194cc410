"""Batches whose outcome is unknown, and what people decide about them (ADR 26).

They count as *unknown* until somebody says what became of them: sent again in a run of its
own, or counted as accepted or refused in the run that sent them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection
from imports.models import Batch, Import, Run
from imports.models.batch import BatchQuerySet
from imports.services.locking import lock
from imports.services.replays import at_work, queue_replay, record_replay, unreached
from imports.services.runs import refuse_start

Decision = Batch.Decision


class CannotDecide(Exception):
    """The decision cannot be carried out; the message says why, fit for the user."""


@dataclass(frozen=True)
class Held:
    """One batch. ``is_open``: somebody can decide about it, now or once the run has ended.

    ``is_kept``: its records are still there, so that they can be sent again.
    """

    batch: Batch
    is_open: bool
    is_kept: bool


def held_of(*, run: Run) -> list[Held]:
    """Every batch of unknown outcome, in the order of its rows, whatever was decided."""
    batches = run.batches.unknown().filter(record_count__gt=0)
    kept = set(batches.filter(sealed_records__isnull=False).values_list("pk", flat=True))
    free = set(_unsent(run))
    shown = batches.without_records().select_related("decided_by", "resent_in")
    return [
        Held(batch, not batch.decision or batch.pk in free, batch.pk in kept)
        for batch in shown.order_by("first_row")
    ]


@by_creator
def decide(
    *, run: Run, batch_ids: Sequence[UUID], decision: str, by: User, now: datetime
) -> Run | None:
    """Carry out the decision for these batches; returns the run that sends them again, if one.

    Raises:
        CannotDecide: the run is at work, or nothing of it can be decided about.
        CannotStart: no run can be made now that would send them again.
    """
    try:
        with transaction.atomic():
            connection, parent = lock(run.parent)
            locked = Run.objects.select_for_update().get(pk=run.pk)
            if not locked.is_final:
                raise CannotDecide("This run is still at work. Decide once it has ended.")
            _release(locked)
            chosen = locked.batches.undecided().filter(pk__in=batch_ids).order_by("first_row")
            batches = list(chosen.without_records())
            if not batches:
                raise CannotDecide("Choose at least one batch that nobody has decided about.")
            if decision == Decision.RESENT:
                _refuse_unkept(chosen)
                return _resend(locked, parent, connection, batches, by=by, now=now)
            _count(locked, batches, decision, by=by, now=now)
    except IntegrityError:
        raise at_work(run) from None
    return None


def _refuse_unkept(chosen: BatchQuerySet) -> None:
    if chosen.filter(sealed_records__isnull=True).exists():
        raise CannotDecide(
            "Records of a chosen batch are not kept, so they cannot be sent again. "
            "Count it as accepted or refused."
        )


def _resend(
    run: Run,
    parent: Import,
    connection: Connection,
    batches: list[Batch],
    *,
    by: User,
    now: datetime,
) -> Run:
    refuse_start(parent, connection)
    resent = queue_replay(
        run,
        connection,
        source=Run.Source.HELD,
        count=sum(batch.record_count for batch in batches),
        snapshot={**run.snapshot, "unknown_policy": parent.unknown_policy},
        by=by,
        now=now,
    )
    for batch in batches:
        batch.decide(Decision.RESENT, by=by, now=now, resent_in=resent)
    record_replay(resent, by=by)
    return resent


def _count(run: Run, batches: list[Batch], decision: str, *, by: User, now: datetime) -> None:
    """Move them from *unknown* to another sum of the run; how it ended stays as it is."""
    name = {Decision.ACCEPTED: "accepted_count", Decision.REFUSED: "refused_count"}[
        Decision(decision)
    ]
    rows = sum(batch.record_count for batch in batches)
    for batch in batches:
        counted: dict[str, Any] = {name: batch.record_count, "sealed_records": None}
        batch.decide(decision, by=by, now=now, **counted)
    Run.objects.filter(pk=run.pk).update(
        **{"unknown_count": F("unknown_count") - rows, name: F(name) + rows}
    )
    trail.record(
        by=by,
        action=f"unknown rows {Decision(decision).label.lower()}",
        kind="run",
        object_id=run.pk,
        name=run.parent.nickname,
        before={"unknown": run.unknown_count},
        after={"unknown": run.unknown_count - rows, "rows": rows, "batches": len(batches)},
    )


def _unsent(run: Run) -> list[UUID]:
    """Batches that were to be sent again in a run that ended before it reached them."""
    found: list[UUID] = []
    replays = run.replays.filter(source=Run.Source.HELD)
    for replay in replays.filter(state__in=[Run.State.FAILED, Run.State.STOPPED]):
        batches = list(
            replay.resent_batches.order_by("first_row").values_list("pk", "record_count")
        )
        counts = [count for _, count in batches]
        if sum(counts) != replay.rows_total:  # released before: its places are others by now
            continue
        free = unreached(replay, counts)
        found += [batches[place][0] for place in free]
    return found


def _release(run: Run) -> None:
    run.batches.filter(pk__in=_unsent(run)).update(
        decision="", decided_at=None, decided_by=None, resent_in=None
    )
