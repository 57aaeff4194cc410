"""Blocks of rows as lanes: mapped, cut, hashed, with the people in them. Reads no row of ours."""

from collections.abc import Callable, Iterable, Iterator

from imports.mapping import Made
from imports.models import Run, Shard
from imports.runner.groups import Groups
from imports.runner.lanes import Lane, lanes_of
from imports.runner.parcels import Parcel, cut, whole_of
from imports.runner.position import Begun, begun_beyond, within
from imports.runner.ranges import Block, ends_of_ranges


def lanes_of_blocks(
    work: Run | Shard, blocks: Iterable[Block], make: Callable[[Block], Made]
) -> Iterator[list[Lane]]:
    """What is still to be sent of each block, as the owners before have cut it.

    They are asked for now; the blocks come when the answer is read, by whichever thread.
    """
    return _lanes(begun_beyond(work), blocks, make)


def _lanes(
    begun: list[Begun], blocks: Iterable[Block], make: Callable[[Block], Made]
) -> Iterator[list[Lane]]:
    groups = Groups()
    for block in blocks:
        whole = whole_of(make(block), first_row=block.first_row, end_row=block.end_row)
        parcels: list[Parcel] = []
        for first_row, end_row in ends_of_ranges(block.first_row, block.end_row):
            there = within(begun, first_row=first_row, end_row=end_row)
            parcels += cut(whole.part(first_row, end_row), there)
        yield lanes_of(parcels, groups)
