"""The gateway to CleverTap's upload API; the only place that speaks to it."""

from imports.clevertap.answers import RECORD_CODES, TRANSIENT_CODE, Answer, RecordVerdict
from imports.clevertap.client import CleverTap
from imports.clevertap.errors import (
    SENTENCES,
    CleverTapError,
    CleverTapOutcomeUnknown,
    CleverTapRefused,
    CleverTapUnavailable,
    Reason,
)

__all__ = [
    "RECORD_CODES",
    "SENTENCES",
    "TRANSIENT_CODE",
    "Answer",
    "CleverTap",
    "CleverTapError",
    "CleverTapOutcomeUnknown",
    "CleverTapRefused",
    "CleverTapUnavailable",
    "Reason",
    "RecordVerdict",
]
