"""From text to one flat JSON object whose every text can be stored. Knows nothing of keys.

Stricter than Python's json, which keeps the last of two equal names, takes NaN, and
runs out of stack on nested input.
"""

import json
import math
import re
from typing import Any, Final

from connections.service_account.refusal import WHOLE_FILE, KeyRefused, shown_field
from connections.service_account.syntax import explain, outside_strings

MAX_DEPTH: Final = 4
_ABSURD_DEPTH: Final = 64
_MAX_FIELDS: Final = 100
_MAX_DIGITS: Final = 30
_NOT_NUMBERS: Final = {"NaN": "nan", "Infinity": "infinity", "-Infinity": "infinity"}
_TOP_LEVEL: Final[tuple[tuple[type, str, str], ...]] = (
    (list, "top_array", "This is a JSON list. A key is one JSON object."),
    (bool, "top_boolean", "This is only true or false. A key is a JSON object."),
    (int, "top_number", "This is only a number. A key is a JSON object."),
    (float, "top_number", "This is only a number. A key is a JSON object."),
)

Document = dict[str, Any]


def object_of(text: str) -> tuple[Document, tuple[str, ...]]:
    """The JSON object in ``text``, and what was repaired. Raises: KeyRefused."""
    _refuse_depth(text)
    value, repairs = _parsed(text)
    if not isinstance(value, dict):
        raise _not_an_object(value)
    _refuse_unstorable_text(value)
    return value, repairs


def _parsed(text: str) -> tuple[Any, tuple[str, ...]]:
    try:
        return _loads(text, strict=True), ()
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control character"):
            raise explain(text, error.msg, error.pos) from None
    try:
        value = _loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise explain(text, error.msg, error.pos) from None
    return value, ("Line breaks inside a value were read as the \\n that they stand for.",)


def _loads(text: str, *, strict: bool) -> Any:
    return json.loads(
        text,
        strict=strict,
        object_pairs_hook=_unique,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_short_integer,
    )


def _refuse_depth(text: str) -> None:
    """Count open brackets outside strings, in one pass, before the parser recurses."""
    depth = deepest = 0
    for bracket in re.findall(r"[{}\[\]]", outside_strings(text)):
        depth += 1 if bracket in "{[" else -1
        deepest = max(deepest, depth)
    if deepest > _ABSURD_DEPTH:
        raise KeyRefused(
            "nested_absurdly",
            "This JSON is nested so deeply that it cannot come from Google.",
            WHOLE_FILE,
        )
    if deepest > MAX_DEPTH:
        raise KeyRefused(
            "nested",
            "This JSON is nested too deeply for a key. It may be a configuration that holds one.",
            "Take the key’s own JSON object out of it and paste only that.",
        )


def _unique(pairs: list[tuple[str, Any]]) -> Document:
    if len(pairs) > _MAX_FIELDS:
        raise KeyRefused(
            "too_many_fields", "This has more than 100 fields. A key has about 11.", WHOLE_FILE
        )
    seen: Document = {}
    folded: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise _duplicate(name, same=seen[name] == value)
        if name.casefold() in folded:
            raise KeyRefused(
                "field_case_clash",
                "Two field names differ only in upper and lower case.",
                "Keep the lower-case one, as Google writes it, or use the unchanged file.",
            )
        seen[name] = value
        folded.add(name.casefold())
    return seen


def _duplicate(name: str, *, same: bool) -> KeyRefused:
    field = shown_field(name)
    if same:
        return KeyRefused(
            "duplicate_field",
            f"The JSON names {field} twice, with the same value.",
            "Remove one of the two, or use the unchanged file.",
        )
    return KeyRefused(
        "duplicate_field_conflict",
        f"The JSON names {field} twice, with two different values.",
        "Nobody can tell which one counts. Use the unchanged file.",
    )


def _refuse_constant(name: str) -> None:
    raise KeyRefused(
        _NOT_NUMBERS[name],
        f"The JSON contains {name}, which JSON does not have.",
        "No field of a key is a number. Use the unchanged file.",
    )


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise KeyRefused(
            "number_overflow",
            "The JSON contains a number too large to be represented.",
            "No field of a key is a number. Use the unchanged file.",
        )
    return number


def _short_integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise KeyRefused(
            "huge_number",
            "The JSON contains a number of absurd length.",
            "No field of a key is a number. Use the unchanged file.",
        )
    return int(digits)


def _not_an_object(value: Any) -> KeyRefused:
    if value is None:
        return KeyRefused("top_null", "This is only the word null.", WHOLE_FILE)
    if isinstance(value, str):
        if value.lstrip().startswith("{"):
            return KeyRefused(
                "json_in_string",
                "The key is packed into a JSON text, with every quote escaped.",
                "Unpack it once, or paste the file as Google made it.",
            )
        return KeyRefused("top_string", "This is only a text. A key is a JSON object.", WHOLE_FILE)
    code, sentence = next(
        (code, sentence) for kind, code, sentence in _TOP_LEVEL if isinstance(value, kind)
    )
    return KeyRefused(code, sentence, WHOLE_FILE)


def _refuse_unstorable_text(value: Any) -> None:
    """PostgreSQL takes neither NUL nor half a surrogate pair; SQLite takes the first."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unstorable_text(name)
            _refuse_unstorable_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable_text(inner)
    elif isinstance(value, str):
        _refuse_unstorable(value)


def _refuse_unstorable(text: str) -> None:
    if "\x00" in text:
        raise KeyRefused(
            "nul_escape", "A value contains an escaped NUL character (\\u0000).", WHOLE_FILE
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise KeyRefused(
            "lone_surrogate",
            "A value contains half of an escaped character pair.",
            WHOLE_FILE,
        )
