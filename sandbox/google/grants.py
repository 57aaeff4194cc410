"""`POST /token`: an access token for a signed assertion (RFC 7523), with Google's refusals."""

import base64
import binascii
import json
import time
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.google.accounts import Accounts, ServiceAccount
from sandbox.ledger import note
from sandbox.state import SandboxState

AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LONGEST_SECONDS = 3600
_SKEW_SECONDS = 300
_MOST_BYTES = 100_000

_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


class GrantRefused(Exception):
    """No token; `error` and `description` are Google's."""

    def __init__(self, description: str, error: str = "invalid_grant", status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        """The HTTP answer."""
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status)


def routes(state: SandboxState) -> list[Route]:
    """The address, bound to the state."""

    async def token(request: Request) -> Response:
        try:
            form = dict(parse_qsl((await _body(request)).decode("ascii", "replace")))
            account = check(form, state.accounts, time.time())
        except GrantRefused as refused:
            note(request, refused=refused.error)
            return refused.response()
        note(request, account=account.email)
        return JSONResponse(
            state.tokens.issue(account.email), headers={"Cache-Control": "no-store"}
        )

    return [Route("/token", token, methods=["POST"])]


def token_fault(status: int, reason: str | None) -> Response:
    """The token endpoint's body for a status that a fault asks for."""
    if status >= 500:
        return GrantRefused("Internal error", "internal_failure", status).response()
    if status == 429:
        return GrantRefused("Rate limit exceeded", "rate_limit_exceeded", status).response()
    return GrantRefused(reason or "Bad Request", "invalid_grant", status).response()


def check(form: dict[str, str], accounts: Accounts, now: float) -> ServiceAccount:
    """The account that the form's assertion is from. Raises: GrantRefused."""
    if form.get("grant_type") != GRANT:
        raise GrantRefused(
            f"Invalid grant_type: {form.get('grant_type', '')}", "unsupported_grant_type"
        )
    header, claims, signed, signature = _parse(form.get("assertion", ""))
    account = accounts.by_email(str(claims.get("iss", "")))
    if account is None:
        raise GrantRefused("Invalid grant: account not found")
    _check_signature(account, header, signed, signature)
    _check_claims(claims, now)
    if account.disabled:
        raise GrantRefused("Robot is disabled.")
    return account


def _check_signature(
    account: ServiceAccount, header: dict[str, Any], signed: bytes, signature: bytes
) -> None:
    known = header.get("kid") in (None, account.key_id) and not account.key_deleted
    if header.get("alg") != "RS256" or not known:
        raise GrantRefused("Invalid JWT Signature.")
    try:
        account.public_key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise GrantRefused("Invalid JWT Signature.") from None


def _check_claims(claims: dict[str, Any], now: float) -> None:
    if claims.get("aud") != AUDIENCE:
        raise GrantRefused("Invalid JWT: Failed audience check.")
    issued, expires = _number(claims.get("iat")), _number(claims.get("exp"))
    early = issued > now + _SKEW_SECONDS
    late = expires < now - _SKEW_SECONDS
    if early or late or not 0 < expires - issued <= _LONGEST_SECONDS:
        raise GrantRefused(_SHORT_LIVED)
    if not claims.get("scope"):
        raise GrantRefused("Invalid OAuth scope or ID token audience provided.", "invalid_scope")


def _parse(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    parts = assertion.split(".")
    if len(parts) != 3:
        raise GrantRefused("Bad Request" if not assertion else "Invalid JWT")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except (ValueError, RecursionError):
        raise GrantRefused("Invalid JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise GrantRefused("Invalid JWT")
    return header, claims, f"{parts[0]}.{parts[1]}".encode("ascii", "replace"), signature


def _decoded(part: str) -> bytes:
    try:
        padded = part.encode("ascii") + b"=" * (-len(part) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as broken:
        raise ValueError("not base64url") from broken


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GrantRefused(_SHORT_LIVED)
    return value


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise GrantRefused("Bad Request", "invalid_request")
    return body
