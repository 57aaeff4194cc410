"""The sandbox as one ASGI application: Google's, CleverTap's and its own addresses together.

The Storage Read API is gRPC, so a server of its own stands beside it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox import clevertap, control, keys, pages
from sandbox.gate import TRANSPORT, Gate
from sandbox.google import api as google
from sandbox.google.storage.server import StorageServer
from sandbox.pages.guard import LocalOnly
from sandbox.state import SandboxState, open_state

__all__ = ["SandboxState", "create_app", "open_state"]


class Sandbox(Starlette):
    """A Starlette application that hands its gate the server's connection.

    uvicorn's `send` is a method of its request cycle, which holds the transport; no ASGI
    message can close a connection without an answer, and that is what lost answers are.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


def create_app(state: SandboxState, storage: StorageServer | None = None) -> Starlette:
    """The application over an opened state; closes the state when the server stops.

    `storage` serves beside it, from its start to its stop.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if storage is not None:
            storage.start(state)
            state.storage_url = storage.address
        yield
        if storage is not None:
            await run_in_threadpool(storage.stop)
        state.close()

    answers = {
        "token": google.token_fault,
        "bigquery": google.api_fault,
        "clevertap": clevertap.fault_response,
    }
    return Sandbox(
        routes=[
            Route("/healthz", _healthz),
            *google.routes(state),
            *keys.routes(state),
            *control.routes(state),
            *clevertap.routes(state),
            *pages.routes(state),
        ],
        middleware=[
            Middleware(LocalOnly),
            Middleware(clevertap.Flights),
            Middleware(Gate, state=state, answers=answers),
        ],
        lifespan=lifespan,
    )


async def _healthz(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})
