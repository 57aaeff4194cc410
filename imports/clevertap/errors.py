"""Why a request to CleverTap failed, in two kinds: try again, or do not."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a request failed, as a whole."""

    NO_CONNECTION = "no_connection"
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    TOO_MANY_REQUESTS = "too_many_requests"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"
    COUNTS_DISAGREE = "counts_disagree"
    CREDENTIALS = "credentials"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNEXPECTED = "unexpected"


SENTENCES: dict[Reason, str] = {
    Reason.NO_CONNECTION: (
        "CleverTap could not be reached. Check that this machine may open connections to the "
        "region’s host."
    ),
    Reason.TIMED_OUT: "CleverTap did not answer in time.",
    Reason.CONNECTION_LOST: "The connection to CleverTap broke before its answer arrived.",
    Reason.TOO_MANY_REQUESTS: (
        "CleverTap has too many requests of this account open at once. "
        "Wait, or run fewer imports at the same time."
    ),
    Reason.BUSY: "CleverTap is not available at the moment. Try again later.",
    Reason.SERVER_ERROR: "CleverTap answered with an error of its own server.",
    Reason.UNREADABLE: "CleverTap answered in a form that cannot be read.",
    Reason.COUNTS_DISAGREE: ("CleverTap’s answer does not account for every record of the batch."),
    Reason.CREDENTIALS: (
        "CleverTap refuses the account ID, the passcode or the region. "
        "Compare all three with Settings, Project in CleverTap."
    ),
    Reason.MALFORMED: "CleverTap calls the request malformed: one of its records is the cause.",
    Reason.TOO_LARGE: "The request is larger than CleverTap accepts. Send fewer records at once.",
    Reason.UNEXPECTED: (
        "CleverTap refused the request for a reason that this version does not know. "
        "Check the region of the account."
    ),
}
_NOT_KNOWN = "It is not known whether the batch was stored."


class CleverTapError(Exception):
    """A request failed. ``sentence`` is ours and safe to show and store."""

    def __init__(self, reason: Reason, sentence: str | None = None) -> None:
        self.reason = reason
        self.sentence = sentence or SENTENCES[reason]
        super().__init__(self.sentence)


class CleverTapUnavailable(CleverTapError):
    """Try again. ``was_sent`` False: CleverTap has certainly stored nothing of it.

    ``wait_seconds``: not before so many, if the answer said so.
    """

    was_sent = False

    def __init__(
        self, reason: Reason, sentence: str | None = None, *, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(reason, sentence)
        self.wait_seconds = wait_seconds

    @property
    def is_busy(self) -> bool:
        """CleverTap has more than it takes: fewer requests at a time are the cure."""
        return self.reason in (Reason.TOO_MANY_REQUESTS, Reason.BUSY)


class CleverTapOutcomeUnknown(CleverTapUnavailable):
    """The batch may or may not be stored: a profile batch can be sent again, events count."""

    was_sent = True

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason, f"{SENTENCES[reason]} {_NOT_KNOWN}")


class CleverTapRefused(CleverTapError):
    """Do not try again without a change. Nothing of the request is stored."""
