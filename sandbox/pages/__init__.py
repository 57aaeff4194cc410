"""The web pages of the sandbox: what it holds, what it received, faults, requests.

Server-rendered, no script; they read the state and change nothing but faults.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sandbox.pages import faults, received, requests, start

if TYPE_CHECKING:
    from sandbox.state import SandboxState

__all__ = ["routes"]

_HERE = Path(__file__).parent


def routes(state: "SandboxState") -> list[Route]:
    """The addresses of the pages, bound to the state."""

    def show_start(request: Request) -> Response:
        return start.view(state)

    def show_received(request: Request) -> Response:
        return received.view(state.clevertap, request)

    def show_requests(request: Request) -> Response:
        return requests.view(state.ledger, request)

    def show_faults(request: Request) -> Response:
        return faults.view(state.faults)

    async def add_fault(request: Request) -> Response:
        return await faults.add(state.faults, request)

    def lift_fault(request: Request) -> Response:
        return faults.lift(state.faults, request.path_params["id"])

    def lift_faults(request: Request) -> Response:
        return faults.lift_all(state.faults)

    return [
        Route("/", show_start, methods=["GET"]),
        Route("/received", show_received, methods=["GET"]),
        Route("/requests", show_requests, methods=["GET"]),
        Route("/faults", show_faults, methods=["GET"]),
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults/lift-all", lift_faults, methods=["POST"]),
        Route("/faults/{id:int}/lift", lift_fault, methods=["POST"]),
        Route("/sandbox.css", _file("sandbox.css", "text/css"), methods=["GET"]),
        Route("/sandbox.svg", _file("sandbox.svg", "image/svg+xml"), methods=["GET"]),
    ]


def _file(name: str, media_type: str) -> Callable[[Request], Response]:
    def send(request: Request) -> Response:
        return FileResponse(_HERE / name, media_type=media_type)

    return send
