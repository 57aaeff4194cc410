"""The last runs of an import as a row of marks: a shape and a colour each, and one sentence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SLOTS: Final = 10
_APART: Final = 12
_SIZE: Final = 10


@dataclass(frozen=True)
class Mark:
    """One run. ``state``: green, yellow, red, none, failed, stopped, or running."""

    state: str
    words: str


@dataclass(frozen=True)
class Placed:
    mark: Mark
    x: int


@dataclass(frozen=True)
class Strip:
    """Oldest first: the newest stands at the right."""

    marks: tuple[Placed, ...]
    words: str
    height: int = _SIZE

    @property
    def width(self) -> int:
        """As wide as its marks, and never nothing."""
        return max(len(self.marks) * _APART - (_APART - _SIZE), 1)

    @property
    def is_telling(self) -> bool:
        """Of a single run the strip would say again what stands above it."""
        return len(self.marks) > 1


def strip_of(newest_first: Sequence[Mark]) -> Strip:
    """Of at most the ten newest."""
    newest = newest_first[:SLOTS]
    placed = [Placed(mark, place * _APART) for place, mark in enumerate(reversed(newest))]
    return Strip(tuple(placed), _words(newest))


def _words(newest: Sequence[Mark]) -> str:
    if not newest:
        return "No runs yet"
    if len(newest) == 1:
        return f"One run: {newest[0].words}"
    counted = Counter(mark.words for mark in newest)
    told = [f"{count} times {words}" if count > 1 else words for words, count in counted.items()]
    return f"Last {len(newest):,} runs: {', '.join(told)}. The newest: {newest[0].words}"
