"""The gate before every handler: keeps the ledger and carries out faults on whole requests.

Knows paths and headers, never bodies. Needs the server's transport to close a connection.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import LOOK_SECONDS, Call, Rule
from sandbox.ledger import Entry, attach
from sandbox.state import SandboxState

FaultAnswer = Callable[[int, str | None], Response]

TRANSPORT = "sandbox.transport"
CLOSED_UNANSWERED = 0
_LONGEST_HANG = 600.0
_SERVICES = {
    "/token": "token",
    "/bigquery/": "bigquery",
    "/upload/bigquery/": "bigquery",
    "/clevertap/": "clevertap",
}
# What answers in the place of an API where a proxy wants to know who goes out.
_SIGN_IN = "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
_RESOURCE = re.compile(r"/datasets/([^/:?]+)(?:/tables/([^/:?]+))?")


class Gate:
    """ASGI middleware; `answers` gives each service's real error body for a status."""

    def __init__(
        self, app: ASGIApp, state: SandboxState, answers: Mapping[str, FaultAnswer]
    ) -> None:
        self._app = app
        self._state = state
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = _service(scope["path"]) if scope["type"] == "http" else None
        if service is None:
            await self._app(scope, receive, send)
            return
        call = self._call(service, scope)
        entry = Entry(service, scope["method"], scope["path"], _known(call))
        watched = _Watched(send)
        self._state.ledger.record(entry)
        attach(scope, entry)
        try:
            await self._pass(call, entry, scope, receive, watched)
        finally:
            self._state.ledger.complete(entry, watched.status)

    async def _pass(
        self, call: Call, entry: Entry, scope: Scope, receive: Receive, watched: "_Watched"
    ) -> None:
        if rule := self._take("hang", call, entry):
            await _hang(rule.seconds or _LONGEST_HANG, receive)
            await _close_unanswered(scope, receive)
        elif self._take("drop_before", call, entry):
            await _close_unanswered(scope, receive)
        else:
            if rule := self._take("latency", call, entry):
                await _delay(rule)
            await self._answer(call, entry, scope, receive, watched)

    async def _answer(
        self, call: Call, entry: Entry, scope: Scope, receive: Receive, watched: "_Watched"
    ) -> None:
        if rule := self._take("status", call, entry):
            answer = self._answers[call.service](rule.status or 500, rule.reason)
            if rule.seconds is not None:
                answer.headers["Retry-After"] = str(round(rule.seconds))
            await answer(scope, receive, watched)
        elif self._take("html", call, entry):
            await HTMLResponse(_SIGN_IN)(scope, receive, watched)
        elif self._take("half_answer", call, entry):
            await self._app(scope, receive, _Halved(watched))
            await _close_unanswered(scope, receive)
        elif self._take("lost_answer", call, entry):
            await self._app(scope, receive, _swallow)
            await _close_unanswered(scope, receive)
        else:
            await self._app(scope, receive, watched)

    def _take(self, effect: str, call: Call, entry: Entry) -> Rule | None:
        rule = self._state.faults.take(effect, call)
        if rule is not None:
            entry.facts["fault"] = effect
        return rule

    def _call(self, service: str, scope: Scope) -> Call:
        headers = Headers(scope=scope)
        account = headers.get("x-clevertap-account-id")
        if service == "bigquery":
            account = self._state.tokens.email_of(headers.get("authorization", ""))
        named = _RESOURCE.search(scope["path"])
        dataset, table = named.groups() if named else (None, None)
        return Call(service, scope["method"], scope["path"], account, None, dataset, table)


class _Watched:
    """A `send` that remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = CLOSED_UNANSWERED

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Halved:
    """A `send` that announces the whole answer, and gives the first half of it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await self._send(message)


def _service(path: str) -> str | None:
    return next((name for start, name in _SERVICES.items() if path.startswith(start)), None)


def _known(call: Call) -> dict[str, str]:
    return {"account": call.account} if call.account else {}


async def _swallow(message: Message) -> None:
    """The answer that gets lost."""


async def _delay(rule: Rule) -> None:
    """Wait until the time is up, or the rule is lifted."""
    end = time.monotonic() + (rule.seconds or 0)
    while not rule.is_lifted and (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, LOOK_SECONDS))


async def _hang(seconds: float, receive: Receive) -> None:
    """Wait until the client leaves, or the time is up."""
    try:
        async with asyncio.timeout(seconds):
            await _until_gone(receive)
    except TimeoutError:
        return


async def _close_unanswered(scope: Scope, receive: Receive) -> None:
    transport = scope.get(TRANSPORT)
    if transport is None:
        raise ConnectionAbortedError("the server gives no hold on its connection")
    transport.close()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
