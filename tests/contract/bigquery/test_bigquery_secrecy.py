"""What must not leave: key, assertion and token; and where calls may go."""

import base64
import json
import logging
import socket
import threading
import traceback
from urllib.parse import parse_qs

import pytest

from connections.bigquery import BigQuery, BigQueryError, BigQueryRefused, Endpoints, Reason
from connections.secret import Secret
from connections.service_account import ServiceAccountKey
from tests.contract.bigquery.stub import DATASET, TOKEN, Answer, error


@pytest.fixture
def hosts(monkeypatch):
    """Every host that is looked up; only loopback is ever found."""
    real = socket.getaddrinfo
    asked = []

    def look_up(host, *args, **options):
        asked.append(host)
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "not from a test")
        return real(host, *args, **options)

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    return asked


def let_background_work_end():
    for thread in threading.enumerate():
        if "RegionalAccessBoundary" in type(thread).__name__:
            thread.join(10)


def test_calls_nobody_but_the_sandbox_for_a_key_of_the_sandbox(stub, bigquery, hosts):
    stub.says("GET /datasets/shop", Answer(body=DATASET))

    bigquery.dataset("shop")
    let_background_work_end()

    assert set(hosts) == {"127.0.0.1"}


def test_would_be_noticed_if_it_called_somebody_else(stub, key, hosts):
    """The look-up that the test above must not see, seen: Google's own credentials make it."""
    stub.says("GET /datasets/shop", Answer(body=DATASET))
    as_google = Endpoints(stub.endpoints.token_uri, stub.url, is_google=True)

    with BigQuery(key, project="shop-4711", endpoints=as_google) as bigquery:
        bigquery.dataset("shop")
        let_background_work_end()

    assert set(hosts) == {"127.0.0.1", "iamcredentials.googleapis.com"}


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_uses_no_proxy_for_the_sandbox(stub, bigquery, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    stub.says("GET /datasets/shop", Answer(body=DATASET))

    assert bigquery.dataset("shop").location == "EU"


def test_uses_the_operators_proxy_for_google(stub, key, hosts, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    as_google = Endpoints(stub.endpoints.token_uri, stub.url, is_google=True)

    bigquery = BigQuery(key, project="shop-4711", endpoints=as_google)
    with bigquery, pytest.raises(BigQueryError) as caught:
        bigquery.authenticate()

    assert caught.value.reason == Reason.NETWORK
    assert "HTTPS_PROXY" in caught.value.sentence
    assert stub.calls == []


def test_says_so_when_the_operators_ca_file_is_not_there(key, hosts, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/there/is/no/such.pem")
    endpoints = Endpoints("https://127.0.0.1:9/token", "https://127.0.0.1:9", is_google=True)

    bigquery = BigQuery(key, project="shop-4711", endpoints=endpoints)
    with bigquery, pytest.raises(BigQueryError) as caught:
        bigquery.authenticate()

    assert (caught.value.reason, "CA file" in caught.value.sentence) == (Reason.TLS, True)


@pytest.mark.parametrize("is_google", [True, False])
def test_lets_no_netrc_file_replace_the_token(stub, key, hosts, monkeypatch, tmp_path, is_google):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    stub.says("GET /datasets/shop", Answer(body=DATASET))
    endpoints = Endpoints(stub.endpoints.token_uri, stub.url, is_google=is_google)

    with BigQuery(key, project="shop-4711", endpoints=endpoints) as bigquery:
        bigquery.dataset("shop")
        let_background_work_end()

    assert stub.seen[-1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_API_USE_MTLS_ENDPOINT", "always"),
        ("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:9"),
        ("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "evil.example"),
        ("GOOGLE_CLOUD_PROJECT", "another-project"),
        ("GOOGLE_CLOUD_QUOTA_PROJECT", "another-project"),
    ],
)
def test_is_not_led_elsewhere_by_the_environment(stub, open_at, hosts, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    stub.says("GET /datasets/shop", Answer(body=DATASET))

    assert open_at(stub.endpoints).dataset("shop").id == "shop"
    assert set(hosts) == {"127.0.0.1"}


def test_asks_for_bigquery_only_and_signs_for_the_account(stub, key, bigquery):
    bigquery.authenticate()

    assertion = parse_qs(stub.seen[0].body.decode())["assertion"][0]
    claims = json.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))
    assert claims["scope"] == "https://www.googleapis.com/auth/bigquery"
    assert claims["iss"] == key.client_email


def test_keeps_key_and_token_out_of_errors_and_logs(stub, key, bigquery, caplog):
    caplog.set_level(logging.DEBUG)
    stub.says("GET /datasets/shop", error(403, "accessDenied", f"secret {TOKEN}"))

    with pytest.raises(BigQueryError) as caught:
        bigquery.dataset("shop")

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(vars(bigquery))
    assertion = stub.seen[0].body.decode().split("assertion=")[1][:60]
    secrets = (TOKEN, assertion, key.private_key.reveal()[30:90])
    assert [one for one in secrets if one in shown] == []


def test_keeps_nothing_of_the_key_in_the_frames_of_an_error(stub, key, bigquery):
    stub.says("POST /token", Answer(400, {"error": "invalid_grant"}))

    with pytest.raises(BigQueryError) as caught:
        bigquery.authenticate()

    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    shown = repr([frame.f_locals for frame in frames if "test_" not in frame.f_code.co_name])
    assert key.private_key.reveal()[30:90] not in shown


def test_logs_an_unknown_failure_by_type_and_place_without_its_words(stub, bigquery, caplog):
    stub.says("GET /datasets/shop", error(418, "teapot", "canary-4f1c"))

    with pytest.raises(BigQueryError):
        bigquery.dataset("shop")

    assert "status=418 codes=teapot" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\ncanary-4f1c\n"])
def test_refuses_a_key_that_cannot_be_loaded_without_showing_it(stub, text):
    broken = ServiceAccountKey("shop-4711", "0" * 40, "a@b.example", "sandbox", Secret(text))

    with pytest.raises(BigQueryRefused) as caught:
        BigQuery(broken, project="shop-4711", endpoints=stub.endpoints)

    assert caught.value.reason == Reason.KEY_UNUSABLE
    assert "canary" not in "".join(traceback.format_exception(caught.value))
