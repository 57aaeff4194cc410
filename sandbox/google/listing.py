"""Pages of a list of resources, and the tokens that lead from one to the next."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.google.errors import ApiError

_Item = TypeVar("_Item")
_MOST = 1000


def page(items: Sequence[_Item], most: int | None, token: str | None) -> tuple[
    Sequence[_Item], str | None
]:  # fmt: skip
    """The items of a page, and the token of the next one."""
    start = read_token(token) if token else 0
    end = start + min(_MOST if most is None else most, _MOST)
    return items[start:end], (make_token(end) if end < len(items) and end > start else None)


def make_token(position: int) -> str:
    """An opaque token for a position."""
    return base64.urlsafe_b64encode(f"p{position}".encode("ascii")).decode("ascii").rstrip("=")


def read_token(token: str) -> int:
    """The position of a token. Raises: ApiError for one that is not ours."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        text = base64.urlsafe_b64decode(padded).decode("ascii")
        if not text.startswith("p"):
            raise ValueError(text)
        return int(text[1:])
    except (binascii.Error, ValueError):
        raise ApiError("invalid", f"Invalid value for pageToken: {token[:100]}") from None
