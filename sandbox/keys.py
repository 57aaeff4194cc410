"""`GET /keys/<name>.json`: the sample service-account keys to download."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.google.accounts import PROJECT
from sandbox.state import SandboxState


def routes(state: SandboxState) -> list[Route]:
    """The address, bound to the state."""

    def download(request: Request) -> Response:
        name = request.path_params["name"]
        key = state.accounts.key_file(name, state.base_url)
        if key is None:
            return JSONResponse({"error": "There is no sample key of this name."}, 404)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{PROJECT}-{name}.json"',
        }
        body = json.dumps(key, indent=2) + "\n"
        return Response(body, media_type="application/json", headers=headers)

    return [Route("/keys/{name}.json", download, methods=["GET"])]
