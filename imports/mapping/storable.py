"""Makes what a refused row held safe to store: any database takes it, in bounded space."""

from typing import Any

MAX_SHOWN_CHARACTERS = 4_096
_MAX_SHOWN_ITEMS = 200
_MAX_DEPTH = 4
_CUT = "…"


def is_storable_text(text: str) -> bool:
    """False for a NUL, which PostgreSQL refuses, and for half of a surrogate pair."""
    return "\0" not in text and text == _without_surrogates(text)


def storable_text(text: str, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """The text without what databases refuse, cut to ``limit`` characters with an ellipsis."""
    clean = _without_surrogates(text[: limit + 1].replace("\0", "\ufffd"))
    return clean if len(clean) <= limit else clean[: limit - 1] + _CUT


def storable_cell(cell: Any, depth: int = 0) -> Any:
    """A raw BigQuery cell as plain JSON of bounded size."""
    if isinstance(cell, str):
        return storable_text(cell)
    if cell is None or isinstance(cell, (bool, int)):
        return cell
    if isinstance(cell, dict) and depth < _MAX_DEPTH:
        shown = list(cell.items())[:_MAX_SHOWN_ITEMS]
        return {storable_text(str(key)): storable_cell(each, depth + 1) for key, each in shown}
    if isinstance(cell, list) and depth < _MAX_DEPTH:
        return [storable_cell(each, depth + 1) for each in cell[:_MAX_SHOWN_ITEMS]]
    return _CUT


def has_unstorable_text(cell: Any) -> bool:
    """Whether a text cell, or an element of a repeated one, cannot be stored."""
    if isinstance(cell, str):
        return not is_storable_text(cell)
    if isinstance(cell, list):
        return any(has_unstorable_text(each.get("v")) for each in cell if isinstance(each, dict))
    return False


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
