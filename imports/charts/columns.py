"""Where the columns of a chart stand. Across: per cent of the width, so that a chart is as
wide as its place and its words keep their size. Upwards: pixels, from the top of the plot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imports.charts.axis import Axis

# A part that is not zero can be seen: three refused rows of a million are not nothing.
LEAST: Final = 2.0
_FILLED: Final = 0.72
_WIDEST: Final = 4.0


@dataclass(frozen=True)
class Bar:
    """One part of a column: which series, from where (the top) and how tall."""

    place: int
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """``slot`` is the whole place of a point, of which ``x`` and ``width`` are the column's."""

    slot_x: float
    slot_width: float
    x: float
    width: float
    bars: tuple[Bar, ...]
    is_cut: bool
    is_zero: bool

    @property
    def middle(self) -> float:
        return self.slot_x + self.slot_width / 2

    @property
    def top(self) -> float | None:
        """Where its highest part begins, or None without any."""
        return self.bars[-1].y if self.bars else None


def columns_of(
    points: Sequence[tuple[int, ...] | None], *, axis: Axis, height: float
) -> list[Column]:
    """One column for each point, in order; a gap and a zero have no bars."""
    slot = 100 / max(len(points), 1)
    width = min(slot * _FILLED, _WIDEST)
    return [
        Column(
            slot_x=place * slot,
            slot_width=slot,
            x=place * slot + (slot - width) / 2,
            width=width,
            bars=_bars(values or (), axis, height),
            is_cut=sum(values or ()) > axis.top,
            is_zero=values is not None and not any(values),
        )
        for place, values in enumerate(points)
    ]


def _bars(values: tuple[int, ...], axis: Axis, height: float) -> tuple[Bar, ...]:
    bars, floor = [], height
    for place, tall in enumerate(_heights(values, axis.share(sum(values)) * height)):
        if tall:
            floor -= tall
            bars.append(Bar(place, max(floor, 0.0), tall))
    return tuple(bars)


def _heights(values: tuple[int, ...], whole: float) -> list[float]:
    """Shares of ``whole``; none that is not zero is thinner than LEAST, at the tallest's cost."""
    total = sum(values)
    if not total:
        return [0.0 for _ in values]
    tall = [max(whole * value / total, LEAST) if value else 0.0 for value in values]
    over = sum(tall) - max(whole, LEAST * sum(1 for value in values if value))
    tallest = tall.index(max(tall))
    tall[tallest] = max(tall[tallest] - max(over, 0.0), LEAST)
    return tall
