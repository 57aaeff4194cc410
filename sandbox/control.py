"""Addresses for tests and pages: ledger, faults, accounts, facts, reset.

JSON in, JSON out, loopback only, no sign-in. Knows no service's own rules.

    GET    /ledger?service=&since=&after=&run=&limit=   entries, oldest first; `since` is epoch
                                                        seconds, `after` a seq
    DELETE /ledger
    GET    /control/faults           POST adds one (see sandbox.faults), DELETE lifts all
    DELETE /control/faults/{id}
    POST   /control/reset            faults, ledger, received rows, jobs; data and keys stay
    GET    /control/facts            exact numbers of the sample data and its dirt
    GET    /control/jobs             BigQuery jobs: id, state, labels, whether cancelled
    GET    /control/storage          where the Storage Read API (gRPC) listens
    GET    /control/accounts         service accounts: e-mail, roles, state; never a key
    PUT    /control/accounts/{name}  {"roles": [...], "disabled": bool}, either or both
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import sample
from sandbox.faults import FaultRefused
from sandbox.google.accounts import AccountRefused
from sandbox.ledger import SERVICES, Filter
from sandbox.state import SandboxState


def routes(state: SandboxState) -> list[Route]:
    """The addresses, bound to the state."""
    desk = _Desk(state)
    return [
        Route("/ledger", desk.ledger, methods=["GET"]),
        Route("/ledger", desk.clear_ledger, methods=["DELETE"]),
        Route("/control/faults", desk.faults, methods=["GET"]),
        Route("/control/faults", desk.add_fault, methods=["POST"]),
        Route("/control/faults", desk.clear_faults, methods=["DELETE"]),
        Route("/control/faults/{id:int}", desk.remove_fault, methods=["DELETE"]),
        Route("/control/reset", desk.reset, methods=["POST"]),
        Route("/control/facts", desk.facts, methods=["GET"]),
        Route("/control/jobs", desk.jobs, methods=["GET"]),
        Route("/control/storage", desk.storage, methods=["GET"]),
        Route("/control/accounts", desk.accounts, methods=["GET"]),
        Route("/control/accounts/{name}", desk.change_account, methods=["PUT"]),
    ]


class _Desk:
    """The handlers. Those that touch files are plain functions, so they run in a thread."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state

    def ledger(self, request: Request) -> Response:
        try:
            wanted = _filter(request)
        except ValueError as refused:
            return _refusal(str(refused))
        entries = self._state.ledger.find(wanted)
        return JSONResponse({"entries": [entry.as_json() for entry in entries]})

    def clear_ledger(self, request: Request) -> Response:
        self._state.ledger.clear()
        return Response(status_code=204)

    def faults(self, request: Request) -> Response:
        return JSONResponse({"faults": [rule.as_json() for rule in self._state.faults.all()]})

    async def add_fault(self, request: Request) -> Response:
        try:
            rule = self._state.faults.add(json.loads(await request.body()))
        except FaultRefused as refused:
            return _refusal(str(refused))
        except ValueError:
            return _refusal("The body must be JSON.")
        return JSONResponse(rule.as_json(), status_code=201)

    def clear_faults(self, request: Request) -> Response:
        self._state.faults.clear()
        return Response(status_code=204)

    def remove_fault(self, request: Request) -> Response:
        if self._state.faults.remove(request.path_params["id"]):
            return Response(status_code=204)
        return _refusal("There is no fault with this id.", 404)

    def reset(self, request: Request) -> Response:
        self._state.reset()
        return Response(status_code=204)

    def facts(self, request: Request) -> Response:
        return JSONResponse(sample.facts())

    def jobs(self, request: Request) -> Response:
        return JSONResponse({"jobs": [job.as_json() for job in self._state.jobs.all()]})

    def storage(self, request: Request) -> Response:
        return JSONResponse({"url": self._state.storage_url})

    def accounts(self, request: Request) -> Response:
        return JSONResponse({"accounts": [one.as_json() for one in self._state.accounts.all()]})

    async def change_account(self, request: Request) -> Response:
        try:
            wanted: Any = json.loads(await request.body())
            changed = self._state.accounts.change(request.path_params["name"], wanted)
        except AccountRefused as refused:
            return _refusal(str(refused), 404 if refused.unknown else 400)
        except ValueError:
            return _refusal("The body must be JSON.")
        return JSONResponse(changed.as_json())


def _filter(request: Request) -> Filter:
    asked = request.query_params
    service = asked.get("service") or None
    if service is not None and service not in SERVICES:
        raise ValueError(f"The service must be one of {', '.join(SERVICES)}.")
    try:
        return Filter(
            service=service,
            since=float(asked["since"]) if asked.get("since") else None,
            after=int(asked["after"]) if asked.get("after") else None,
            run=asked.get("run") or None,
            limit=int(asked.get("limit") or 1000),
        )
    except ValueError:
        raise ValueError("since is a number of seconds; after and limit are integers.") from None


def _refusal(sentence: str, status: int = 400) -> Response:
    return JSONResponse({"error": sentence}, status_code=status)
