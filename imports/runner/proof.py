"""Whether REST gives the rows that were sent already, where they were sent from (ADR 24).

What was sent is a prefix of the stream, and some batches beyond it. If the same positions of
REST's order give the same bytes, then what is left over is the same rows too, in whatever order:
none is lost, and none is sent twice.
"""

from collections.abc import Callable

from connections.bigquery import BigQuery
from imports.mapping import Made
from imports.models import Batch
from imports.runner.grip import Grip
from imports.runner.parcels import Parcel, whole_of
from imports.runner.ranges import Block, regrouped
from imports.runner.readers import rest_pages


class OrderDiffers(Exception):
    """The run cannot go on with another reader; the message is fit for the user."""


def prove_order(grip: Grip, bigquery: BigQuery, make: Callable[[Block], Made]) -> None:
    """Read by REST what batches of the run stand for, and compare their hashes.

    Raises:
        OrderDiffers: a batch has other bytes, or BigQuery gives fewer rows now.
        BigQueryError: as the gateway reports it.
        Leave, StopAsked, Lost: as ``Grip.confirm``.
    """
    run = grip.run
    batches = list(run.batches.order_by("first_row"))
    if not batches:
        return
    # Regrouped ranges end at multiples of 1,000, as those of the batches did.
    blocks = regrouped(
        rest_pages(run, bigquery, 0, end_row=run.end_row), first_row=0, total=run.end_row
    )
    for block in blocks:
        grip.confirm()
        whole = whole_of(make(block), first_row=block.first_row, end_row=block.end_row)
        while batches and batches[0].first_row < block.end_row:
            _compare(whole, batches.pop(0))
        if not batches:
            return
    raise _different()


def _compare(whole: Parcel, batch: Batch) -> None:
    part = whole.part(batch.first_row, batch.end_row)
    if (part.sha256, len(part.records)) != (batch.sha256, batch.record_count):
        raise _different()


def _different() -> OrderDiffers:
    return OrderDiffers(
        "Fast reads of the result were lost, and BigQuery gives its rows in another order by the "
        "slower way. Run the import again."
    )
