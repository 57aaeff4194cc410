"""What a refused row held, in bounded space. What is cut says so, so that nobody sends it again.

It is kept sealed, as JSON in ASCII: characters that databases refuse need no care here.
"""

from typing import Any

MAX_CHARACTERS = 50_000
_MAX_SHOWN_CHARACTERS = 4_096
_MAX_ITEMS = 1_000
_MAX_DEPTH = 16
_CUT = "…"
# Takes the place of what is too large. BigQuery's own cells have the keys "v" and "f" only.
_CUT_KEY = "cut"


def is_storable_text(text: str) -> bool:
    """False for a NUL, which PostgreSQL refuses, and for half of a surrogate pair."""
    return "\0" not in text and text == _without_surrogates(text)


def storable_text(text: str, limit: int = _MAX_SHOWN_CHARACTERS) -> str:
    """The text without what databases refuse, cut to ``limit`` characters with an ellipsis."""
    clean = _without_surrogates(text[: limit + 1].replace("\0", "\ufffd"))
    return clean if len(clean) <= limit else clean[: limit - 1] + _CUT


def storable_cell(cell: Any, depth: int = 0) -> Any:
    """A raw BigQuery cell as it is; of what is too large the beginning, marked as cut."""
    if isinstance(cell, str):
        return cell if len(cell) <= MAX_CHARACTERS else {_CUT_KEY: cell[:_MAX_SHOWN_CHARACTERS]}
    if cell is None or isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, (dict, list)) and (depth >= _MAX_DEPTH or len(cell) > _MAX_ITEMS):
        return {_CUT_KEY: None}
    if isinstance(cell, dict):
        return {str(key): storable_cell(each, depth + 1) for key, each in cell.items()}
    if isinstance(cell, list):
        return [storable_cell(each, depth + 1) for each in cell]
    return {_CUT_KEY: None}


def is_cut(cell: Any) -> bool:
    """Whether something of what ``storable_cell`` was given is missing."""
    if isinstance(cell, dict):
        return _CUT_KEY in cell or any(map(is_cut, cell.values()))
    return isinstance(cell, list) and any(map(is_cut, cell))


def has_unstorable_text(cell: Any) -> bool:
    """Whether a text cell, or an element of a repeated one, cannot be stored."""
    if isinstance(cell, str):
        return not is_storable_text(cell)
    if isinstance(cell, list):
        return any(has_unstorable_text(each.get("v")) for each in cell if isinstance(each, dict))
    return False


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
