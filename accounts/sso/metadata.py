"""What the provider says about itself, and the keys that it signs with. Kept for ten minutes."""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

from accounts.sso.settings import Client

TIMEOUT_SECONDS = 5
_KEEP_SECONDS = 600
_LONGEST = 256 * 1024
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as OpenID Connect asks for. Its text is for people."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "Single sign-on does not answer as it should. Try again in a minute, or sign in here."
        )
        self.why = why  # for the log


@dataclass(frozen=True)
class Metadata:
    """Where to send people and codes, and which keys sign."""

    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet


_kept: dict[str, tuple[float, Metadata]] = {}
_lock = threading.Lock()


class ShortAnswers(HTTPAdapter):
    """Reads no more of an answer than one can be, however long the provider talks."""

    def send(self, *arguments: Any, **more: Any) -> requests.Response:
        answer = super().send(*arguments, **{**more, "stream": True})
        with answer:
            answer._content = answer.raw.read(_LONGEST + 1, decode_content=True)
        if len(answer.content) > _LONGEST:
            raise requests.RequestException("the answer is too long")
        return answer


def metadata_of(client: Client, *, afresh: bool = False) -> Metadata:
    """The provider's metadata; ``afresh`` after its keys have changed.

    Raises:
        ProviderUnavailable: no answer, or one that must not be trusted.
    """
    with _lock:
        until, known = _kept.get(client.issuer, (0.0, None))
        if known and not afresh and until > time.monotonic():
            return known
    found = _ask(client)
    with _lock:
        _kept[client.issuer] = (time.monotonic() + _KEEP_SECONDS, found)
    return found


def _ask(client: Client) -> Metadata:
    about = _json(client, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != client.issuer:
        raise ProviderUnavailable("its issuer is not the configured one")
    addresses = [about.get(name) for name in ("authorization_endpoint", "token_endpoint")]
    for address in addresses:
        demand_https(client, address)
    try:
        keys = KeySet.import_key_set(_json(client, about.get("jwks_uri")))  # type: ignore[arg-type]
    except (ValueError, KeyError, TypeError):
        raise ProviderUnavailable("its keys cannot be read") from None
    return Metadata(str(addresses[0]), str(addresses[1]), keys)


def demand_https(client: Client, address: object) -> None:
    """Refuse an address that is not https, except on this machine where that is allowed.

    Raises:
        ProviderUnavailable: it is not.
    """
    parts = urlsplit(address if isinstance(address, str) else "")
    is_here = client.may_be_plain and parts.hostname in _LOOPBACK and parts.scheme == "http"
    if not (parts.scheme == "https" and parts.hostname) and not is_here:
        raise ProviderUnavailable("it names an address that is not https")


def _json(client: Client, address: object) -> dict[str, Any]:
    demand_https(client, address)
    try:
        with requests.Session() as session:
            session.mount(f"{urlsplit(str(address)).scheme}://", ShortAnswers())
            answer = session.get(str(address), timeout=TIMEOUT_SECONDS, allow_redirects=False)
        if answer.status_code != 200:
            raise ProviderUnavailable(f"it answers {answer.status_code}")
        found = answer.json()
    except (requests.RequestException, ValueError, OSError):
        raise ProviderUnavailable("no readable answer") from None
    if not isinstance(found, dict):
        raise ProviderUnavailable("its answer is no object")
    return found
