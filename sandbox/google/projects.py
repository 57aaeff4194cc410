"""`projects.list`, and the answer to addresses that the sandbox does not have."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.google.accounts import PROJECT
from sandbox.google.errors import ApiError
from sandbox.google.serving import ROOT, Ask, route
from sandbox.state import SandboxState

NUMBER = "471147114711"


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    return [
        route("/projects", "GET", list_projects, state),
        route("/projects/{project}/serviceAccount", "GET", service_account, state),
    ]


def unknown(state: SandboxState) -> list[Route]:
    """The last route: everything else below the API's root."""

    async def nothing(request: Request) -> Response:
        return ApiError("notFound", "Not Found", 404).response()

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route(ROOT + "/{rest:path}", nothing, methods=methods)]


def list_projects(ask: Ask) -> dict[str, Any]:
    """The one project, for an account with any role on the project itself."""
    known = any(binding.dataset is None for binding in ask.caller.account.bindings)
    project = {
        "kind": "bigquery#project",
        "id": PROJECT,
        "numericId": NUMBER,
        "projectReference": {"projectId": PROJECT},
        "friendlyName": "Sandbox shop",
    }
    found = [project] if known else []
    return {
        "kind": "bigquery#projectList",
        "etag": "sandbox",
        "projects": found,
        "totalItems": len(found),
    }


def service_account(ask: Ask) -> dict[str, Any]:
    """The project's own service agent."""
    email = f"bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com"
    return {"kind": "bigquery#getServiceAccountResponse", "email": email}
