"""`POST /token`: an access token for a signed assertion (RFC 7523), with Google's refusals."""

import time
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.google.accounts import Accounts, ServiceAccount
from sandbox.google.jwts import Jwt, parse
from sandbox.ledger import note
from sandbox.state import SandboxState

AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
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
    assertion = _parse(form.get("assertion", ""))
    account = accounts.by_email(str(assertion.claims.get("iss", "")))
    if account is None:
        raise GrantRefused("Invalid grant: account not found")
    if not assertion.is_signed_by(account):
        raise GrantRefused("Invalid JWT Signature.")
    _check_claims(assertion, now)
    if account.disabled:
        raise GrantRefused("Robot is disabled.")
    return account


def _check_claims(assertion: Jwt, now: float) -> None:
    if assertion.claims.get("aud") != AUDIENCE:
        raise GrantRefused("Invalid JWT: Failed audience check.")
    if not assertion.is_in_time(now):
        raise GrantRefused(_SHORT_LIVED)
    if not assertion.claims.get("scope"):
        raise GrantRefused("Invalid OAuth scope or ID token audience provided.", "invalid_scope")


def _parse(assertion: str) -> Jwt:
    if not assertion:
        raise GrantRefused("Bad Request")
    try:
        return parse(assertion)
    except ValueError:
        raise GrantRefused("Invalid JWT") from None


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise GrantRefused("Bad Request", "invalid_request")
    return body
