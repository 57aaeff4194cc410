"""From an exception of any library to a few facts that the catalogue can be searched by.

The text of a symptom is Google's, or a stranger's: it is matched against and then dropped.
It never enters an error, a log or a message.
"""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from typing import Any, Final

import requests
import urllib3.exceptions
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import RefreshError

from connections.bigquery import grpc_trouble
from connections.bigquery.deadline import TimeIsOver
from connections.bigquery.transport import ForeignAnswer, TokenServerTrouble


class Source(StrEnum):
    """Who spoke: the token address, BigQuery by REST, gRPC or a job's error, or nobody."""

    TOKEN = "token"  # noqa: S105 - a source, not a secret
    API = "api"
    WIRE = "wire"


@dataclass(frozen=True)
class Symptom:
    """``codes`` are machine words: BigQuery's reason, OAuth's error, or ours for the wire."""

    source: Source
    codes: frozenset[str]
    status: int = 0
    text: str = ""


_UNREACHABLE: Final = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EACCES}
# X509 verify codes: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_CERTIFICATES: Final = {9: "certificate_dates", 10: "certificate_dates", 62: "certificate_name"}
# The first that is found anywhere in the chain of causes gives the code.
_WIRE: Final[tuple[tuple[str, tuple[type[BaseException], ...]], ...]] = (
    ("timeout", (TimeIsOver,)),
    ("foreign", (ForeignAnswer, requests.exceptions.JSONDecodeError)),
    ("proxy", (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)),
    ("tls", (ssl.SSLError, requests.exceptions.SSLError)),
    ("dns", (socket.gaierror, urllib3.exceptions.NameResolutionError)),
    ("refused", (ConnectionRefusedError,)),
    ("connect_timeout", (requests.exceptions.ConnectTimeout,)),
    ("timeout", (TimeoutError, requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)),
    ("cut", (ConnectionError, HTTPException, urllib3.exceptions.HTTPError)),
    ("cut", (requests.exceptions.RequestException,)),
)


def symptom_of(error: BaseException) -> Symptom:
    """The facts of one exception, its causes included."""
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, TokenServerTrouble):
            return Symptom(Source.TOKEN, frozenset({"trouble"}), status=cause.status)
        if isinstance(cause, GoogleAPICallError):
            return _of_grpc(cause) if _is_grpc(cause) else _of_api(cause)
        if isinstance(cause, RefreshError):
            return _of_token(cause)
    return Symptom(Source.WIRE, frozenset({_wire_code(chain)}))


def symptom_of_job(error: Mapping[str, Any]) -> Symptom:
    """The facts of a job's ``errorResult``, which has no HTTP status."""
    return Symptom(
        Source.API,
        frozenset({str(error.get("reason") or "")}),
        text=str(error.get("message") or ""),
    )


def _of_api(error: GoogleAPICallError) -> Symptom:
    first = error.errors[0] if error.errors and isinstance(error.errors[0], Mapping) else {}
    codes = {str(first.get("reason") or ""), str(error.reason or "")}
    response = error.response
    if response is not None and "json" not in response.headers.get("Content-Type", ""):
        codes = {"not_json"}
    return Symptom(
        Source.API,
        frozenset(codes - {""}),
        status=int(error.code or 0),
        text=str(first.get("message") or error.message or ""),
    )


def _is_grpc(error: GoogleAPICallError) -> bool:
    """REST errors carry gRPC's code too, by their class; only gRPC's carry its call."""
    return callable(getattr(error.response, "debug_error_string", None))


def _of_grpc(error: GoogleAPICallError) -> Symptom:
    """A gRPC error: Google's own, or what gRPC says of a connection that it could not make."""
    name = str(getattr(error.grpc_status_code, "name", ""))
    text = str(error.message or "")
    if error.reason is None and (wire := grpc_trouble.code_of(name, text)):
        return Symptom(Source.WIRE, frozenset({wire}))
    codes = {name, grpc_trouble.REST_REASONS.get(name, name), str(error.reason or name)}
    return Symptom(Source.API, frozenset(codes), status=int(error.code or 0), text=text)


def _of_token(error: RefreshError) -> Symptom:
    body = error.args[1] if len(error.args) > 1 else None
    if not isinstance(body, Mapping):
        return Symptom(Source.WIRE, frozenset({"foreign"}))
    return Symptom(
        Source.TOKEN,
        frozenset({str(body.get("error") or "")}),
        status=400,
        text=str(body.get("error_description") or ""),
    )


def _wire_code(chain: list[BaseException]) -> str:
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(cause.verify_code, "certificate")
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return "unreachable"
        if type(cause) is OSError and cause.errno is None:
            return "ca_file"  # requests has no better type for a CA bundle that is not there
    for code, kinds in _WIRE:
        if any(isinstance(cause, kinds) for cause in chain):
            return code
    return "unexpected"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that caused it; libraries keep those in four places."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        places = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting.extend(place for place in places if isinstance(place, BaseException))
