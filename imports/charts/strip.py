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
    """Oldest first; the newest stands always at the right end."""

    marks: tuple[Placed, ...]
    words: str
    width: int = SLOTS * _APART - (_APART - _SIZE)
    height: int = _SIZE


def strip_of(newest_first: Sequence[Mark]) -> Strip:
    """At most the ten newest, each in its place from the right."""
    newest = newest_first[:SLOTS]
    placed = [Placed(mark, (SLOTS - 1 - place) * _APART) for place, mark in enumerate(newest)]
    return Strip(tuple(reversed(placed)), _words(newest))


def _words(newest: Sequence[Mark]) -> str:
    if not newest:
        return "No runs yet"
    if len(newest) == 1:
        return f"One run: {newest[0].words}"
    counted = Counter(mark.words for mark in newest)
    told = [f"{count} times {words}" if count > 1 else words for words, count in counted.items()]
    return f"Last {len(newest)} runs: {', '.join(told)}. The newest: {newest[0].words}"
