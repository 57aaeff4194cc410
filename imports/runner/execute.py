"""A run from claim to finish, a slice of time at a go; reads like a table of contents."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.bigquery import (
    BigQuery,
    BigQueryError,
    BigQueryRefused,
    BigQueryUnavailable,
    Column,
    Reason,
)
from connections.source import SourceUnavailable, open_bigquery
from imports.clevertap import CleverTapError, CleverTapUnavailable
from imports.clevertap import Reason as CleverTapReason
from imports.destination import open_clevertap
from imports.mapping import Made, Mapping
from imports.models import SOURCE_FAILURES, WAITS_FOR_SLOTS, LogLine, Run, Shard, WriteBack
from imports.runner.ahead import Ahead, InTurn
from imports.runner.delivery import (
    Delivery,
    settle_open_batches,
)
from imports.runner.drift import SchemaChanged, compare_table
from imports.runner.edge import Edge, close_edge, edge_cells
from imports.runner.failures import SUMS_DISAGREE, UNEXPECTED, Failure, failure_of
from imports.runner.grip import DATABASE_AWAY, Grip, Lost, StopAsked
from imports.runner.job import finish_job, settle_job
from imports.runner.kept import held_blocks, kept_blocks, records_of
from imports.runner.lanes import Lane
from imports.runner.leaving import Leave
from imports.runner.making import BlockMaker
from imports.runner.pace import TROUBLES_ALLOWED, back_off
from imports.runner.position import Position
from imports.runner.prepared import lanes_of_blocks
from imports.runner.proof import prove_order
from imports.runner.ranges import Block
from imports.runner.readers import FastReadsLost, StreamBroke, blocks_of, choose_reader
from imports.runner.sending import Sending
from imports.runner.shards import cut_into_shards, is_worth_cutting, take, take_if_last
from imports.runner.share import AccountFull, Share
from imports.runner.threshold import judge_whole
from imports.runner.window import Threads, Window

logger = structlog.get_logger(__name__)

SLICE_SECONDS = 45.0
SHARD_SLICE_SECONDS = 15.0  # a run that has several workers leaves them to others sooner
END_AGAIN_SECONDS = 3.0
QUERIES_AGAIN = 2  # each is billed
FULL_AGAIN_SECONDS = 2.0

State = Run.State
_RESULT_GONE = (Reason.RESULT_EXPIRED, Reason.JOB_NOT_FOUND)


def execute_run(*, run_id: UUID) -> float | None:
    """Claim the run, or the shard of one, and work on it for one slice.

    Returns the seconds after which to come back, or None: it is final, or another
    worker's. A message delivered twice finds a live owner and ends here.
    """
    grip = take(run_id)
    if grip is None:
        return None
    with structlog.contextvars.bound_contextvars(**_names(grip)):
        try:
            return _supervised(grip)
        except DATABASE_AWAY:
            # Nothing can be written now, so it is left as a dead worker leaves it: the
            # lease ends by itself, and the tick rings for the next owner.
            logger.warning("run left: the database is away or busy")
            return None


def _supervised(grip: Grip) -> float | None:
    """Every way in which a slice can end, and what follows from it."""
    try:
        return _work(grip)
    except StopAsked:
        return _end(grip, State.STOPPED)
    except Leave:
        logger.info("run handed back: this worker is leaving")
        grip.work.hand_back()
        LogLine.note(grip.run, LogLine.What.HANDED_BACK)
        return 0
    except AccountFull:
        return _wait_for_slots(grip)
    except Lost:
        logger.info("run lost to another worker, or over")
        _cancel_if_over(grip.run)
        return None
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - _troubled raises on what it does not know
        return _troubled(grip, error)


def _troubled(grip: Grip, error: Exception) -> float | None:
    """Try again later, or fail with a sentence; what nobody expected is raised on."""
    if isinstance(error, StreamBroke):
        error = error.judged(troubles=grip.run.troubles)
    if isinstance(error, BigQueryUnavailable | CleverTapUnavailable):
        at_least = getattr(error, "wait_seconds", 0.0)
        return _come_back(grip, Failure(error.reason, error.sentence), at_least=at_least)
    if isinstance(error, FastReadsLost):
        return _change_reader(grip.run, error)
    if grip.shard is None and _is_gone(error) and _may_query_again(grip.run):
        return _query_again(grip.run)
    if isinstance(error, BigQueryError | CleverTapError):
        return _end(grip, State.FAILED, Failure(error.reason, error.sentence))
    if failure := failure_of(error):
        return _end(grip, State.FAILED, failure)
    _end(grip, State.FAILED, UNEXPECTED)
    raise error


def _work(grip: Grip) -> float | None:
    run = grip.run
    if run.shard_count and grip.shard is None:
        return _end_of_shards(grip)
    grip.confirm()
    mapping = Mapping.from_json(run.snapshot["mapping"])
    end = time.monotonic() + (SHARD_SLICE_SECONDS if grip.shard else SLICE_SECONDS)
    if run.source == Run.Source.HELD:
        return _deliver(
            grip, lanes_of_blocks(grip.work, held_blocks(run), records_of), end, Edge(run)
        )
    if run.source == Run.Source.REFUSED:
        make = BlockMaker(run, mapping).make
        return _deliver(
            grip, lanes_of_blocks(grip.work, kept_blocks(run, mapping), make), end, Edge(run)
        )
    columns: tuple[Column, ...] = ()
    with open_bigquery(run.key_in_use, project=run.project_id) as bq:
        if grip.shard is None:
            compare_table(grip, bq, mapping)
            finish_job(grip, bq, mapping)
            columns = choose_reader(grip, bq)
            if is_worth_cutting(run):
                cut_into_shards(grip)
                return 0
        return _read_and_deliver(grip, bq, mapping, end, columns)


def _read_and_deliver(
    grip: Grip, bq: BigQuery, mapping: Mapping, end: float, columns: tuple[Column, ...]
) -> float | None:
    """Send the rows of the finished result that are this owner's; ``columns`` if they are known."""
    run, work = grip.run, grip.work
    edge = Edge.of(run)
    make = _taking_out(edge, BlockMaker(run, mapping))
    if run.reader == Run.Reader.PROVING:
        prove_order(grip, bq, make)
        grip.write(reader=Run.Reader.REST)
    rows = {"first_row": work.next_row, "end_row": work.end_row}
    with closing(blocks_of(run, bq, **rows, columns=columns)) as blocks:
        lanes = lanes_of_blocks(grip.work, blocks, make)
        try:
            return _deliver(grip, lanes, end, edge, give_up=bq.give_up)
        except SchemaChanged as changed:
            grip.write(drift=changed.found.to_json())
            raise


