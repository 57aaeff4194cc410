"""What "CleverTap" received, as JSON for tests and scripts; and its accounts.

Addresses below /control/clevertap/. The API itself is in `api`, the pages are elsewhere.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clevertap.accounts import Account, AccountExists, is_code, make_code
from sandbox.clevertap.answers import json_answer
from sandbox.clevertap.store import Store

_MOST = 10_000


def routes(store: Store) -> list[Route]:
    """The addresses, bound to the store."""

    def counts(request: Request) -> Response:
        return json_answer(store.received.counts(request.query_params.get("run")))

    def clear(request: Request) -> Response:
        store.clear()
        return Response(status_code=204)

    def batches(request: Request) -> Response:
        run = request.query_params.get("run")
        return json_answer({"batches": store.received.batches(run, _limit(request))})

    def profiles(request: Request) -> Response:
        identity = request.query_params.get("identity")
        return json_answer({"profiles": store.received.profiles(identity, _limit(request))})

    def events(request: Request) -> Response:
        identity = request.query_params.get("identity")
        return json_answer({"events": store.received.events(identity, _limit(request))})

    def accounts(request: Request) -> Response:
        return json_answer({"accounts": [account._asdict() for account in store.accounts.all()]})

    async def add_account(request: Request) -> Response:
        return _add_account(store, await request.body())

    below = "/control/clevertap"
    return [
        Route(f"{below}/received", counts, methods=["GET"]),
        Route(f"{below}/received", clear, methods=["DELETE"]),
        Route(f"{below}/batches", batches, methods=["GET"]),
        Route(f"{below}/profiles", profiles, methods=["GET"]),
        Route(f"{below}/events", events, methods=["GET"]),
        Route(f"{below}/accounts", accounts, methods=["GET"]),
        Route(f"{below}/accounts", add_account, methods=["POST"]),
    ]


def _limit(request: Request) -> int:
    wanted = request.query_params.get("limit", "")
    return min(int(wanted[:9]), _MOST) if wanted.isascii() and wanted.isdigit() else 100


def _add_account(store: Store, body: bytes) -> Response:
    try:
        wanted: Any = json.loads(body or b"{}")
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        return json_answer({"error": "The body must be a JSON object."}, 400)
    account = Account(
        str(wanted.get("account_id") or make_code()),
        str(wanted.get("passcode") or make_code()),
        str(wanted.get("name") or "Added account")[:100],
    )
    if not is_code(account.account_id) or not is_code(account.passcode):
        return json_answer(
            {"error": "account_id and passcode look like ABC-DEF-GH1J (capitals and digits)."}, 400
        )
    try:
        store.accounts.add(account)
    except AccountExists:
        return json_answer({"error": "There is an account with this account_id already."}, 409)
    return json_answer(account._asdict(), 201)
