"""What stands between us and Google: networks, proxies, TLS, pages that are not Google's."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from connections.bigquery import BigQueryUnavailable, Endpoints, Reason
from tests.contract.bigquery.bad_servers import bad_server, hangs_up, stops_half_way
from tests.contract.bigquery.stub import Answer
from tests.factories_keys import pem, rsa_key

PAGE = Answer(200, "<html>Please sign in to the guest network.</html>", content_type="text/html")


def at(url: str) -> Endpoints:
    return Endpoints(f"{url}/token", url, is_google=False)


def reason_of(work) -> Reason:
    with pytest.raises(BigQueryUnavailable) as caught:
        work()
    assert caught.value.sentence
    return caught.value.reason


def test_says_network_when_nothing_listens(open_at, stub):
    with bad_server(hangs_up) as endpoints:
        pass

    assert reason_of(open_at(endpoints).authenticate) == Reason.NETWORK


def test_says_network_when_the_name_is_not_known(open_at):
    assert reason_of(open_at(at("http://nowhere.invalid")).authenticate) == Reason.NETWORK


@pytest.mark.parametrize("behave", [hangs_up, stops_half_way])
def test_says_network_when_the_connection_is_cut(open_at, behave):
    with bad_server(behave) as endpoints:
        assert reason_of(open_at(endpoints).authenticate) == Reason.NETWORK


def test_says_tls_when_the_port_does_not_speak_it(open_at, stub):
    bigquery = open_at(at(stub.url.replace("http:", "https:")))

    assert reason_of(bigquery.authenticate) == Reason.TLS


def test_says_tls_when_the_api_does_not_speak_it(open_at, stub):
    endpoints = Endpoints(f"{stub.url}/token", stub.url.replace("http:", "https:"), False)

    assert reason_of(lambda: open_at(endpoints).dataset("shop")) == Reason.TLS


def test_does_not_trust_a_certificate_that_nobody_vouches_for(open_at, tmp_path):
    context = self_signed(tmp_path)

    def serve(connection, over):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(65536)

    server = bad_server(serve, scheme="https")
    with server as endpoints, pytest.raises(BigQueryUnavailable) as caught:
        open_at(endpoints).authenticate()

    assert caught.value.reason == Reason.TLS
    assert "not trusted" in caught.value.sentence


@pytest.mark.parametrize("page", [PAGE, Answer(200, "[]"), Answer(403, "<html>Blocked</html>")])
def test_says_that_a_page_in_place_of_a_token_is_not_googles(stub, bigquery, page):
    stub.says("POST /token", page)

    assert reason_of(bigquery.authenticate) == Reason.FOREIGN_ANSWER


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        Answer(403, "<html>Blocked by policy</html>", content_type="text/html"),
        Answer(404, "<html>Not Found</html>", content_type="text/html"),
    ],
)
def test_says_that_a_page_in_place_of_an_answer_is_not_googles(stub, bigquery, page):
    stub.says("GET /datasets/shop", page)

    assert reason_of(lambda: bigquery.dataset("shop")) == Reason.FOREIGN_ANSWER


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_does_not_follow_the_token_address_elsewhere(stub, bigquery, status):
    stub.says("POST /token", Answer(status, "", headers={"Location": f"{stub.url}/elsewhere"}))

    assert reason_of(bigquery.authenticate) == Reason.FOREIGN_ANSWER
    assert stub.calls == ["POST /token"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_does_not_follow_the_api_elsewhere(stub, bigquery, status):
    away = Answer(status, "", {"Location": f"{stub.url}/elsewhere"}, content_type="text/html")
    stub.says("GET /datasets/shop", away)

    assert reason_of(lambda: bigquery.dataset("shop")) == Reason.FOREIGN_ANSWER
    assert [call for call in stub.calls if "elsewhere" in call] == []


@pytest.mark.parametrize("body", [{}, [], {"datasetReference": {}}, None, {"location": 7}])
def test_gives_no_verdict_on_an_answer_that_makes_no_sense(stub, bigquery, body):
    stub.says("GET /datasets/shop", Answer(200, body))

    assert reason_of(lambda: bigquery.dataset("shop")) == Reason.UNEXPECTED


@pytest.mark.parametrize("body", [[], "x", {"rows": [{}]}, {"jobComplete": True, "rows": [1]}])
def test_gives_no_verdict_on_rows_that_make_no_sense(stub, bigquery, body):
    stub.says("GET /queries/j", Answer(200, body))
    work = lambda: bigquery.read_page("j", location="EU", start_row=0, max_rows=1)  # noqa: E731

    assert reason_of(work) in {Reason.UNEXPECTED, Reason.FOREIGN_ANSWER, Reason.JOB_NOT_DONE}


def self_signed(folder) -> ssl.SSLContext:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, rsa_key().public_key(), 1, now, now + timedelta(1))
        .sign(rsa_key(), hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    (folder / "server.pem").write_bytes(pem(rsa_key()).encode() + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
