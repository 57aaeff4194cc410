"""Says what is wrong with text that is not JSON, in the words of the person who pasted it.

Looks only; repairs nothing, and repeats nothing of the text.
"""

import json
import re
from typing import Final

from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

_SMART_QUOTES: Final = re.compile("[\u2018-\u201f\u00ab\u00bb\uff02]")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\u00a0]")
_SINGLE_QUOTED: Final = re.compile(r"""[{\[,:]\s*[bru]?'""")
_COMMENT: Final = re.compile(r"//|/\*|#")
_TRAILING_COMMA: Final = re.compile(r",\s*[}\]]")
_UNQUOTED_NAME: Final = re.compile(r"[{,]\s*[A-Za-z_][A-Za-z0-9_]*\s*:")
# Also takes a string that never ends, so that no text makes it look twice.
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)

_ANSWERS: Final[dict[str, tuple[str, str]]] = {
    "smart_quotes": (
        "The quotes are typographic ones. A word processor or a chat changed them.",
        "Copy the key from a plain text editor, or upload the file.",
    ),
    "invisible_characters": (
        "There are invisible characters between the fields, as web pages and chats add them.",
        "Copy the key from a plain text editor, or upload the file.",
    ),
    "single_quotes": (
        "The fields are in single quotes, as Python prints them. JSON uses double quotes.",
        "Print it with json.dumps, or upload the file as Google made it.",
    ),
    "comment": (
        "There is a comment in the JSON. JSON has no comments.",
        "Remove the comment, or use the unchanged file.",
    ),
    "trailing_comma": (
        "There is a comma after the last field.",
        "Remove that comma, or use the unchanged file.",
    ),
    "unquoted_names": (
        "The field names are not in quotes. This is JavaScript, not JSON.",
        WHOLE_FILE,
    ),
}


def outside_strings(text: str) -> str:
    """The text with every string emptied, in time that grows with its length only."""
    return _STRING.sub('""', text)


def explain(text: str, message: str, position: int) -> KeyRefused:
    """Turn a parser's complaint at ``position`` into a refusal. Never repeats ``text``."""
    if message == "Extra data":
        return _extra(text[position:])
    if text[0] not in "{[":
        return KeyRefused("not_json", "This is not JSON, so it is not a key.", FRESH_KEY)
    outside = outside_strings(text)
    for code, found in (
        ("smart_quotes", _SMART_QUOTES.search(outside)),
        ("single_quotes", _SINGLE_QUOTED.search(outside)),
        ("invisible_characters", _INVISIBLE.search(outside)),
        ("comment", _COMMENT.search(outside)),
        ("trailing_comma", _TRAILING_COMMA.search(outside)),
        ("unquoted_names", _UNQUOTED_NAME.search(outside)),
    ):
        if found:
            return KeyRefused(code, *_ANSWERS[code])
    return _unexplained(text, message, position)


def _extra(rest: str) -> KeyRefused:
    try:
        json.JSONDecoder().raw_decode(rest.lstrip())
    except ValueError:
        return KeyRefused(
            "text_after_json",
            "Something stands behind the end of the JSON.",
            "Paste from the first { to its matching } and nothing else.",
        )
    return KeyRefused(
        "two_documents",
        "There are two JSON documents, one after the other.",
        "Keep the key that you want to use and remove the other.",
    )


def _unexplained(text: str, message: str, position: int) -> KeyRefused:
    if message.startswith("Invalid \\"):
        return KeyRefused(
            "bad_escape",
            "A backslash in the JSON does not stand for anything. It was edited or copied badly.",
            "Upload the file instead of pasting it.",
        )
    if position >= len(text) or message.startswith("Unterminated string"):
        return KeyRefused(
            "cut_off",
            "The JSON stops before its end. Part of the key is missing.",
            "Copy all of it, down to the last }, or upload the file.",
        )
    line = text.count("\n", 0, position) + 1
    return KeyRefused(
        "broken_json",
        f"The JSON is broken in line {line}.",
        "It was probably edited by hand. Use the unchanged file.",
    )
