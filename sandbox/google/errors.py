"""Google's refusals: status, reason and wording as the real service gives them.

Wording: docs, public issues and captured logs; the reference notes say which is which.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 502: "UNAVAILABLE",
    503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip

_HTTP_OF_REASON = {
    "accessDenied": 403, "accessNotConfigured": 403, "backendError": 503, "billingNotEnabled": 403,
    "bytesBilledLimitExceeded": 400, "duplicate": 409, "internalError": 500, "invalid": 400,
    "invalidQuery": 400, "notFound": 404, "notImplemented": 501, "quotaExceeded": 403,
    "rateLimitExceeded": 403, "responseTooLarge": 403, "stopped": 499, "timeout": 400,
}  # fmt: skip

_API_DISABLED = (
    "BigQuery API has not been used in project 471147114711 before or it is disabled. Enable it "
    "by visiting https://console.developers.google.com/apis/api/bigquery.googleapis.com/overview"
    "?project=471147114711 then retry. If you enabled this API recently, wait a few minutes for "
    "the action to propagate to our systems and retry."
)
_NO_BILLING = (
    "Billing has not been enabled for this project. Enable billing at "
    "https://console.cloud.google.com/billing. Datasets must have a default expiration time and "
    "default partition expiration time of less than 60 days while in sandbox mode."
)
_QUOTA = "Quota exceeded: Your project exceeded quota for free query bytes scanned."
_RATE = (
    "Exceeded rate limits: too many api requests per user per method for this user_method. "
    "For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas"
)
_RETRY = "The service is currently unavailable."
_INTERNAL = (
    "An internal error occurred and the request could not be completed. This is usually caused "
    "by a transient issue. Retrying the job with back-off as described in the BigQuery SLA "
    "should solve the problem: https://cloud.google.com/bigquery/sla."
)

_FAULTS = {
    "accessDenied": "Access Denied: Access is denied by a fault of the sandbox.",
    "accessNotConfigured": _API_DISABLED,
    "backendError": _RETRY,
    "badGateway": "Bad Gateway",
    "billingNotEnabled": _NO_BILLING,
    "gatewayTimeout": "The service did not answer in time.",
    "internalError": _INTERNAL,
    "quotaExceeded": _QUOTA,
    "rateLimitExceeded": _RATE,
}
_FAULT_OF_STATUS = {
    403: "accessDenied", 429: "rateLimitExceeded", 500: "internalError", 502: "badGateway",
    503: "backendError", 504: "gatewayTimeout",
}  # fmt: skip


@dataclass(eq=False)
class ApiError(Exception):
    """A refusal of a request, or the reason why a job failed."""

    reason: str
    message: str
    status: int = 0
    location: str | None = None

    @property
    def http(self) -> int:
        """The HTTP status that goes with it."""
        return self.status or _HTTP_OF_REASON.get(self.reason, 400)

    def as_proto(self) -> dict[str, str]:
        """The `ErrorProto` of a job's status."""
        proto = {"reason": self.reason, "message": self.message}
        return proto | ({"location": self.location} if self.location else {})

    def response(self) -> Response:
        """The HTTP answer."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.reason == "invalidQuery":
            detail |= {"location": "q", "locationType": "parameter"}
        return _answer(self.http, self.message, detail)


def _answer(status: int, message: str, detail: dict[str, str]) -> Response:
    error: dict[str, Any] = {"code": status, "message": message, "errors": [detail]}
    if status in _STATUS:
        error["status"] = _STATUS[status]
    headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'}
    return JSONResponse({"error": error}, status, headers if status == 401 else None)


def api_fault(status: int, reason: str | None) -> Response:
    """BigQuery's body for a status that a fault asks for."""
    if status == 401:
        return unauthenticated(token_given=True)
    chosen = reason or _FAULT_OF_STATUS.get(status, "invalid")
    message = _FAULTS.get(chosen, "The request is refused by a fault of the sandbox.")
    return ApiError(chosen, message, status).response()


def unauthenticated(*, token_given: bool) -> Response:
    """401: no token at all, or one that is unknown or expired."""
    what = "had invalid authentication credentials" if token_given else (
        "is missing required authentication credential"
    )  # fmt: skip
    message = (
        f"Request {what}. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    detail = {
        "message": "Invalid Credentials" if token_given else "Login Required.",
        "domain": "global",
        "reason": "authError" if token_given else "required",
        "location": "Authorization",
        "locationType": "header",
    }
    return _answer(401, message, detail)


def project_denied(project: str, permission: str) -> ApiError:
    """A permission that is asked of the project."""
    return ApiError(
        "accessDenied",
        f"Access Denied: Project {project}: User does not have {permission} permission in "
        f"project {project}.",
    )


def dataset_denied(project: str, dataset: str, permission: str) -> ApiError:
    """A permission that is asked of a dataset; also the answer for one that does not exist."""
    name = f"{project}:{dataset}"
    return ApiError(
        "accessDenied",
        f"Access Denied: Dataset {name}: Permission {permission} denied on dataset {name} "
        "(or it may not exist).",
    )


def table_denied(project: str, dataset: str, table: str, permission: str) -> ApiError:
    """A permission that is asked of a table."""
    name = f"{project}:{dataset}.{table}"
    return ApiError(
        "accessDenied",
        f"Access Denied: Table {name}: Permission {permission} denied on table {name} "
        "(or it may not exist).",
    )


def query_denied(project: str, dataset: str, table: str) -> ApiError:
    """A table that a query may not read."""
    name = f"{project}:{dataset}.{table}"
    return ApiError(
        "accessDenied",
        f"Access Denied: Table {name}: User does not have permission to query table {name}, "
        "or perhaps it does not exist.",
    )


def not_found(kind: str, name: str, location: str | None = None) -> ApiError:
    """A project, dataset, table or job that is not there (in that location)."""
    where = f" was not found in location {location}" if location else ""
    return ApiError("notFound", f"Not found: {kind} {name}{where}")


def duplicate(kind: str, name: str) -> ApiError:
    """A dataset, table or job that is there already."""
    return ApiError("duplicate", f"Already Exists: {kind} {name}")


def invalid(message: str) -> ApiError:
    """A request that is not well formed."""
    return ApiError("invalid", message)


def invalid_query(message: str) -> ApiError:
    """SQL that cannot be run."""
    return ApiError("invalidQuery", message, location="query")


def not_imitated(what: str) -> ApiError:
    """Something that BigQuery has and the sandbox has not."""
    return ApiError("notImplemented", f"The sandbox does not imitate {what}.")
