"""Google's refusals over gRPC, and what gRPC says of networks, become ours."""

import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from google.cloud.bigquery import TableReference

from connections.bigquery import BigQueryError, Endpoints, storage
from connections.bigquery.deadline import Deadline
from connections.bigquery.diagnosis import Asked, diagnose
from connections.bigquery.transport import make_credentials, make_token_request
from tests.contract.bigquery.bodies import bodies
from tests.contract.bigquery.grpc_servers import bare_port, refusing
from tests.contract.bigquery.test_bigquery_bodies import assert_is
from tests.factories_keys import pem, rsa_key

TABLE = TableReference.from_string("shop-4711.shop.t")
ASKED = Asked("shop-4711", "the Storage Read API")


def what_is_raised(key, url: str, *, is_google: bool = False, seconds: float = 2) -> BigQueryError:
    """As the gateway does it, but for the job before."""
    endpoints = Endpoints(f"{url}/token", url, is_google, storage_endpoint=url)
    request = make_token_request(endpoints)
    try:
        with storage.open_client(make_credentials(key, endpoints), request, endpoints) as client:
            storage.read_one_response(client, TABLE, "shop-4711", Deadline.after(seconds))
    except Exception as error:  # noqa: BLE001 - as the gateway does
        return diagnose(error, ASKED)
    return pytest.fail("nothing was refused")


@pytest.fixture(scope="module")
def one_server():
    with refusing() as server:
        yield server


@pytest.mark.parametrize("case", bodies("storage"))
def test_knows_what_the_storage_api_says(key, one_server, case):
    one_server.case = case

    assert_is(what_is_raised(key, one_server.url), case)


@pytest.mark.parametrize("case", bodies("storage"))
def test_repeats_no_word_of_it(key, one_server, case):
    one_server.case = case | {"message": f"{case['message']} canary-4f1c"}

    found = what_is_raised(key, one_server.url)

    assert "canary-4f1c" not in f"{found!r} {found} {vars(found)}"


def test_asks_once_only_although_the_same_call_might_succeed(key, one_server):
    unavailable = {"grpc": "UNAVAILABLE", "message": "The service is currently unavailable."}
    one_server.case, one_server.tokens = unavailable, []

    what_is_raised(key, one_server.url)

    assert len(one_server.tokens) == 1


def test_signs_its_own_token_and_asks_no_token_address(key, one_server):
    one_server.case, one_server.tokens = bodies("storage")[0].values[0], []

    found = what_is_raised(key, one_server.url)

    assert found.permission == "bigquery.readsessions.create"
    assert one_server.tokens[0].startswith("Bearer eyJ")


def test_nothing_looks_at_other_hosts_of_googles_for_the_sandbox(key, one_server, monkeypatch):
    used = []
    real = storage.AuthMetadataPlugin

    def note(credentials, *args, **options):
        used.append(credentials)
        return real(credentials, *args, **options)

    monkeypatch.setattr(storage, "AuthMetadataPlugin", note)
    one_server.case = bodies("storage")[0].values[0]
    what_is_raised(key, one_server.url)

    assert not used[0]._is_regional_access_boundary_lookup_required()


def closes(connection: socket.socket) -> None:
    connection.close()


def says_nothing(connection: socket.socket) -> None:
    time.sleep(3)


def speaks_http_1(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.close()


@pytest.mark.parametrize(
    ("behave", "reason"),
    [(closes, "network"), (says_nothing, "timeout"), (speaks_http_1, "tls")],
)
def test_gives_no_verdict_on_a_server_that_is_not_googles(key, behave, reason):
    with bare_port(behave) as port:
        url = f"https://127.0.0.1:{port}"
        found = what_is_raised(key, url, is_google=True, seconds=0.7)

    assert (type(found).__name__, found.reason) == ("BigQueryUnavailable", reason)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "https://nowhere.invalid", ""])
def test_says_network_when_nobody_is_there(key, url):
    assert what_is_raised(key, url, is_google=True).reason == "network"


def test_says_network_when_the_proxy_lets_nothing_through(key, monkeypatch):
    def refuses(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with bare_port(refuses) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = what_is_raised(key, "https://storage.example", is_google=True)

    assert (found.reason, "HTTPS_PROXY" in found.sentence) == ("network", True)


@contextmanager
def over_tls(tmp_path, name="localhost", days=(-1, 1)):
    """A server with a certificate that only its own file vouches for."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    private = rsa_key()
    certificate = (
        x509.CertificateBuilder(subject, subject, private.public_key(), 1)
        .not_valid_before(now + timedelta(days[0]))
        .not_valid_after(now + timedelta(days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(private, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    (tmp_path / "ca.pem").write_bytes(certificate)
    credentials = grpc.ssl_server_credentials([(pem(private).encode(), certificate)])
    with refusing(credentials) as server:
        server.case = bodies("storage")[0].values[0]
        yield f"https://localhost:{server.port}"


def test_does_not_trust_a_certificate_that_nobody_vouches_for(key, tmp_path):
    with over_tls(tmp_path) as url:
        found = what_is_raised(key, url, is_google=True)

    assert (found.reason, "REQUESTS_CA_BUNDLE" in found.sentence) == ("tls", True)


def test_trusts_the_authority_that_the_operator_names(key, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with over_tls(tmp_path) as url:
        assert what_is_raised(key, url, is_google=True).reason == "permission_denied"


def test_says_that_the_operators_ca_file_is_missing(key, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))

    found = what_is_raised(key, "https://localhost:1", is_google=True)

    assert (found.reason, "does not exist" in found.sentence) == ("tls", True)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"name": "other.example"}, "another host"), ({"days": (-3, -1)}, "past its date")],
)
def test_tells_what_is_wrong_with_a_certificate(key, tmp_path, monkeypatch, options, words):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with over_tls(tmp_path, **options) as url:
        found = what_is_raised(key, url, is_google=True)

    assert (found.reason, words in found.sentence) == ("tls", True)