def _deliver(
    grip: Grip,
    lanes: Iterator[Sequence[Lane]],
    end: float,
    edge: Edge,
    give_up: Callable[[], None] | None = None,
) -> float | None:
    """Send them until the time is over, wherever their rows come from.

    ``give_up`` ends a read that another thread is at; without it there is none, as for rows
    that come from the database.
    """
    run = grip.run
    pool = Threads(settings.CLEVERTAP_PARALLEL_REQUESTS)
    with (
        open_clevertap(run.parent.account) as clevertap,
        Window(clevertap, run=str(run.pk), pool=pool) as window,
        Ahead(lanes, wake=window.wake, give_up=give_up) if give_up else InTurn(lanes) as source,
    ):
        is_over = Sending(Delivery.of(grip, edge), Share(grip), window).send(source, until=end)
    if is_over:
        return _succeed(grip)
    grip.work.hand_back()
    return 0


def _taking_out(edge: Edge, maker: BlockMaker) -> Callable[[Block], Made]:
    """Maps a block, without the rows that an earlier run has sent."""

    def make(block: Block) -> Made:
        return edge.taken_out(maker.make(block), edge_cells(block), block.first_row)

    return make


def _succeed(grip: Grip) -> float | None:
    if grip.shard is not None:
        return _part(grip, grip.shard)
    run = grip.run
    run.refresh_from_db()
    if not run.read_count == run.next_row == run.rows_total:
        return _end(grip, State.FAILED, SUMS_DISAGREE)
    judge_whole(run)
    if run.troubles and run.batches.unknown().count() > run.batches.answered().count():
        # Given up on, batch by batch: a cursor must not move past what nobody has answered for.
        return _end(grip, State.FAILED, Failure(run.trouble_code, run.trouble_sentence))
    return _end(grip, State.SUCCEEDED)


def _end_of_shards(grip: Grip) -> float | None:
    """No shard has an owner any more: say how the run ended, as the only one who holds it."""
    run = grip.run
    if run.failure_code in _RESULT_GONE and not run.is_stopping and _may_query_again(run):
        return _query_again(run)
    if run.failure_code:
        return _end(grip, State.FAILED, Failure(run.failure_code, run.failure_sentence))
    grip.confirm()
    grip.write(next_row=Position.of(run).reached())
    return _succeed(grip)


def _part(grip: Grip, shard: Shard, failure: Failure | None = None) -> float | None:
    """Let go of a shard that nothing more is sent of; who is the last ends the run."""
    if failure:
        shard.note_failure(code=failure.code, sentence=failure.sentence)
    shard.hand_back()
    logger.info("shard left", shard=shard.number, reason=failure.code if failure else "")
    last = take_if_last(grip.run)
    return _supervised(last) if last else None


