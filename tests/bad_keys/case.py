"""One class of input: how to build it, and the exact answer that it must get."""

from collections.abc import Callable
from typing import NamedTuple


class BadKey(NamedTuple):
    """Refused with ``code``. ``number`` counts the appendix; 0 is a class of our own."""

    number: int
    name: str
    code: str
    build: Callable[[], bytes | str]


class GoodKey(NamedTuple):
    """Accepted; ``said`` is a piece of the only repair's sentence, empty if there is none."""

    number: int
    name: str
    said: str
    build: Callable[[], bytes | str]
