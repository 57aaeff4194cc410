"""The two ways in which BigQuery can fail us: try again, or do not (docs/adr/0002).

An error carries our reason and our sentence. Google's own text is never part of it.
"""

from enum import StrEnum

from connections.bigquery.causes import Cause


class Reason(StrEnum):
    """Why a call failed. A closed list: stored, filtered on and shown as a code."""

    KEY_UNUSABLE = "key_unusable"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - a reason, not a secret
    KEY_DELETED_OR_ROTATED = "key_deleted_or_rotated"
    ACCOUNT_NOT_FOUND = "account_not_found"
    ACCOUNT_DISABLED = "account_disabled"
    CLOCK_SKEW = "clock_skew"
    API_DISABLED = "api_disabled"
    PROJECT_NOT_FOUND = "project_not_found"
    PROJECT_SUSPENDED = "project_suspended"
    BILLING_DISABLED = "billing_disabled"
    POLICY_DENIED = "policy_denied"
    PERMISSION_DENIED = "permission_denied"
    DATASET_NOT_FOUND = "dataset_not_found"
    TABLE_NOT_FOUND = "table_not_found"
    TABLE_NOT_OURS = "table_not_ours"
    TABLE_DIFFERS = "table_differs"
    JOB_NOT_FOUND = "job_not_found"
    NAME_INVALID = "name_invalid"
    WRONG_LOCATION = "wrong_location"
    INVALID_QUERY = "invalid_query"
    NOT_READABLE = "not_readable"
    BYTES_CAP = "bytes_cap"
    TOO_LARGE = "too_large"
    QUOTA = "quota"
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "timeout"
    NETWORK = "network"
    TLS = "tls"
    FOREIGN_ANSWER = "foreign_answer"
    SERVER_ERROR = "server_error"
    CANCELLED = "cancelled"
    JOB_CONFLICT = "job_conflict"
    JOB_NOT_DONE = "job_not_done"
    RESULT_EXPIRED = "result_expired"
    UNEXPECTED = "unexpected"


class BigQueryError(Exception):
    """A call that failed. ``sentence`` says what is wrong, where, and what to do.

    ``permission`` is one of those that we know by name; ``resource`` and ``table`` are made
    of the identifiers that we asked for, ``table`` only where one stored table is meant;
    ``location_in_sql`` is (line, column), both from 1; ``causes`` stand in order.
    """

    def __init__(  # noqa: PLR0913 - one argument per fact
        self,
        reason: Reason,
        sentence: str,
        *,
        permission: str | None = None,
        resource: str | None = None,
        table: str | None = None,
        location_in_sql: tuple[int, int] | None = None,
        causes: tuple[Cause, ...] = (),
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = sentence
        self.permission = permission
        self.resource = resource
        self.table = table
        self.location_in_sql = location_in_sql
        self.causes = causes

    def __str__(self) -> str:
        return self.sentence


class BigQueryUnavailable(BigQueryError):
    """No verdict: the same call may succeed later."""


class BigQueryRefused(BigQueryError):
    """A verdict: the same call fails again until somebody changes something."""
