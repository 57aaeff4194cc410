"""From an HTTP request to a handler of the API, and back: who asks, what with, errors."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.google.access import Caller, Unauthenticated, caller_of, need_known_project
from sandbox.google.errors import ApiError, invalid, unauthenticated
from sandbox.state import SandboxState

ROOT = "/bigquery/v2"
UPLOADS = "/upload"
_MOST_BYTES = 10 * 1024 * 1024
_MOST_UPLOADED = 16 * 1024 * 1024  # in one request; clients send no more than ten at a time


@dataclass(frozen=True)
class Ask:
    """One authenticated request; `path` holds the ids of the address, `body` its JSON.

    Of an upload `raw` is what was sent, and `body` is empty.
    """

    request: Request
    caller: Caller
    state: SandboxState
    path: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters after the question mark."""
        return self.request.query_params

    def number(self, name: str) -> int | None:
        """A whole number from the query. Raises: ApiError when it is none."""
        return whole(name, self.query.get(name))


Handler = Callable[[Ask], Any]


def whole(name: str, value: object) -> int | None:
    """A number as the API takes it, digits or a string of them. Raises: ApiError."""
    if value is None or value == "":
        return None
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise invalid(f"Invalid value for {name}: {text[:100]}")
    return int(text)


def route(path: str, method: str, handler: Handler, state: SandboxState) -> Route:
    """A route below the API's root; a plain handler runs in a thread."""
    return Route(ROOT + path, _endpoint(handler, state), methods=[method])


def upload_route(path: str, method: str, handler: Handler, state: SandboxState) -> Route:
    """A route where a client sends the bytes of a load job."""
    endpoint = _endpoint(handler, state, is_upload=True)
    return Route(UPLOADS + ROOT + path, endpoint, methods=[method])


def _endpoint(
    handler: Handler, state: SandboxState, *, is_upload: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            ask = await _ask(request, state, is_upload=is_upload)
            if inspect.iscoroutinefunction(handler):
                answer = await handler(ask)
            else:
                answer = await run_in_threadpool(handler, ask)
        except Unauthenticated as refused:
            return unauthenticated(token_given=refused.token_given)
        except ApiError as refused:
            return refused.response()
        return _response(answer, request)

    return endpoint


async def _ask(request: Request, state: SandboxState, *, is_upload: bool) -> Ask:
    caller = caller_of(request, state.tokens, state.accounts, state.faults)
    if "project" in request.path_params:
        need_known_project(request.path_params["project"])
    raw = await _bytes(request, _MOST_UPLOADED if is_upload else _MOST_BYTES)
    if is_upload:
        return Ask(request, caller, state, request.path_params, raw=raw)
    return Ask(request, caller, state, request.path_params, document_of(raw))


async def _bytes(request: Request, most: int) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ApiError("invalid", f"Request payload size exceeds the limit: {most} bytes.", 413)
    return body


def document_of(body: bytes) -> dict[str, Any]:
    """The JSON object that was sent; nothing is an empty one. Raises: ApiError."""
    if not body:
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("parseError", "Parse Error", 400) from None
    if not isinstance(document, dict):
        raise ApiError("parseError", "Parse Error", 400)
    return document


def _response(answer: Any, request: Request) -> Response:
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status_code=204)
    return JSONResponse(partial(answer, request.query_params.get("fields")))


def partial(answer: dict[str, Any], fields: str | None) -> dict[str, Any]:
    """The top-level members that the `fields` parameter asks for."""
    if not fields or fields == "*":
        return answer
    wanted = {name.split("/")[0].split("(")[0].strip() for name in fields.split(",")}
    return {name: value for name, value in answer.items() if name in wanted}
