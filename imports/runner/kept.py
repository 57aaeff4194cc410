"""Where the rows of a replay come from: what an earlier run has kept, instead of a query.

Their order is that of the rows in the earlier run, and nothing is added or taken away while
the replay is at work, so a position in it is a checkpoint as in a query's result.
"""

from collections.abc import Iterator

from connections.bigquery import Column
from imports import contents
from imports.mapping import Made, Mapping
from imports.models import Batch, Run
from imports.runner.ranges import RANGE_ROWS, Block


def kept_blocks(run: Run, mapping: Mapping) -> Iterator[Block]:
    """The kept rows from the run's position on, as if BigQuery had given them.

    Raises:
        ContentsUnreadable: the credential ring does not open them.
    """
    names = mapping.used_columns()
    columns = _columns(run, names)
    rows, position, total = run.replayed_rows.in_order(), run.next_row, run.rows_total or 0
    while position < total:
        end = min(total, position - position % RANGE_ROWS + RANGE_ROWS)
        part = list(rows[position:end])
        cells = [content.cells or {} for _, content in contents.open_rows(part)]
        yield Block(columns, position, [[row.get(name) for name in names] for row in cells])
        position = end


def held_blocks(run: Run) -> Iterator[Block]:
    """The very records of the held batches, a block for each; ``records_of`` makes them.

    Raises:
        ContentsUnreadable: as ``kept_blocks``.
    """
    first_row = 0
    counts = run.resent_batches.order_by("first_row").values_list("pk", "record_count")
    for pk, count in list(counts):
        begin, end_row = max(first_row, run.next_row), first_row + count
        if begin < end_row:
            records = contents.open_records(Batch.objects.get(pk=pk))
            yield Block((), begin, records[begin - first_row :])
        first_row = end_row


def records_of(block: Block) -> Made:
    """The rows of a held block are records already."""
    return Made(list(block.rows), list(range(block.first_row, block.end_row)))


def _columns(run: Run, names: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns as they were when the rows were read: so are the cells."""
    known = {stored["name"]: Column.from_rest(stored) for stored in run.snapshot["columns"]}
    return tuple(known[name] for name in names)
