"""The rules for names and single values that profiles and events share.

Limits: CleverTap's upload API pages and its platform considerations page. Knows no record.
"""

import re
from functools import lru_cache
from math import isfinite

KEY_LIMIT = 120
VALUE_LIMIT = 512
PROPERTY_LIMIT = 256
_INTEGERS = 2**63

_FORBIDDEN_IN_EVENT_NAMES = re.compile(r"""[%><!|&.:;$'"\\]""")
_FORBIDDEN_IN_KEYS = re.compile(r"""[%><!|&.:;$'"\\#]""")
_DATE = re.compile(r"\$D_-?\d{1,11}")
_LONGEST_SAFE = VALUE_LIMIT // 4  # UTF-8 needs at most four bytes for a character


@lru_cache(maxsize=8192)
def event_name_is_valid(name: str) -> bool:
    """No forbidden character, at most 512 characters, text that UTF-8 can hold."""
    if len(name) > VALUE_LIMIT or _FORBIDDEN_IN_EVENT_NAMES.search(name) is not None:
        return False
    return is_encodable(name)


@lru_cache(maxsize=8192)
def key_is_valid(key: str) -> bool:
    """A property name: 1 to 120 bytes, no forbidden character."""
    if not key.strip() or _FORBIDDEN_IN_KEYS.search(key) is not None:
        return False
    return len(key.encode("utf-8", "surrogatepass")) <= KEY_LIMIT


def text_is_valid(text: str) -> bool:
    """At most 512 bytes; `$D_` must be followed by epoch seconds, not milliseconds."""
    if text.startswith("$D_") and _DATE.fullmatch(text) is None:
        return False
    if len(text) <= _LONGEST_SAFE:
        return True
    return len(text) <= VALUE_LIMIT and (len(text.encode("utf-8", "surrogatepass")) <= VALUE_LIMIT)


def scalar_is_valid(value: object) -> bool:
    """A string within its limit, a number or a Boolean; NULL counts as left out."""
    if isinstance(value, str):
        return text_is_valid(value)
    return value is None or is_number(value)


def is_number(value: object) -> bool:
    """A finite number, integers within 64 bits; Booleans count as well."""
    if isinstance(value, int):
        return -_INTEGERS <= value < _INTEGERS
    return isinstance(value, float) and isfinite(value)


def is_encodable(text: str) -> bool:
    """JSON can carry half of a surrogate pair; UTF-8, and so any storage, cannot."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def fold_name(name: str) -> str:
    """CleverTap treats event names as equal when they differ by case or spaces only."""
    return "".join(name.split()).casefold()
