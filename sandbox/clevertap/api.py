"""CleverTap's two addresses: `POST /1/upload` and `GET /v1/connect`, below /clevertap.

HTTP only: the judging is in `upload` and `records`, the keeping in `store`.
"""

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clevertap.accounts import Accounts
from sandbox.clevertap.answers import failure, json_answer
from sandbox.clevertap.flights import UPLOAD_PATH, too_many
from sandbox.clevertap.refusals import BY_CODE, SERVER, Refusal
from sandbox.clevertap.store import Batch
from sandbox.clevertap.upload import UploadRefused, Verdict, judge, read
from sandbox.faults import Call
from sandbox.ledger import note

if TYPE_CHECKING:
    from sandbox.state import SandboxState

BODY_LIMIT = 5 * 1024 * 1024
_ID_LENGTH = 12
_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class BodyTooLarge(Exception):
    """More than the stand-in takes in one request."""


def routes(state: "SandboxState") -> list[Route]:
    """The addresses, bound to the state."""

    async def upload(request: Request) -> Response:
        refusal = _sender_refusal(request, state.clevertap.accounts)
        if refusal is None and too_many(request):
            refusal = failure(429)
        if refusal is not None:
            return refusal
        try:
            body = await _body(request)
        except BodyTooLarge:
            return failure(413)
        return await run_in_threadpool(_process, state, request, body)

    async def connect(request: Request) -> Response:
        refusal = _sender_refusal(request, state.clevertap.accounts)
        if refusal is not None:
            return refusal
        if not request.query_params.get("partner", "").strip():
            return failure(400, "Invalid parameter passed")
        return json_answer({"status": "success"})

    return [
        Route(UPLOAD_PATH, upload, methods=["POST"]),
        Route("/clevertap/v1/connect", connect, methods=["GET"]),
    ]


def _sender_refusal(request: Request, accounts: Accounts) -> Response | None:
    account_id = request.headers.get("x-clevertap-account-id", "")
    if len(account_id) != _ID_LENGTH:
        return failure(401, "12 digit account ID mandatory")
    if not accounts.knows(account_id):
        return failure(401, "Account ID is not valid")
    if not accounts.opens(account_id, request.headers.get("x-clevertap-passcode", "")):
        return failure(401, "Passcode Invalid")
    return None


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _process(state: "SandboxState", request: Request, body: bytes) -> Response:
    sha256 = hashlib.sha256(body).hexdigest()
    run, batch = _origin(request)
    note(request, run=run, batch=batch, sha256=sha256)
    try:
        records = read(body)
    except UploadRefused as refused:
        return failure(400, refused.text)
    note(request, records=len(records))
    if _is_malformed(state, request, body):
        return failure(400)
    verdict = judge(records, _forced(state, request, len(records)))
    kept = Batch(
        account=request.headers["x-clevertap-account-id"],
        received_at=time.time(),
        sha256=sha256,
        records=len(records),
        run=run,
        batch=batch,
        dry_run=request.query_params.get("dryRun") == "1",
        accepted=verdict.accepted,
        refused_by_code=verdict.refused_by_code(),
    )
    state.clevertap.keep(kept)
    _note_verdict(request, kept, verdict)
    return json_answer(_told(state, request, verdict))


def _origin(request: Request) -> tuple[str | None, int | None]:
    """Run and batch as the importer states them; anything else in their place is ignored."""
    run = request.headers.get("x-clevertap-bq-run", "").lower()
    batch = request.headers.get("x-clevertap-bq-batch", "")
    known_batch = batch.isascii() and batch.isdigit() and len(batch) <= 9
    return (
        run if _RUN.fullmatch(run) else None,
        int(batch) if known_batch else None,
    )


def _call(request: Request) -> Call:
    account = request.headers["x-clevertap-account-id"]
    return Call("clevertap", request.method, request.url.path, account)


def _is_malformed(state: "SandboxState", request: Request, body: bytes) -> bool:
    """Whether a fault makes a record of the body one that the API cannot read."""
    rule = state.faults.take("malformed", _call(request), holding=body)
    if rule is not None:
        note(request, fault=rule.effect)
    return rule is not None


def _told(state: "SandboxState", request: Request, verdict: Verdict) -> dict[str, Any]:
    """The answer; by a fault its sum leaves out a record that is stored."""
    answer = verdict.body()
    rule = state.faults.take("miscount", _call(request))
    if rule is not None:
        note(request, fault=rule.effect)
        answer["processed"] = max(0, answer["processed"] - 1)
    return answer


def _forced(state: "SandboxState", request: Request, count: int) -> dict[int, Refusal]:
    """The positions that a fault refuses, with the code that the fault names."""
    rule = state.faults.take("refuse_rows", _call(request))
    if rule is None:
        return {}
    note(request, fault=rule.effect)
    refusal = BY_CODE.get(rule.code or SERVER.code, SERVER)
    return dict.fromkeys(rule.positions(count), refusal)


def _note_verdict(request: Request, kept: Batch, verdict: Verdict) -> None:
    note(
        request,
        records=kept.records,
        accepted=len(verdict.accepted),
        refused=len(verdict.unprocessed),
        dry_run=kept.dry_run or None,
    )
