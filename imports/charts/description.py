"""What somebody who wants a chart says: series, points, and how numbers are written."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """How the numbers of a chart are written, and which are round ones on its axis.

    ``units``: ascending, the first is 1; steps of the axis are round multiples of one of them.
    ``whole``: the exact number, shown on hover where ``exact`` rounds.
    """

    noun: str
    exact: Callable[[int], str]
    short: Callable[[int], str]
    whole: Callable[[int], str]
    units: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Series:
    """One part of each column. ``tone`` is also its pattern: accepted, refused, skipped, …"""

    tone: str
    label: str


@dataclass(frozen=True)
class Point:
    """One place on the axis: a day, a month, a run.

    ``values``: one whole number for each series, none negative; None where nothing happened:
    that is a gap, which is not a zero. ``label`` stands on the axis, ``title`` in the table.
    """

    label: str
    title: str
    values: tuple[int, ...] | None
    url: str = ""
    note: str = ""

    @property
    def total(self) -> int:
        return sum(self.values or ())
