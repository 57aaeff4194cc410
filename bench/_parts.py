"""Parts of the import engine by themselves: reading without the rest, and the rest without a ledger."""

from collections.abc import Sequence
from typing import Any

from bench._engine_world import Clock


def read_only(grip: Any, bq: Any, clocks: list[Clock]) -> tuple[float, float]:
    """Seconds of processor and of the wall for all blocks of the run; nothing is made of them."""
    from imports.runner import readers  # noqa: PLC0415 - after Django's set-up

    run = grip.run
    for _ in readers.blocks_of(run, bq, first_row=0, end_row=run.end_row):
        pass
    return clocks[0].taken()


def without_ledger() -> None:
    """Nothing is written between claim and end: no intent, no answer, no lease, no share."""
    from imports.runner.delivery import Delivery  # noqa: PLC0415 - after Django's set-up
    from imports.runner.share import Share  # noqa: PLC0415

    def intend(self: Any, parcels: Sequence[Any]) -> list[Any]:
        batches = [self._new_batch(parcel) for parcel in parcels]
        self._are_open(batches)
        return batches

    def record(self: Any, answered: Sequence[Any]) -> None:
        _sum_up(self, answered)
        self._are_recorded([one.parcel for one in answered])

    def both(self: Any, answered: Sequence[Any], parcels: Sequence[Any]) -> list[Any]:
        record(self, answered)
        return intend(self, parcels)

    def fixed(self: Any, *, in_flight: int) -> None:
        self.slots, self._trusted_until = 15, float("inf")

    ours: Any = Delivery
    ours.intend_all, ours.record_answers, ours.record_and_intend = intend, record, both
    share: Any = Share
    share.refresh = fixed


def _sum_up(delivery: Any, answered: Sequence[Any]) -> None:
    """In memory, so that the run can end: its row is written once, with the last answers."""
    rows = sum(one.parcel.row_count for one in answered)
    delivery.seen_rows = getattr(delivery, "seen_rows", 0) + rows
    run = delivery.run
    if delivery.seen_rows == run.end_row:
        run.record(
            read_count=run.end_row, accepted_count=run.end_row, next_row=run.end_row, troubles=0
        )
