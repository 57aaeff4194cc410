"""Classes 18 to 35: JSON, but not the flat object of texts that a key is."""

import json

from tests.bad_keys.case import BadKey
from tests.factories_keys import key_document, key_json


def with_field(text: str) -> str:
    """The good key with one more member, written as given."""
    return key_json().rstrip()[:-1].rstrip() + ", " + text + "}"


CASES = [
    BadKey(18, "array", "top_array", lambda: f"[{key_json()}]"),
    BadKey(19, "string", "top_string", lambda: '"a key"'),
    BadKey(19, "JSON packed in a string", "json_in_string", lambda: json.dumps(key_json())),
    BadKey(20, "number", "top_number", lambda: "4711"),
    BadKey(20, "fraction", "top_number", lambda: "47.11"),
    BadKey(20, "boolean", "top_boolean", lambda: "true"),
    BadKey(21, "null", "top_null", lambda: "null"),
    BadKey(22, "depth 5", "nested", lambda: with_field('"x": [[[[1]]]]')),
    BadKey(23, "depth 5,000", "nested_absurdly", lambda: "[" * 5000 + "]" * 5000),
    BadKey(23, "depth 5,000 unclosed", "nested_absurdly", lambda: '{"a":' * 5000),
    BadKey(24, "depth 200,000", "too_large", lambda: "[" * 200_000),
    BadKey(25, "duplicate, same value", "duplicate_field", lambda: with_field(
        '"type": "service_account"')),
    BadKey(26, "duplicate, other value", "duplicate_field_conflict", lambda: with_field(
        '"token_uri": "https://evil.example/token"')),
    BadKey(26, "duplicate inside an object", "duplicate_field_conflict", lambda: with_field(
        '"x": {"y": 1, "y": 2}')),
    BadKey(27, "names differing by case", "field_case_clash", lambda: with_field(
        '"Token_URI": "https://evil.example/token"')),
    BadKey(28, "NaN", "nan", lambda: with_field('"x": NaN')),
    BadKey(29, "Infinity", "infinity", lambda: with_field('"x": Infinity')),
    BadKey(29, "minus Infinity", "infinity", lambda: with_field('"x": -Infinity')),
    BadKey(30, "1e400", "number_overflow", lambda: with_field('"x": 1e400')),
    BadKey(31, "5,000 digits", "huge_number", lambda: with_field('"x": ' + "9" * 5000)),
    BadKey(32, "100,000 names", "too_large", lambda: json.dumps(
        {f"f{number}": 1 for number in range(100_000)})),
    BadKey(32, "4,000 names", "too_many_fields", lambda: json.dumps(
        key_document() | {f"f{number}": 1 for number in range(4000)})),
    BadKey(33, "lone surrogate", "lone_surrogate", lambda: with_field(r'"x": "\ud800"')),
    BadKey(33, "lone surrogate in a name", "lone_surrogate", lambda: with_field(r'"\udc00": 1')),
    BadKey(34, "escaped NUL", "nul_escape", lambda: with_field(r'"x": "\u0000"')),
    BadKey(34, "escaped NUL deeper", "nul_escape", lambda: with_field(r'"x": [{"y": "\u0000"}]')),
    BadKey(0, "empty object", "empty_object", lambda: "{}"),
]  # fmt: skip
