"""Failures of the network, from exceptions as the libraries raise them."""

import errno
import http.client
import socket
import ssl

import pytest
import requests
import urllib3.exceptions
from google.auth.exceptions import RefreshError, TransportError

from connections.bigquery.catalogue import CATALOGUE
from connections.bigquery.deadline import TimeIsOver
from connections.bigquery.diagnosis import Asked, diagnose
from connections.bigquery.symptoms import Source, symptom_of
from connections.bigquery.transport import ForeignAnswer, TokenServerTrouble


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def caused_by(cause: BaseException) -> TransportError:
    """As google-auth raises it: the cause two wrappers below, by ``from`` and by argument."""
    try:
        try:
            raise requests.exceptions.ConnectionError(cause)
        except requests.exceptions.RequestException as inner:
            raise TransportError(inner) from inner
    except TransportError as outer:
        return outer


CAUSES = {
    "timeout": TimeIsOver(),
    "timeout of a read": requests.exceptions.ReadTimeout("canary"),
    "connect_timeout": requests.exceptions.ConnectTimeout("canary"),
    "dns": socket.gaierror(socket.EAI_NONAME, "canary"),
    "refused": ConnectionRefusedError(errno.ECONNREFUSED, "canary"),
    "unreachable": OSError(errno.ENETUNREACH, "canary"),
    "unreachable by a firewall": PermissionError(errno.EACCES, "canary"),
    "proxy": requests.exceptions.ProxyError("canary"),
    "cut": ConnectionResetError(errno.ECONNRESET, "canary"),
    "cut half way": http.client.IncompleteRead(b"canary"),
    "cut by the other library": urllib3.exceptions.ProtocolError("canary"),
    "certificate_dates": certificate_error(10),
    "certificate_name": certificate_error(62),
    "certificate": certificate_error(18),
    "tls": ssl.SSLError(1, "wrong version number"),
    "foreign": ForeignAnswer(),
}
causes = pytest.mark.parametrize(("name", "cause"), CAUSES.items(), ids=CAUSES)


@causes
def test_finds_the_cause_below_the_wrappers(name, cause):
    symptom = symptom_of(caused_by(cause))

    assert (symptom.source, symptom.codes) == (Source.WIRE, {name.split()[0]})


@causes
def test_gives_no_verdict_on_the_key_for_a_failing_network(name, cause):
    error = diagnose(caused_by(cause), Asked("shop-4711", "the access token"))

    assert type(error).__name__ == "BigQueryUnavailable"
    assert "canary" not in f"{error!r} {error}"


def test_knows_a_ca_file_that_is_not_there():
    missing = OSError("Could not find a suitable TLS CA certificate bundle, invalid path: /nope")

    assert symptom_of(missing).codes == {"ca_file"}


def test_has_a_cause_for_every_entry_of_the_wire():
    known = {name.split()[0] for name in CAUSES} | {"ca_file"}

    assert {code for one in CATALOGUE if one.source == Source.WIRE for code in one.codes} == known


def test_takes_trouble_of_the_token_server_for_no_verdict():
    symptom = symptom_of(caused_by(TokenServerTrouble(503)))

    assert (symptom.source, symptom.status) == (Source.TOKEN, 503)


def test_takes_a_refusal_without_json_for_a_strangers():
    assert symptom_of(RefreshError("<html>")).codes == {"foreign"}


def test_survives_causes_that_go_in_a_circle():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one

    assert symptom_of(one).codes == {"unexpected"}


@pytest.mark.parametrize("error", [KeyError("f"), TypeError("list"), ValueError(), MemoryError()])
def test_gives_no_verdict_on_what_nobody_expected(error):
    found = diagnose(error, Asked("shop-4711", "dataset shop-4711.shop"))

    assert (type(found).__name__, found.reason) == ("BigQueryUnavailable", "unexpected")
