"""All of Google's addresses together.

`sandbox.app` calls `routes`, `token_fault` and `api_fault`.
"""

from starlette.routing import Route

from sandbox.google import datasets, grants, jobs_api, projects, results_api, tables, uploads
from sandbox.google.errors import api_fault
from sandbox.google.grants import token_fault
from sandbox.state import SandboxState

__all__ = ["api_fault", "routes", "token_fault"]


def routes(state: SandboxState) -> list[Route]:
    """All of Google's addresses, bound to the state."""
    parts = (grants, projects, datasets, tables, jobs_api, uploads, results_api)
    return [route for part in parts for route in part.routes(state)] + projects.unknown(state)
