"""Whose key it is: the account's e-mail, the key's id, the project.

Strict, because Google's library puts the e-mail into an address unescaped
(reliability-security §1.1) and all three are shown on pages.
"""

import re
from typing import Final

from connections.identifiers import IdentifierRefused, check_project_id
from connections.service_account.members import Members
from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

_MAX_EMAIL: Final = 254
_SERVICE_DOMAIN: Final = "gserviceaccount.com"
# The families of accounts that can have keys: made by people, and the two defaults.
_EMAIL: Final = re.compile(
    r"(?:"
    r"[a-z][-a-z0-9]{4,28}[a-z0-9]@[a-z0-9][-a-z0-9.]{4,80}\.iam"
    r"|[0-9]{1,20}-compute@developer"
    r"|[a-z0-9][-a-z0-9.]{4,90}@appspot"
    r"|[0-9]{1,20}@cloudservices"
    r")\.gserviceaccount\.com"
)
_PATH_CHARACTERS: Final = frozenset("/\\?#%&;:'\"<>|`$ ")
# Google's ids have 40 digits; the range leaves room for a change of their hash.
_KEY_ID: Final = re.compile(r"[0-9a-f]{16,64}")


def check_identity(members: Members) -> None:
    """Raises: KeyRefused for an e-mail, key id or project that Google never gives out."""
    _check_email(members.client_email)
    _check_key_id(members.private_key_id)
    _check_project(members.project_id)


def _check_email(email: str) -> None:
    if len(email) > _MAX_EMAIL:
        raise KeyRefused(
            "client_email_too_long",
            "The field client_email is longer than any account’s e-mail.",
            WHOLE_FILE,
        )
    if not email.isascii():
        raise KeyRefused(
            "client_email_lookalike",
            "The field client_email contains letters that only look like plain ones.",
            "Do not trust this file. " + FRESH_KEY,
        )
    if not email.isprintable():
        raise KeyRefused(
            "client_email_line_break",
            "The field client_email contains a line break or a control character.",
            WHOLE_FILE,
        )
    if _PATH_CHARACTERS & set(email) or ".." in email:
        raise KeyRefused(
            "client_email_path",
            "The field client_email contains characters that no e-mail of an account has.",
            "Do not trust this file. " + FRESH_KEY,
        )
    if not _EMAIL.fullmatch(email):
        raise _other_email(email)


def _other_email(email: str) -> KeyRefused:
    domain = email.rpartition("@")[2]
    if domain != _SERVICE_DOMAIN and not domain.endswith("." + _SERVICE_DOMAIN):
        return KeyRefused(
            "client_email_domain",
            "The field client_email is not the e-mail of a service account: "
            "those end in gserviceaccount.com.",
            FRESH_KEY,
        )
    return KeyRefused(
        "client_email_malformed",
        "The field client_email is not written like the e-mail of a service account.",
        WHOLE_FILE,
    )


def _check_key_id(key_id: str) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise KeyRefused(
            "private_key_id_not_hex",
            "The field private_key_id is not a key id: those are 40 digits of 0-9 and a-f.",
            WHOLE_FILE,
        )


def _check_project(project_id: str) -> None:
    try:
        sound = check_project_id(project_id) == project_id
        number = False
    except IdentifierRefused as refused:
        sound, number = False, refused.code == "project_number"
    if number:
        raise KeyRefused(
            "project_id_number",
            "The field project_id holds a project number instead of the project’s id.",
            WHOLE_FILE,
        )
    if not sound:
        raise KeyRefused(
            "project_id_malformed",
            "The field project_id is not written like a project id.",
            WHOLE_FILE,
        )
