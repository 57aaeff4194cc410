"""The refusals of CleverTap's upload API: official codes, with their sentences.

Sentences marked "recorded" are the real API's own, spacing included; the others follow the
official code list (developer.clevertap.com/docs/api-errors) in the same style.
"""

from typing import NamedTuple


class Refusal(NamedTuple):
    """Why one record of an upload was not processed."""

    code: int
    text: str

    def entry(self, position: int, record: object) -> dict[str, object]:
        """One item of `unprocessed`: the whole record again, and its 1-based position."""
        return {
            "status": "fail",
            "code": self.code,
            "error": f"{self.text}Skipped record number : {position}",
            "record": record,
        }


_NAME = "Event Name is incorrect. ErrorCode:"
_DATA = "Event data is incorrect. ErrorCode: 512 - Invalid event structure."
_PROFILE = "Profile data is incorrect."

NAME_MISSING = Refusal(509, f"{_NAME} 509 - Event name is mandatory. ")  # recorded
NAME_INVALID = Refusal(512, f"{_NAME} 512 - Invalid event structure. ")
NAME_RESTRICTED = Refusal(513, f"{_NAME} 513 - Trying to raise a restricted system event. ")  # rec.
EVENT_NOT_OBJECT = Refusal(512, f"{_DATA} evtData needs to be an object. ")
EVENT_KEY = Refusal(512, f"{_DATA} Property name is not valid. ")
EVENT_VALUE = Refusal(512, f"{_DATA} Property value is not valid. ")
EVENT_ITEMS = Refusal(512, f"{_DATA} Items of a Charged event are not valid. ")
EVENT_PROPERTIES = Refusal(522, "Event data is incorrect. ErrorCode: 522 - Too many properties. ")

GENDER = Refusal(514, f"{_PROFILE} Gender needs to be M/F.")
EMAIL = Refusal(515, f"{_PROFILE} Email is not valid.")  # recorded
PHONE = Refusal(516, f"{_PROFILE} Phone number is not valid.")  # recorded
EMPLOYED = Refusal(517, f"{_PROFILE} Employed needs to be Y/N.")  # recorded
EDUCATION = Refusal(518, f"{_PROFILE} Education needs to be School/College/Graduate..")  # recorded
MARRIED = Refusal(519, f"{_PROFILE} Married needs to be Y/N.")  # recorded
AGE = Refusal(520, f"{_PROFILE} Age is invalid.")  # recorded

IDENTITY = Refusal(523, "Identity is incorrect. ErrorCode: 523 - Identity is missing. ")
TYPE = Refusal(524, "Record is incorrect. ErrorCode: 524 - Data is neither event nor profile. ")
TIMESTAMP = Refusal(525, "Timestamp should be present in the Unix Epoch format. ")  # recorded
OBJECT_ID = Refusal(526, "Identity is incorrect. ErrorCode: 526 - objectId is not valid. ")
DISCARDED = Refusal(528, f"{_NAME} 528 - Discarded event is raised. ")

# The official list has no code for a profile that breaks a limit, so it falls under "other".
PROFILE_NOT_OBJECT = Refusal(555, f"{_PROFILE} profileData needs to be an object.")
PROFILE_KEY = Refusal(555, f"{_PROFILE} Property name is not valid.")
PROFILE_VALUE = Refusal(555, f"{_PROFILE} Property value is not valid.")
PROFILE_PROPERTIES = Refusal(555, f"{_PROFILE} Too many properties.")
SERVER = Refusal(555, "Other server error. ")

BY_CODE = {
    refusal.code: refusal
    for refusal in (
        NAME_MISSING, NAME_INVALID, NAME_RESTRICTED, GENDER, EMAIL, PHONE, EMPLOYED, EDUCATION,
        MARRIED, AGE, EVENT_PROPERTIES, IDENTITY, TYPE, TIMESTAMP, OBJECT_ID, DISCARDED, SERVER,
    )
}  # fmt: skip

MEANINGS = {
    509: "event name missing",
    512: "event structure not valid",
    513: "reserved system event",
    514: "gender not valid",
    515: "e-mail not valid",
    516: "phone not valid",
    517: "employment not valid",
    518: "education not valid",
    519: "marital status not valid",
    520: "age not valid",
    522: "too many event properties",
    523: "identity missing or refused",
    524: "neither event nor profile",
    525: "timestamp not an epoch",
    526: "CleverTap ID not valid",
    528: "discarded event",
    555: "other server error",
}
