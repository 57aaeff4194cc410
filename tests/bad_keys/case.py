"""One class of bad input: how to build it, and the exact code that must answer."""

from collections.abc import Callable
from typing import NamedTuple


class BadKey(NamedTuple):
    """``number`` counts the appendix of reliability-security; 0 is a class of our own."""

    number: int
    name: str
    code: str
    build: Callable[[], bytes | str]
