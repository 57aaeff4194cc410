"""Sends people to the provider and reads who they are from what comes back.

Authorisation code with PKCE, state and nonce; the ID token is checked in full. Knows neither
Django nor our rows.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from accounts.sso.metadata import (
    TIMEOUT_SECONDS,
    Metadata,
    ProviderUnavailable,
    ShortAnswers,
    metadata_of,
)
from accounts.sso.settings import Client

# No "none", and no secret that both sides know: only the provider can sign.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_LEEWAY_SECONDS = 60
# As long as a mail address may be, and as OpenID Connect allows: none is cut, or two would be one.
_LONGEST_EMAIL, _LONGEST_SUBJECT = 254, 255


class ProviderRefused(Exception):
    """What came back does not say who this is. Its text is for people."""

    def __init__(self, why: str) -> None:
        super().__init__("Single sign-on did not say who you are. Begin again.")
        self.why = why  # for the log and the trail: our words, never the provider's


@dataclass(frozen=True)
class Start:
    """Where to send the browser, and what to keep in its session until it is back."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who the provider says this is."""

    subject: str
    email: str
    is_verified: bool
    claims: dict[str, Any] = field(repr=False)


def begin(client: Client) -> Start:
    """A fresh start of a sign-in.

    Raises:
        ProviderUnavailable: it does not answer.
    """
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    about = metadata_of(client)
    with _session(client) as session:
        url, state = session.create_authorization_url(
            about.authorization_endpoint, code_verifier=verifier, nonce=nonce
        )
    return Start(url, state, nonce, verifier)


def finish(client: Client, start: Start, answer: dict[str, str]) -> Identity:
    """Who came back, from the parameters that they came back with.

    Raises:
        ProviderRefused: it is not the answer to this start, or does not hold.
        ProviderUnavailable: the provider does not answer.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), start.state.encode()):
        raise ProviderRefused("another state")
    if answer.get("iss", client.issuer) != client.issuer:
        raise ProviderRefused("another issuer")  # RFC 9207
    if answer.get("error") or not answer.get("code"):
        raise ProviderRefused("the provider refused, or the person gave up")
    about = metadata_of(client)
    token = _exchange(client, about, start, answer["code"])
    return _identity(_claims(client, about, token, start))


def _session(client: Client) -> OAuth2Session:
    session = OAuth2Session(
        client.client_id,
        client.client_secret,
        scope="openid email profile",
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
        default_timeout=TIMEOUT_SECONDS,
    )
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, ShortAnswers())
    return session


def _exchange(client: Client, about: Metadata, start: Start, code: str) -> str:
    try:
        with _session(client) as session:
            found = session.fetch_token(
                about.token_endpoint,
                code=code,
                code_verifier=start.verifier,
                grant_type="authorization_code",
                allow_redirects=False,
            )
    except AuthlibBaseError:
        raise ProviderRefused("the code was not taken") from None
    except (requests.RequestException, ValueError, OSError):
        raise ProviderUnavailable("no readable answer for the code") from None
    token = found.get("id_token") if isinstance(found, dict) else None
    if not isinstance(token, str):
        raise ProviderRefused("there is no ID token")
    return token


def _claims(client: Client, about: Metadata, token: str, start: Start) -> dict[str, Any]:
    try:
        try:
            read = jwt.decode(token, about.keys, algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the provider has new keys
            keys = metadata_of(client, afresh=True).keys
            read = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        demanded = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": client.issuer},
            aud={"essential": True, "value": client.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": start.nonce},
        )
        demanded.validate(read.claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise ProviderRefused("the ID token does not hold") from None
    is_for_many = isinstance(read.claims["aud"], list) and len(read.claims["aud"]) > 1
    if is_for_many and read.claims.get("azp") != client.client_id:
        raise ProviderRefused("the ID token is for somebody else")
    return dict(read.claims)


def _identity(claims: dict[str, Any]) -> Identity:
    email = claims.get("email")
    subject = claims.get("sub")
    if not _is_one_line(email, _LONGEST_EMAIL) or not _is_one_line(subject, _LONGEST_SUBJECT):
        raise ProviderRefused("the ID token has no e-mail address, or no id, that can be kept")
    return Identity(
        subject=f"{claims['iss']} {subject}",
        email=email,
        is_verified=claims.get("email_verified") is True,
        claims=claims,
    )


def _is_one_line(said: object, longest: int) -> TypeGuard[str]:
    """A text that every database takes: nothing unseen in it, and no half of a character pair."""
    return isinstance(said, str) and 0 < len(said) <= longest and said.isprintable()
