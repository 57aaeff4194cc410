"""A large run in shards: who may cut it, who takes what of it, and how its owners part (ADR 35).

Every shard has an owner of its own, who sends as the owner of a whole run does. Nobody holds a
run that was cut until nothing is left to be sent: who leaves it last takes it, and ends it.
"""

import socket
import uuid
from uuid import UUID

import structlog
from django.conf import settings

from imports.models import Import, LogLine, Run, Shard
from imports.runner import ranges
from imports.runner.grip import Grip, Lost

logger = structlog.get_logger(__name__)

_PARTS_AT_LEAST = 4  # of RUN_CUT_ROWS: to take up a smaller shard costs more than it gives
_WITH = ("key", "connection__key", "parent__account")


def take(work_id: UUID) -> Grip | None:
    """Claim a run, or a shard of one; where that is over, its run, which may be to be ended.

    None: there is nothing to do for it now, or others are at it.
    """
    owner = _owner()
    shard = Shard.objects.filter(pk=work_id).first()
    if shard and shard.claim(owner=owner):
        return _hold(shard)
    found = Run.objects.filter(pk=shard.run_id if shard else work_id).first()
    if found is None:
        return None
    takeovers = found.takeovers
    if found.claim(owner=owner):
        # Only now what belongs to it: until the claim it could be sent to another connection.
        run = Run.objects.select_related(*_WITH).filter(pk=found.pk, fence=found.fence).first()
        if run and run.takeovers > takeovers:
            LogLine.note(run, LogLine.What.TAKEN_OVER, row=run.next_row)
        return Grip(run) if run else None
    return None


def take_if_last(run: Run) -> Grip | None:
    """Claim a run that was cut, to end it, unless somebody takes or holds a shard of it still."""
    if Shard.objects.claimable().filter(run=run).exists():
        return None
    return take(run.pk)


def is_worth_cutting(run: Run) -> bool:
    """Whether several workers send its rows sooner than one, and may do so in any order.

    Not what comes by a stream: one worker reads it faster than CleverTap takes it, and Google
    does not say what a stream gives from a row that nobody has reached. Not people in an order
    that somebody asked for: shards would send a person's later row before an earlier one. Not
    what goes by Updated On: its edge is remembered by one owner.
    """
    is_large = run.end_row > settings.RUN_CUT_ROWS and settings.RUN_SHARDS > 1
    is_fresh = run.next_row == 0 and not run.shard_count and not run.is_replay
    if not (is_large and is_fresh and run.reader == Run.Reader.REST):
        return False
    is_event = run.snapshot["mapping"]["kind"] == Import.Kind.EVENT
    by_cursor = bool(run.snapshot.get("incremental") or run.bounds)
    may_mix = is_event or not run.snapshot.get("sql")
    return may_mix and not by_cursor and not run.batches.exists()


def cut_into_shards(grip: Grip) -> None:
    """Let other workers take the rows of the run, in ranges; hold it no more.

    Raises:
        Lost: the run is another's; nothing was written.
    """
    rows, least = grip.run.end_row, max(1, settings.RUN_CUT_ROWS // _PARTS_AT_LEAST)
    ranges = ranges_of(rows, most=max(1, min(settings.RUN_SHARDS, rows // least)))
    if not grip.run.cut(ranges):
        raise Lost
    LogLine.note(grip.run, LogLine.What.CUT, shards=len(ranges))
    logger.info("run cut into shards", shards=len(ranges))


def ranges_of(rows: int, *, most: int) -> list[tuple[int, int]]:
    """All rows in at most so many ranges, each but the last ending at a multiple of 1,000."""
    parts = -(-rows // ranges.RANGE_ROWS)
    size = -(-parts // most) * ranges.RANGE_ROWS
    return [(first, min(rows, first + size)) for first in range(0, rows, size)]


def works_of(work_id: UUID) -> list[UUID]:
    """For whom to ring after somebody has worked on it: each shard, once a run was just cut."""
    shards = Shard.objects.claimable().filter(run=work_id).order_by("number")
    return list(shards.values_list("pk", flat=True)) or [work_id]


def run_of(work_id: UUID) -> UUID:
    """The run itself, or that of a shard."""
    run_id = Shard.objects.filter(pk=work_id).values_list("run_id", flat=True).first()
    return run_id or work_id


def _hold(shard: Shard) -> Grip:
    run = Run.objects.select_related(*_WITH).get(pk=shard.run_id)
    shard.run = run
    return Grip(run, shard)


def _owner() -> str:
    return f"{socket.gethostname()[:64]}:{uuid.uuid4().hex[:12]}"
