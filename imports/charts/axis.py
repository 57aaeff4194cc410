"""The scale of a chart: where it ends, which round numbers it shows, and whom it cuts off.

A scale is never broken nor logarithmic: stacked parts could not be compared. Where at most
three columns are more than eight times as tall as every other, the scale is made for the
others, those few are drawn cut off at its end, and their values are written above them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

STEPS: Final = 4
_MOST_CUT: Final = 3
_FAR: Final = 8
_FEWEST_OTHERS: Final = 3


@dataclass(frozen=True)
class Axis:
    """``ticks`` ascend from 0 to ``top``, which is at least 1; what is above it is cut off."""

    top: int
    ticks: tuple[int, ...]

    def share(self, value: int) -> float:
        """How much of the axis the value takes, from 0 to 1."""
        return min(value / self.top, 1.0)


def axis_for(totals: Sequence[int], *, units: Sequence[int] = (1,)) -> Axis:
    """An axis for columns of these heights."""
    largest = _tallest_shown(totals)
    if largest == 0:
        return Axis(top=1, ticks=(0,))
    step = _step(largest, units)
    steps = -(-largest // step)
    return Axis(top=step * steps, ticks=tuple(step * place for place in range(steps + 1)))


def _tallest_shown(totals: Sequence[int]) -> int:
    tall = sorted((total for total in totals if total > 0), reverse=True)
    if not tall:
        return 0
    for cut in range(1, min(_MOST_CUT, len(tall) - _FEWEST_OTHERS) + 1):
        if tall[cut - 1] > _FAR * tall[cut]:
            return tall[cut]
    return tall[0]


def _step(largest: int, units: Sequence[int]) -> int:
    """The smallest round number of which at most four reach the largest."""
    unit = max(unit for unit in units if unit <= largest)
    steps = chain([part for part in (unit // 4, unit // 2) if part], _round(unit))
    return next(step for step in steps if step * STEPS >= largest)


def _round(unit: int) -> Iterator[int]:
    while True:
        yield from (unit, 2 * unit, 5 * unit)
        unit *= 10