def _end(grip: Grip, state: str, failure: Failure | None = None) -> float | None:
    """See the job done, count what is open, and only then write the final state."""
    if grip.shard is not None:
        return _part(grip, grip.shard, failure)
    run = grip.run
    if not _settle(run):
        run.hand_back(troubled=True)
        return END_AGAIN_SECONDS
    why = {"failure_code": failure.code, "failure_sentence": failure.sentence} if failure else {}
    try:
        settle_open_batches(run, now=timezone.now())
        with transaction.atomic():
            if run.finish(state, **why):
                close_edge(run, now=timezone.now())
                WriteBack.ask_for(run)
    except Lost:
        logger.info("run was taken over while it was being ended")
    if failure and failure.code in SOURCE_FAILURES:
        run.connection.test_soon()
    if failure and failure.code == CleverTapReason.CREDENTIALS:
        run.parent.account.note_refusal(sentence=failure.sentence)
    logger.info("run ended", state=state, reason=failure.code if failure else "")
    return None


def _come_back(grip: Grip, failure: Failure, *, at_least: float = 0.0) -> float | None:
    """Full jitter, doubling; after eight troubles in a row the run fails with its reason."""
    work = grip.work
    if work.troubles + 1 >= TROUBLES_ALLOWED:
        return _end(grip, State.FAILED, failure)
    wait = back_off(work.troubles, at_least=at_least)
    tried = {"sentence": failure.sentence, "seconds": wait, "tries": work.troubles + 1}
    LogLine.note(grip.run, LogLine.What.TROUBLE, **tried)
    work.hand_back(
        wait=timedelta(seconds=wait),
        troubled=True,
        trouble_code=failure.code,
        trouble_sentence=failure.sentence,
    )
    logger.info("run waits", reason=failure.code, seconds=round(wait, 1))
    return wait


def _wait_for_slots(grip: Grip) -> float:
    """Others hold all that its account takes at a time: let this one try again soon."""
    grip.work.hand_back(
        wait=timedelta(seconds=FULL_AGAIN_SECONDS),
        trouble_code=WAITS_FOR_SLOTS,
        trouble_sentence="",
    )
    logger.info("run waits: other runs hold all slots of the account")
    return FULL_AGAIN_SECONDS


def _change_reader(run: Run, lost: FastReadsLost) -> float:
    """Go on with REST, as soon as it is proved that nothing is lost or sent twice by it."""
    if run.record(reader=Run.Reader.PROVING, read_stream=""):
        LogLine.note(run, LogLine.What.READER_LOST)
    run.hand_back()
    logger.warning("fast reads lost: the run goes on with REST", reason=lost.reason)
    return 0


def _is_gone(error: Exception) -> bool:
    return isinstance(error, BigQueryRefused) and error.reason in _RESULT_GONE


def _may_query_again(run: Run) -> bool:
    """The result is gone, and nothing of it was sent: another result is as good."""
    is_worth_it = run.job_state == Run.JobState.DONE and run.troubles < QUERIES_AGAIN
    return is_worth_it and not run.batches.exists()


def _query_again(run: Run) -> float:
    """The next slice submits the query under an id of its own."""
    with transaction.atomic():
        run.shards.all().delete()
        run.record(
            job_id="",
            job_state=Run.JobState.NONE,
            rows_total=None,
            reader="",
            read_stream="",
            shard_count=0,
            failure_code="",
            failure_sentence="",
        )
    run.hand_back(troubled=True)
    LogLine.note(run, LogLine.What.QUERY_AGAIN)
    logger.warning("the result expired before anything was sent: the query runs again")
    return 0


def _settle(run: Run) -> bool:
    """Whether no BigQuery job of the run is at work; gives up on what cannot be known."""
    if not run.job_id or run.job_is_settled:
        return True
    try:
        with open_bigquery(run.key_in_use, project=run.project_id) as bigquery:
            settle_job(run, bigquery)
    except BigQueryUnavailable:
        if run.troubles < TROUBLES_ALLOWED:
            return False
        run.record(job_state=Run.JobState.UNKNOWN)
    except (BigQueryError, SourceUnavailable):
        run.record(job_state=Run.JobState.UNKNOWN)
    return run.job_is_settled


def _cancel_if_over(run: Run) -> None:
    """A stalled owner may have submitted the job after the run had ended: cancel it."""
    now = Run.objects.filter(pk=run.pk).first()
    if now is None or not now.is_final or not run.job_id:
        return
    try:
        with open_bigquery(run.key_in_use, project=run.project_id) as bigquery:
            bigquery.cancel(run.job_id, location=run.job_location)
    except (BigQueryError, SourceUnavailable):
        logger.warning("the job of a run that is over could not be cancelled")


def _names(grip: Grip) -> dict[str, Any]:
    """What every log line about the run carries."""
    run = grip.run
    return {
        "run": str(run.pk),
        "fence": grip.work.fence,
        "import": str(run.parent_id),
        "connection": str(run.parent.connection_id),
    }
