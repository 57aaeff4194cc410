"""Pure: what each reason for a refusal is called, and which code of CleverTap's it is.

The codes are those of https://developer.clevertap.com/docs/api-errors. Our rules refuse
before sending what CleverTap would refuse with the code that stands beside them.
"""

from typing import Final

from imports.mapping import RefusalCode as Code

OFFICIAL: Final = {
    "509": "Event name mandatory",
    "512": "Invalid event structure",
    "513": "Restricted system event",
    "514": "Gender invalid",
    "515": "E-mail invalid",
    "516": "Phone invalid",
    "517": "Employment invalid",
    "518": "Education invalid",
    "519": "Marital status invalid",
    "520": "Age invalid",
    "522": "Event property limit exceeded",
    "523": "Identity missing",
    "524": "Neither event nor profile",
    "525": "Timestamp not epoch",
    "526": "CleverTap ID invalid",
    "528": "Discarded event raised",
    "555": "Other server error",
}

# Our rules: the title, and the code that CleverTap would answer with, where it has one.
_RULES: Final[dict[Code, tuple[str, str]]] = {
    Code.IDENTITY_MISSING: ("Identity missing", "523"),
    Code.IDENTITY_REFUSED: ("Identity not allowed", "523"),
    Code.IDENTITY_TOO_LONG: ("Identity too long", "523"),
    Code.EVENT_NAME_MISSING: ("Event name missing", "509"),
    Code.EVENT_NAME_FORBIDDEN: ("Forbidden character in the event name", "512"),
    Code.EVENT_NAME_TOO_LONG: ("Event name too long", "512"),
    Code.EVENT_NAME_RESERVED: ("Event of CleverTap’s own", "513"),
    Code.CREATED_ON_MISSING: ("Event time missing", "525"),
    Code.CREATED_ON_OUT_OF_RANGE: ("Event time out of range", "525"),
    Code.TEXT_TOO_LONG: ("Text too long", ""),
    Code.TEXT_UNREADABLE: ("Text that cannot be stored", ""),
    Code.NUMBER_INVALID: ("Not a number", ""),
    Code.NUMBER_NOT_WHOLE: ("Not a whole number", ""),
    Code.NUMBER_OUT_OF_RANGE: ("Number out of range", ""),
    Code.BOOLEAN_INVALID: ("Not a Boolean", ""),
    Code.DATE_INVALID: ("Not a date of the chosen format", ""),
    Code.DATE_OUT_OF_RANGE: ("Date out of range", ""),
    Code.EMAIL_INVALID: ("E-mail not valid", "515"),
    Code.PHONE_INVALID: ("Phone not valid", "516"),
    Code.GENDER_INVALID: ("Gender not valid", "514"),
    Code.CHOICE_INVALID: ("Word that CleverTap does not allow", "517"),
    Code.LIST_TOO_LONG: ("List too long", ""),
    Code.LIST_ITEM_TOO_LONG: ("Value in a list too long", ""),
    Code.CELL_UNREADABLE: ("Value in another form than its column", ""),
    Code.ROW_UNREADABLE: ("Row in another form than its table", ""),
    Code.RECORD_TOO_LARGE: ("Row larger than one request", ""),
}
_BY_VALUE: Final = {code.value: words for code, words in _RULES.items()}
_OF_REQUESTS: Final = {
    "malformed": "Record that CleverTap cannot read",
    "too_large": "Record larger than CleverTap takes",
}


def title_of(*, refused_by: str, code: str) -> str:
    """A few words for the reason; what to do about it is its sentence."""
    if refused_by == "rules":
        return _BY_VALUE.get(code, ("Refused by our rules", ""))[0]
    return OFFICIAL.get(code) or _OF_REQUESTS.get(code) or "Refused by CleverTap"


def official_code(*, refused_by: str, code: str) -> str:
    """CleverTap's own number for it, or nothing where CleverTap has none."""
    if refused_by == "rules":
        return _BY_VALUE.get(code, ("", ""))[1]
    return code if code.isdigit() and code != "0" else ""
