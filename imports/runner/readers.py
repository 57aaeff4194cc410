"""Which way the rows of a run come: the Storage Read API, or pages of REST (ADR 24).

Chosen once per run and written down, because nothing promises that both give the rows in the
same order. A run that loses the fast way goes on with REST only after ``proof`` has shown that
REST gives the rows that were sent, where they were sent from.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import structlog

from connections.bigquery import BigQuery, BigQueryError, BigQueryRefused, Column, Stream
from connections.models import ConnectionTestStep
from imports.mapping.columnar import speakable
from imports.models import LogLine, Run
from imports.runner.grip import Grip
from imports.runner.job import JobVanished
from imports.runner.ranges import Block, regrouped

logger = structlog.get_logger(__name__)

PAGE_ROWS = 10_000
FAST_FROM_ROWS = 5_000  # what one page holds needs no session
TROUBLES_BORNE = 2  # in a row, until a stream that is not served counts as lost

Reader = Run.Reader


@dataclass
class FastReadsLost(Exception):
    """The stream of the run cannot be read any more: permission, session, or a long trouble."""

    reason: str


@dataclass
class StreamBroke(Exception):
    """Reading the run's stream failed. What that means is for the owner of the run to say."""

    error: BigQueryError

    def judged(self, *, troubles: int) -> FastReadsLost | BigQueryError:
        """By the troubles in a row until now, when all that was read is dealt with."""
        # Refused (the role was taken away; the session is over), or not served for long.
        if isinstance(self.error, BigQueryRefused) or troubles >= TROUBLES_BORNE:
            return FastReadsLost(self.error.reason)
        return self.error


def choose_reader(grip: Grip, bigquery: BigQuery) -> tuple[Column, ...]:
    """Decide how the run's result is read, unless that is decided already.

    Gives the result's columns if they became known with it: another question less.

    Raises:
        BigQueryUnavailable: the session could not be made now; come back.
        Lost: as ``Grip.write``.
    """
    run = grip.run
    if run.reader:
        return ()
    stream = _open_stream(run, bigquery) if _may_read_fast(run) else None
    if stream is None:
        grip.write(reader=Reader.REST)
    else:
        grip.write(reader=Reader.STORAGE, read_stream=stream.name)
    LogLine.note(run, LogLine.What.READER, reader=run.reader)
    logger.info("reader chosen", reader=run.reader)
    return stream.columns if stream else ()


def blocks_of(
    run: Run,
    bigquery: BigQuery,
    *,
    first_row: int,
    end_row: int,
    columns: tuple[Column, ...] = (),
) -> Generator[Block]:
    """The rows of the result from ``first_row`` up to ``end_row``, by the run's reader.

    ``columns``: those of the result, where they are known.
    Nothing is written: a thread that is not the owner's may read.

    Raises:
        StreamBroke: by the Storage Read API.
        JobVanished: BigQuery gives fewer rows than its job announced.
        BigQueryError: as the gateway reports it.
    """
    if run.reader == Reader.STORAGE:
        read = _streamed(run, bigquery, first_row, columns)
    else:
        read = rest_pages(run, bigquery, first_row, end_row=end_row)
    row = first_row
    for block in regrouped(read, first_row=first_row, total=end_row):
        yield block
        row = block.end_row
    if row < end_row:
        raise JobVanished("BigQuery gave fewer rows than its job announced. Run again.")


def rest_pages(run: Run, bigquery: BigQuery, first_row: int, *, end_row: int) -> Iterator[Block]:
    """Pages of REST until the last of these rows, or until one is empty."""
    row = first_row
    while row < end_row:
        page = bigquery.read_page(
            run.job_id,
            location=run.job_location,
            start_row=row,
            max_rows=min(PAGE_ROWS, end_row - row),
            as_columns=True,
        )
        block = Block(page.columns, row, page.rows, page.cells)
        if not len(block):
            return
        yield block
        row = block.end_row


def _streamed(
    run: Run, bigquery: BigQuery, first_row: int, columns: tuple[Column, ...]
) -> Iterator[Block]:
    if not columns:
        where = run.job_location
        columns = bigquery.read_page(run.job_id, location=where, start_row=0, max_rows=0).columns
    batches = bigquery.read_stream(run.read_stream, start_row=first_row)
    row = first_row
    try:
        while (batch := next(batches, None)) is not None:
            yield Block(columns, row, [], tuple(batch.columns))
            row += batch.num_rows
    except BigQueryError as error:
        raise StreamBroke(error) from None


def _may_read_fast(run: Run) -> bool:
    """What the connection's last test says, for results that are worth it."""
    if (run.rows_total or 0) <= FAST_FROM_ROWS or run.connection.latest_test_id is None:
        return False
    return ConnectionTestStep.objects.filter(
        test_id=run.connection.latest_test_id,
        code="fast",
        result=ConnectionTestStep.Result.PASSED,
    ).exists()


def _open_stream(run: Run, bigquery: BigQuery) -> Stream | None:
    """None where REST must do: not permitted now, or a type that is not spelled alike."""
    try:
        stream = bigquery.open_stream(run.job_id, location=run.job_location)
    except BigQueryError as error:
        if not isinstance(error, BigQueryRefused) and run.troubles < TROUBLES_BORNE:
            raise
        logger.warning("no fast reads", reason=error.reason)
        return None
    kinds = zip(stream.schema, stream.columns, strict=True)
    if stream.name and all(speakable(field.type, column) for field, column in kinds):
        return stream
    return None
