"""CleverTap's rules for names: characters, lengths, what is reserved or fixed.

Sources: https://docs.clevertap.com/docs/map-data-for-import and
https://docs.clevertap.com/docs/platform-considerations; where they disagree, the stricter.
"""

from imports.mapping.definition import BOOLEAN, DATE, INTEGER, STRING
from imports.mapping.refusals import RefusalCode

FORBIDDEN_CHARACTERS = "%><!|&.:;$'\"\\#"
MAX_NAME_BYTES = 120
MAX_PROPERTIES = 256

_FORBIDDEN = frozenset(FORBIDDEN_CHARACTERS)

RESERVED_EVENTS = (
    "Notification Sent",
    "Notification Viewed",
    "Notification Clicked",
    "Notification Delivered",
    "Notification Replied",
    "UTM Visited",
    "App Launched",
    "App Uninstalled",
    "App Version Changed",
    "Stayed",
    "Reply Sent",
    "Experiment Rendered",
    "Reachable By",
    "Identity Reset",
    "Identity Set",
    "Identity Error",
)

# Name of the system property -> the one type that CleverTap takes for it.
SYSTEM_PROPERTIES: dict[str, str] = {
    "Name": STRING,
    "Email": STRING,
    "Phone": STRING,
    "Identity": STRING,
    "Gender": STRING,
    "DOB": DATE,
    "Age": INTEGER,
    "Timezone": STRING,
    "Employed": STRING,
    "Education": STRING,
    "Married": STRING,
    "MSG-email": BOOLEAN,
    "MSG-push": BOOLEAN,
    "MSG-sms": BOOLEAN,
    "MSG-whatsapp": BOOLEAN,
}


def fold(name: str) -> str:
    """Names that CleverTap takes for the same event fold to the same text."""
    return "".join(name.casefold().split())


_RESERVED = frozenset(map(fold, RESERVED_EVENTS))
_SYSTEM_BY_FOLD = {fold(name): name for name in SYSTEM_PROPERTIES}


def system_spelling(name: str) -> str | None:
    """The system property that ``name`` means, whatever its case and spaces."""
    return _SYSTEM_BY_FOLD.get(fold(name))


def forbidden_in(name: str) -> str:
    """The forbidden characters of ``name``, each once, in the order they appear."""
    return " ".join(dict.fromkeys(letter for letter in name if letter in _FORBIDDEN))


def is_too_long(name: str) -> bool:
    """Over 120 bytes of UTF-8, the stricter of "bytes" and "characters"."""
    return len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES


def is_reserved_event(name: str) -> bool:
    """Whether CleverTap takes the name for one of its own events."""
    return fold(name) in _RESERVED


def event_name_refusal(name: str) -> RefusalCode | None:
    """Why a trimmed event name cannot be sent, or None."""
    if not name:
        return RefusalCode.EVENT_NAME_MISSING
    if not _FORBIDDEN.isdisjoint(name):
        return RefusalCode.EVENT_NAME_FORBIDDEN
    if is_too_long(name):
        return RefusalCode.EVENT_NAME_TOO_LONG
    return RefusalCode.EVENT_NAME_RESERVED if is_reserved_event(name) else None
