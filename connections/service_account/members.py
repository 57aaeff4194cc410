"""The six fields that are used, as texts that are there. All other fields are dropped."""

from typing import Final, NamedTuple

from connections.service_account.document import Document
from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

REQUIRED: Final = ("project_id", "private_key_id", "private_key", "client_email", "token_uri")
_KINDS: Final[tuple[tuple[type | tuple[type, ...], str, str], ...]] = (
    (bool, "boolean", "true or false"),
    ((int, float), "number", "a number"),
    (list, "list", "a list"),
    (dict, "object", "an object"),
    (type(None), "null", "null"),
)
_MISSING_CURES: Final = {
    "private_key": "Without it the key opens nothing. It may have been removed on purpose. "
    + FRESH_KEY,
    "client_email": "It says whose key it is. " + WHOLE_FILE,
    "private_key_id": "It says which of the account’s keys this is. " + WHOLE_FILE,
    "project_id": "It says where the account lives. " + WHOLE_FILE,
    "token_uri": "It says which Google issued the key. " + WHOLE_FILE,
}


class Members(NamedTuple):
    """The used fields, each a text that is not empty."""

    project_id: str
    private_key_id: str
    private_key: str
    client_email: str
    token_uri: str

    def __repr__(self) -> str:
        return "Members(•••)"


def members_of(document: Document) -> Members:
    """Raises: KeyRefused for the first field that is missing, empty or not a text."""
    return Members(*(_text(document, name) for name in REQUIRED))


def _text(document: Document, name: str) -> str:
    if name not in document:
        raise KeyRefused(f"{name}_missing", f"The field {name} is missing.", _MISSING_CURES[name])
    value = document[name]
    if isinstance(value, str):
        if not value.strip():
            raise KeyRefused(f"{name}_empty", f"The field {name} is empty.", _MISSING_CURES[name])
        return value
    for kind, code, words in _KINDS:
        if isinstance(value, kind):
            raise KeyRefused(
                f"{name}_{code}",
                f"The field {name} is {words}. It must be a text in double quotes.",
                WHOLE_FILE,
            )
    raise AssertionError("JSON has no other kinds of value")
