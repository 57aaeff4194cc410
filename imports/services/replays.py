"""Sending refused rows again after a fix: a run of its own over what was kept (ADR 25).

All guards of runs apply to it, and its sums are its own. Each row is in one replay at a
time; what a replay did not reach, because it failed or was stopped, can be sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection
from imports.mapping import Column, Mapping, MappingUnreadable, problems
from imports.models import Import, Run
from imports.services.locking import lock
from imports.services.refused import Asked
from imports.services.runs import CannotStart, queue_run, refuse_start, snapshot_of


class CannotReplay(Exception):
    """The rows cannot be sent again now; the message says why, fit for the user."""


@dataclass(frozen=True)
class Replays:
    """``ready``: rows that can be sent again. ``cut``: kept rows that cannot, as a part is missing."""

    ready: int
    cut: int
    runs: list[Run]


def replays_of(*, run: Run, asked: Asked) -> Replays:
    """What can be sent again, of all or of one reason, and what was."""
    runs = list(run.replays.filter(source=Run.Source.REFUSED).newest_first())
    rows = run.refused_rows.filter(**asked.reason)
    unsent = rows.filter(pk__in=[pk for one in runs for pk in _unsent(one)]).count()
    cut = rows.filter(is_whole=False).count()
    return Replays(rows.replayable().count() + unsent, cut, runs)


@by_creator
def start_replay(*, run: Run, asked: Asked, by: User, now: datetime) -> Run:
    """Queue a run over the kept rows, or those of one reason, through the mapping of now.

    Raises:
        CannotReplay: nothing is left to send, or the mapping does not fit the kept rows.
        CannotStart: as ``start_run``.
    """
    try:
        with transaction.atomic():
            connection, parent = lock(run.parent)
            refuse_start(parent, connection)
            _release_unsent(run)
            rows = run.refused_rows.replayable().filter(**asked.reason)
            count = rows.count()
            if not count:
                raise CannotReplay("No kept row is left to send again.")
            replay = queue_replay(
                run, connection, source=Run.Source.REFUSED, count=count, by=by, now=now,
                snapshot=_snapshot(run, parent, connection),
            )  # fmt: skip
            rows.update(replayed_in=replay)
            record_replay(replay, by=by)
    except IntegrityError:
        raise at_work(run) from None
    return replay


@by_creator
def queue_replay(  # noqa: PLR0913 - what a run is made of
    run: Run,
    connection: Connection,
    *,
    source: str,
    count: int,
    snapshot: dict[str, Any],
    by: User,
    now: datetime,
) -> Run:
    """Make the run. It has no job: that it is done is what lets the run send at once."""
    return queue_run(
        run.parent,
        connection,
        now=now,
        requested_by=by,
        source=source,
        replay_of=run,
        rows_total=count,
        job_state=Run.JobState.DONE,
        snapshot=snapshot,
    )


@by_creator
def record_replay(replay: Run, *, by: User) -> None:
    """In the trail: what is sent again, of which run."""
    trail.record(
        by=by,
        action="rows sent again",
        kind="run",
        object_id=replay.pk,
        name=replay.parent.nickname,
        after={"of_run": replay.replay_of_id, "rows": replay.rows_total, "source": replay.source},
    )


def at_work(run: Run) -> CannotStart:
    """The refusal while another run of the import is active."""
    return CannotStart(
        f"A run of “{run.parent.nickname}” is at work. Wait for it, or stop it first."
    )


def unreached(replay: Run, lengths: Sequence[int]) -> list[int]:
    """Of the parts of a replay, in their order and so many rows long, those it sent nothing of."""
    begun = list(replay.batches.values_list("first_row", "end_row"))
    free, row = [], 0
    for place, length in enumerate(lengths):
        if not any(first < row + length and row < end for first, end in begun):
            free.append(place)
        row += length
    return free


def _unsent(replay: Run) -> list[UUID]:
    """Rows that a failed or stopped replay did not reach, until they are released: once.

    What is left of its rows then has other places than its batches speak of.
    """
    if not replay.is_final or replay.state == Run.State.SUCCEEDED:
        return []
    rows = list(replay.replayed_rows.in_order().values_list("pk", flat=True))
    if len(rows) != replay.rows_total:
        return []
    return [rows[place] for place in unreached(replay, [1] * len(rows))]


def _release_unsent(run: Run) -> None:
    """They are free for another replay."""
    for replay in run.replays.filter(source=Run.Source.REFUSED):
        run.refused_rows.filter(pk__in=_unsent(replay)).update(replayed_in=None)


def _snapshot(run: Run, parent: Import, connection: Connection) -> dict[str, Any]:
    """The import as it is now, over columns as they were, at the time of the first run."""
    mapping = _readable(parent.mapping)
    kept = set(_readable(run.snapshot["mapping"]).used_columns())
    for name in mapping.used_columns():
        if name not in kept:
            raise CannotReplay(
                f"The mapping now reads the column {name[:60]}, which these rows were kept "
                "without. Run the import again instead."
            )
    used = set(mapping.used_columns())
    columns = [stored for stored in run.snapshot["columns"] if stored["name"] in used]
    shapes = [Column(one["name"], one["type"], one["mode"]) for one in columns]
    found = problems(replace(mapping, skipped=()), shapes)
    if found:
        raise CannotReplay(f"The mapping does not fit these rows: {found[0].sentence}")
    ts = run.snapshot.get("run_ts") or int(run.queued_at.timestamp())
    return {**snapshot_of(parent, connection), "columns": columns, "run_ts": ts}


def _readable(stored: dict[str, Any]) -> Mapping:
    try:
        return Mapping.from_json(stored)
    except MappingUnreadable as error:
        raise CannotReplay(str(error)) from None
