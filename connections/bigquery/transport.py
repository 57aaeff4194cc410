"""Sessions and credentials for one service account.

Both addresses come from the server's own table. Redirects are never followed, so neither
a signed assertion nor a token can be led elsewhere. For a Google that is not Google (the
sandbox) nothing leaves its address: no proxy, no look-up at other hosts of Google's.
"""

import json
from http import HTTPStatus
from typing import Any, Final

import requests
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import AuthorizedSession, Request
from google.cloud import bigquery
from google.oauth2 import service_account

from connections.bigquery.errors import BigQueryRefused, Reason
from connections.bigquery.punctual import PunctualAdapter
from connections.bigquery.shapes import Endpoints
from connections.service_account import ServiceAccountKey

# https://developers.google.com/identity/protocols/oauth2/scopes#bigquery
SCOPES: Final = ("https://www.googleapis.com/auth/bigquery",)
# Google's annotations forget that None is allowed, and means: once.
NO_RETRY: Final[Any] = None
_TROUBLES: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class TokenServerTrouble(auth_exceptions.TransportError):
    """The token server answered 408, 429 or 5xx: nothing is said about the key."""

    def __init__(self, status: int) -> None:
        super().__init__("token server trouble")  # type: ignore[no-untyped-call]
        self.status = status


class ForeignAnswer(auth_exceptions.TransportError):
    """Something else than a token server answered: a redirect, a page, not JSON."""


class StayingCredentials(service_account.Credentials):
    """Credentials that talk to nobody but the token address.

    google-auth looks up regional boundaries at iamcredentials.googleapis.com in the
    background, whatever the endpoints. The private name is pinned by google-auth's minor
    version and held by a test.
    """

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class TokenRequest(Request):
    """google-auth's transport, without its own tries: those are for the worker to make."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: Any = None,
        timeout: Any = None,
        **options: Any,
    ) -> Any:
        call: Any = super().__call__
        response = call(url, method, body, headers, timeout, **options)
        if method == "POST":
            _check_token_answer(response.status, response.data)
        return response


def _check_token_answer(status: int, body: bytes) -> None:
    """google-auth takes a page for a token, and tells it in its message."""
    if status in _TROUBLES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TokenServerTrouble(status)
    try:
        is_answer = isinstance(json.loads(body), dict)
    except ValueError:
        is_answer = False
    if not is_answer or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise ForeignAnswer


class _NoRedirects:
    def get_redirect_target(self, response: requests.Response) -> None:
        """No answer leads anywhere."""


class TokenSession(_NoRedirects, requests.Session):
    """For the token address."""


class ApiSession(_NoRedirects, AuthorizedSession):
    """For the REST API, with the token."""


def make_credentials(key: ServiceAccountKey, endpoints: Endpoints) -> service_account.Credentials:
    """Credentials with our token address, whatever the key's file said.

    Raises:
        BigQueryRefused: key_unusable, if Google's library cannot load the key.
    """
    kind: Any = service_account.Credentials if endpoints.is_google else StayingCredentials
    try:
        credentials: service_account.Credentials = kind.from_service_account_info(
            key.info(endpoints.token_uri), scopes=SCOPES
        )
    except (ValueError, TypeError, auth_exceptions.GoogleAuthError):
        # Google's message can hold the private key.
        raise BigQueryRefused(
            Reason.KEY_UNUSABLE,
            "The private key cannot be loaded: the key file was changed or cut off. "
            "Upload the key file again, as Google Cloud gave it.",
        ) from None
    return credentials


def make_token_request(endpoints: Endpoints) -> TokenRequest:
    """What credentials are refreshed with."""
    return TokenRequest(_settled(TokenSession(), endpoints))


def make_client(
    project: str,
    credentials: service_account.Credentials,
    token_request: TokenRequest,
    endpoints: Endpoints,
) -> bigquery.Client:
    """Google's own client over our session."""
    session = ApiSession(  # type: ignore[no-untyped-call]
        credentials, max_refresh_attempts=1, auth_request=token_request
    )
    client = bigquery.Client(
        project=project,
        credentials=credentials,
        _http=_settled(session, endpoints),
        client_options={"api_endpoint": endpoints.api_endpoint},
    )
    # GOOGLE_API_USE_MTLS_ENDPOINT=always would prefer this one to ours.
    client._connection.API_BASE_MTLS_URL = endpoints.api_endpoint
    return client


def _settled(session: requests.Session, endpoints: Endpoints) -> requests.Session:
    """Proxy and CA file are the operator's choice on the way to Google, and only there."""
    session.trust_env = endpoints.is_google
    session.mount("https://", PunctualAdapter())
    session.mount("http://", PunctualAdapter())
    # With no auth of its own, a session lets ~/.netrc overwrite the token's header.
    session.auth = _keep_header
    return session


def _keep_header(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
