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
_MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Ask:
    """One authenticated request; `path` holds the ids of the address, `body` its JSON."""

    request: Request
    caller: Caller
    state: SandboxState
    path: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)

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


def _endpoint(handler: Handler, state: SandboxState) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            ask = await _ask(request, state)
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


async def _ask(request: Request, state: SandboxState) -> Ask:
    caller = caller_of(request, state.tokens, state.accounts, state.faults)
    if "project" in request.path_params:
        need_known_project(request.path_params["project"])
    return Ask(request, caller, state, request.path_params, await _json(request))


async def _json(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ApiError(
                "invalid", "Request payload size exceeds the limit: 10485760 bytes.", 413
            )
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
