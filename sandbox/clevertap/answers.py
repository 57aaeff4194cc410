"""Whole answers of the API, in the bodies that the real one was recorded to give.

Recorded: 400 "Malformed request", 401 (all three), 429. The texts of other statuses follow the
official list of HTTP codes; 502 and 504 come from what stands before an API, and are no JSON.
"""

import json
from typing import Any

from starlette.responses import HTMLResponse, Response

_TYPE = "application/json;charset=utf-8"
_TEXTS = {
    400: "Malformed request",
    401: "Account ID is not valid",
    403: "Operation not allowed",
    404: "Resource not found",
    413: "Request entity too large",
    429: "Too many concurrent requests",
    500: "Internal Server Error",
    503: "System is unavailable. Try again later.",
}
_PROXY = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}


def json_answer(body: Any, status: int = 200) -> Response:
    """JSON in plain ASCII: half a surrogate pair that was sent can be sent back."""
    content = json.dumps(body, separators=(",", ":"))
    return Response(content, status_code=status, headers={"content-type": _TYPE})


def failure(status: int, text: str | None = None) -> Response:
    """A refusal of the request as a whole."""
    error = text or _TEXTS.get(status, "Server error")
    return json_answer({"status": "fail", "error": error, "code": status}, status)


def fault_response(status: int, reason: str | None) -> Response:
    """What the API answers with this status; `reason` replaces the text."""
    if status in _PROXY:
        title = _PROXY[status]
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return HTMLResponse(page, status_code=status)
    return failure(status, reason)
