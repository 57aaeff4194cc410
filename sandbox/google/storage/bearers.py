"""Whose token a call carries: a JWT that the account signed itself, or one of the token endpoint.

https://google.aip.dev/auth/4111
"""

import time

from sandbox.google.accounts import ServiceAccount
from sandbox.google.jwts import Jwt, parse
from sandbox.google.storage.refusals import SERVICE_HOST, unauthenticated
from sandbox.state import SandboxState

AUDIENCE = f"https://{SERVICE_HOST}/"


def account_of(authorization: str, state: SandboxState) -> ServiceAccount:
    """The account behind an Authorization header. Raises: Refusal."""
    if not authorization:
        raise unauthenticated(token_given=False)
    account = _by_access_token(authorization, state) or _by_jwt(authorization, state)
    if account is None:
        raise unauthenticated(token_given=True)
    if account.disabled:
        raise unauthenticated(token_given=True, info="ACCOUNT_STATE_INVALID")
    return account


def _by_access_token(authorization: str, state: SandboxState) -> ServiceAccount | None:
    email = state.tokens.email_of(authorization)
    return state.accounts.by_email(email) if email else None


def _by_jwt(authorization: str, state: SandboxState) -> ServiceAccount | None:
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        jwt = parse(text.strip())
    except ValueError:
        return None
    account = state.accounts.by_email(str(jwt.claims.get("iss")))
    if account is None or not jwt.is_signed_by(account):
        return None
    return account if _is_meant_for_us(jwt, account) and jwt.is_in_time(time.time()) else None


def _is_meant_for_us(jwt: Jwt, account: ServiceAccount) -> bool:
    return jwt.claims.get("sub") == account.email and jwt.claims.get("aud") == AUDIENCE
