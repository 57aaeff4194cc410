"""Reads a result in ranges that depend on the position only, never on BigQuery's pages.

Pages vary in size and begin where a worker began. If batches followed them, a worker that
takes a run over would cut other batches than the dead one, and a batch whose answer was
lost could not be sent again byte for byte (ADR 8).
"""

from collections.abc import Iterator
from typing import Any

from connections.bigquery import BigQuery, Page
from imports.models import Run
from imports.runner.job import JobVanished

PAGE_ROWS = 5_000
RANGE_ROWS = 1_000


def ranges_of(run: Run, bigquery: BigQuery) -> Iterator[tuple[int, Page]]:
    """From the run's position to the end: (first row, rows up to the next multiple of 1,000).

    Raises:
        JobVanished: BigQuery gives fewer rows than its job announced.
        BigQueryError: as the gateway reports it.
    """
    position, total = run.next_row, run.rows_total or 0
    waiting: list[Any] = []
    while position < total:
        end = min(total, position - position % RANGE_ROWS + RANGE_ROWS)
        while len(waiting) < end - position:
            page = bigquery.read_page(
                run.job_id,
                location=run.job_location,
                start_row=position + len(waiting),
                max_rows=PAGE_ROWS,
            )
            if not page.rows:
                raise JobVanished("BigQuery gave fewer rows than its job announced. Run again.")
            columns = page.columns
            waiting += page.rows
        rows, waiting = waiting[: end - position], waiting[end - position :]
        yield position, Page(columns, rows, position, total)
        position = end
