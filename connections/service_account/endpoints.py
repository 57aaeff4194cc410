"""Which Google a key belongs to. Nothing in a key is ever an address that we follow.

The key's token_uri is compared, whole, with the table that the caller passes; all other
addresses in the file are dropped unread (docs/adr/0005).
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from connections.service_account.refusal import FRESH_KEY, KeyRefused

# Keys made before 2018 carry the older address of the same service.
_FORMER: Final = {
    "https://accounts.google.com/o/oauth2/token": "https://oauth2.googleapis.com/token"
}
_GOOGLE_HOSTS: Final = ("oauth2.googleapis.com", "accounts.google.com")
_LOOK_ALIKE: Final = re.compile(r"google|gstatic|g00gle|goog1e", re.IGNORECASE)
_INTERNAL_NAMES: Final = ("localhost", "metadata", "metadata.google.internal")
_NUMERIC_HOST: Final = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}\.?")

_SENTENCES: Final[dict[str, str]] = {
    "token_uri_whitespace": "The field token_uri contains a line break or a space.",
    "token_uri_http": "The field token_uri is an http address. Google’s is https.",
    "token_uri_scheme": "The field token_uri is not a web address.",
    "token_uri_userinfo": "The field token_uri hides its real host behind an @ sign.",
    "token_uri_address": "The field token_uri points to this server or to an internal address.",
    "token_uri_port": "The field token_uri names another port than Google’s.",
    "token_uri_lookalike": "The field token_uri only looks like Google’s address.",
    "token_uri_path": "The field token_uri is on Google’s host, but is not its token address.",
    "token_uri_host": "The field token_uri points to another host than Google’s.",
}
_CURE: Final = (
    "Somebody changed this file: do not trust it, and ask for a new key. "
    "token_uri must be https://oauth2.googleapis.com/token."
)


def google_of(token_uri: str, token_uris: Mapping[str, str]) -> str:
    """The name of the Google that issued the key. Raises: KeyRefused."""
    name = token_uris.get(_FORMER.get(token_uri, token_uri))
    if name is None:
        code = _what_is_wrong(token_uri)
        raise KeyRefused(code, _SENTENCES[code], _CURE)
    return name


def check_universe(document: Mapping[str, object]) -> None:
    """Raises: KeyRefused, if the key belongs to another cloud than googleapis.com."""
    if document.get("universe_domain", "googleapis.com") != "googleapis.com":
        raise KeyRefused(
            "universe_domain",
            "The key belongs to another Google cloud (universe_domain is not googleapis.com).",
            "Use a key from the public Google Cloud. " + FRESH_KEY,
        )


def _what_is_wrong(token_uri: str) -> str:
    if not token_uri.isprintable() or any(character.isspace() for character in token_uri):
        return "token_uri_whitespace"
    try:
        parts = urlsplit(token_uri)
        port = parts.port
    except ValueError:
        return "token_uri_address" if "[" in token_uri else "token_uri_port"
    if "@" in parts.netloc or "\\" in token_uri:
        return "token_uri_userinfo"
    if _is_internal(_host(parts)):
        return "token_uri_address"
    return _wrong_scheme(parts) or _wrong_host(_host(parts), port)


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").casefold()


def _wrong_scheme(parts: SplitResult) -> str | None:
    if parts.scheme == "https" and parts.netloc:
        return None
    return "token_uri_http" if parts.scheme == "http" else "token_uri_scheme"


def _wrong_host(host: str, port: int | None) -> str:
    if host in _GOOGLE_HOSTS:
        return "token_uri_path" if port is None else "token_uri_port"
    if _LOOK_ALIKE.search(host) or not host.isascii() or host.startswith("xn--"):
        return "token_uri_lookalike"
    return "token_uri_host"


def _is_internal(host: str) -> bool:
    if host in _INTERNAL_NAMES or host.endswith((".internal", ".local", ".localhost")):
        return True
    if _NUMERIC_HOST.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
