"""Refusals as Google's gRPC services give them: code, wording, and ErrorInfo as a rich status.

Wording: public issues, as the reference notes say. The codes are those of google.rpc.Code.
"""

from dataclasses import dataclass
from typing import NoReturn

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from sandbox.google.projects import NUMBER

SERVICE_HOST = "bigquerystorage.googleapis.com"

# How a gRPC code is told over HTTP; the ledger and the faults speak of these.
HTTP = {
    grpc.StatusCode.OK: 200, grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401, grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404, grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.CANCELLED: 499, grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNIMPLEMENTED: 501, grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504, grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
}  # fmt: skip
_OF_HTTP = {
    400: grpc.StatusCode.INVALID_ARGUMENT, 401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED, 404: grpc.StatusCode.NOT_FOUND,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED, 499: grpc.StatusCode.CANCELLED,
    500: grpc.StatusCode.INTERNAL, 501: grpc.StatusCode.UNIMPLEMENTED,
    502: grpc.StatusCode.UNAVAILABLE, 503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}  # fmt: skip
_API_DISABLED = (
    f"BigQuery Storage API has not been used in project {NUMBER} before or it is disabled. Enable "
    f"it by visiting https://console.developers.google.com/apis/api/{SERVICE_HOST}/overview"
    f"?project={NUMBER} then retry. If you enabled this API recently, wait a few minutes for the "
    "action to propagate to our systems and retry."
)
_INVALID_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_NO_CREDENTIALS = _INVALID_CREDENTIALS.replace(
    "had invalid authentication credentials", "is missing required authentication credential"
)


@dataclass(eq=False)
class Refusal(Exception):
    """A call that is refused; `info` is the reason of google.rpc.ErrorInfo."""

    code: grpc.StatusCode
    message: str
    info: str | None = None

    def abort(self, context: grpc.ServicerContext) -> NoReturn:
        """End the call with it. Raises, always."""
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        if self.info is not None:
            detail = any_pb2.Any()
            detail.Pack(
                error_details_pb2.ErrorInfo(
                    reason=self.info, domain="googleapis.com", metadata={"service": SERVICE_HOST}
                )
            )
            status.details.append(detail)
        context.abort_with_status(rpc_status.to_status(status))
        raise AssertionError("abort_with_status returned")


def unauthenticated(*, token_given: bool, info: str | None = None) -> Refusal:
    """No token, or none that is good."""
    message = _INVALID_CREDENTIALS if token_given else _NO_CREDENTIALS
    default = None if token_given else "CREDENTIALS_MISSING"
    return Refusal(grpc.StatusCode.UNAUTHENTICATED, message, info or default)


def denied_on_project(project: str, permission: str) -> Refusal:
    """A session that may not be made."""
    message = f"request failed: the user does not have '{permission}' permission for "
    return Refusal(grpc.StatusCode.PERMISSION_DENIED, f"{message}'projects/{project}'")


def denied_on_stream(stream: str, permission: str) -> Refusal:
    """A stream that may not be read."""
    return Refusal(
        grpc.StatusCode.PERMISSION_DENIED,
        f"there was an error operating on '{stream}': the user does not have '{permission}' "
        f"permission for '{stream}'",
    )


def invalid(message: str) -> Refusal:
    """A request that is not well formed, or asks for what cannot be read."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, f"request failed: {message}")


def not_imitated(what: str) -> Refusal:
    """Something that the Storage Read API has and the sandbox has not."""
    return Refusal(grpc.StatusCode.UNIMPLEMENTED, f"The sandbox does not imitate {what}.")


def cut() -> Refusal:
    """What a client is told by its own library when the connection closes unanswered."""
    return Refusal(grpc.StatusCode.UNAVAILABLE, "Socket closed")


def expired() -> Refusal:
    """A session that is older than six hours."""
    return Refusal(
        grpc.StatusCode.FAILED_PRECONDITION, "there was an error operating on it: session expired"
    )


def fault(status: int, reason: str | None) -> Refusal:
    """What a fault asks for, by its HTTP status."""
    if reason in ("accessNotConfigured", "SERVICE_DISABLED"):
        return Refusal(grpc.StatusCode.PERMISSION_DENIED, _API_DISABLED, "SERVICE_DISABLED")
    code = _OF_HTTP.get(status)
    if code is None:
        code = grpc.StatusCode.INTERNAL if status >= 500 else grpc.StatusCode.INVALID_ARGUMENT
    if code == grpc.StatusCode.UNAUTHENTICATED:
        return unauthenticated(token_given=True, info=reason)
    if code == grpc.StatusCode.UNAVAILABLE:
        return Refusal(code, "The service is currently unavailable.", reason)
    return Refusal(code, "The request is refused by a fault of the sandbox.", reason)
