"""Checks on texts: identities, and system properties whose values CleverTap judges.

Each check takes a cell and gives the text to send or a RefusalCode. A check refuses only
what CleverTap is documented to refuse; the rest is left to CleverTap's own verdict.
"""

import re
from collections.abc import Callable

from imports.mapping.refusals import RefusalCode

ReadText = Callable[[str], str | RefusalCode]

MAX_TEXT_BYTES = 512
MAX_IDENTITY_LENGTH = 1024
SURELY_SHORT = MAX_TEXT_BYTES // 4  # a character is at most four bytes

# https://docs.clevertap.com/docs/map-data-for-import; "none" is from the CSV page.
REFUSED_IDENTITIES = frozenset(
    {
        "undefined", "null", "na", "n/a", "0", "nil", "-1", "none", "empty", "xxxxxx",
        "infinity", "-infinity", "inf", "-inf", "nan", "-nan",
    }
)  # fmt: skip
LONGEST_REFUSED = max(map(len, REFUSED_IDENTITIES))

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]++@(?:[^\s@.]++\.)++[^\s@.]++")
_PHONE = re.compile(r"\+(?:[ ().-]*\d){5,}[ ().-]*", re.ASCII)


def identity_text(cell: str) -> str | RefusalCode:
    """The trimmed identity, at most 1,024 characters and none of the refused words."""
    text = cell.strip()
    if len(text) > MAX_IDENTITY_LENGTH:
        return RefusalCode.IDENTITY_TOO_LONG
    if len(text) <= LONGEST_REFUSED and text.lower() in REFUSED_IDENTITIES:
        return RefusalCode.IDENTITY_REFUSED
    return text or RefusalCode.IDENTITY_MISSING


def is_too_long(text: str) -> bool:
    """Over 512 bytes of UTF-8, the stricter of CleverTap's "bytes" and "characters"."""
    return len(text) > SURELY_SHORT and len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES


def bounded_text(cell: str) -> str | RefusalCode:
    """Any text of at most 512 bytes."""
    return RefusalCode.TEXT_TOO_LONG if is_too_long(cell) else cell


def _email(cell: str) -> str | RefusalCode:
    text = cell.strip()
    if _EMAIL.fullmatch(text) is None:
        return RefusalCode.EMAIL_INVALID
    return bounded_text(text)


def _phone(cell: str) -> str | RefusalCode:
    text = cell.strip()
    if _PHONE.fullmatch(text) is None:
        return RefusalCode.PHONE_INVALID
    return bounded_text(text)


def _one_of(*allowed: str, otherwise: RefusalCode) -> ReadText:
    by_fold = {word.casefold(): word for word in allowed}

    def check(cell: str) -> str | RefusalCode:
        return by_fold.get(cell.strip().casefold(), otherwise)

    return check


# System property of a profile -> its check. Name and Timezone are texts like any other.
SYSTEM_TEXTS: dict[str, ReadText] = {
    "Email": _email,
    "Phone": _phone,
    "Identity": identity_text,
    "Gender": _one_of("M", "F", otherwise=RefusalCode.GENDER_INVALID),
    "Employed": _one_of("Y", "N", otherwise=RefusalCode.CHOICE_INVALID),
    "Married": _one_of("Y", "N", otherwise=RefusalCode.CHOICE_INVALID),
    "Education": _one_of("School", "College", "Graduate", otherwise=RefusalCode.CHOICE_INVALID),
}
