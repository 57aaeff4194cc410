"""A whole Test Connection over a network that fails: it ends in time, and blames no key.

The real worker half and Google's own client, against servers that misbehave. The deadline
is short here; PROBE_SECONDS=20 is the product's own (CONTRIBUTING).
"""

import json
import os
import socket
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from connections import probe
from connections.models import Access, ConnectionTest
from connections.services import keys as key_services
from connections.services import tests as test_services
from tests.contract.bigquery import bad_servers as bad
from tests.contract.bigquery.stub import DATASET, Answer, running_stub
from tests.factories import UserFactory
from tests.factories_keys import certificate_pem, key_document, pem, rsa_key

pytestmark = pytest.mark.django_db

SECONDS = float(os.environ.get("PROBE_SECONDS") or 1.5)
# What a busy machine may add to a short deadline; nothing is added to the real one.
SLACK = 0.0 if SECONDS >= 20 else 1.0
PAGE = "<html><body>Please sign in to this network</body></html>"
CUT, SILENT, STRANGER = "network", "timeout", "foreign_answer"


@contextmanager
def tls_of_a_stranger(tmp_path):
    """An address with https whose certificate is signed by nobody we know."""
    path = tmp_path / "certificate.pem"
    path.write_text(pem(rsa_key()) + certificate_pem())
    with bad.bad_server(bad.shows(path), "https") as endpoints:
        yield endpoints


def server(behave, scheme="http"):
    return lambda _: bad.bad_server(behave, scheme)


# Fault: what takes Google's place, and the reason that the test must give.
FAULTS = {
    "nothing listens": (lambda _: bad.nobody(), CUT),
    "connection is dropped": (lambda _: bad.black_hole(), SILENT),
    "says nothing": (server(bad.says_nothing), SILENT),
    "drips for ever": (server(bad.drips), SILENT),
    "headers without end": (server(bad.heads_without_end), SILENT),
    "headers in a flood": (server(bad.heads_in_a_flood), CUT),
    "hangs up": (server(bad.hangs_up), CUT),
    "resets in the middle": (server(bad.resets), CUT),
    "stops half way": (server(bad.stops_half_way), CUT),
    "TLS says nothing": (server(bad.says_nothing, "https"), SILENT),
    "TLS is garbage": (server(bad.speaks_ssh, "https"), "tls"),
    "TLS of a stranger": (tls_of_a_stranger, "tls"),
    "another protocol": (server(bad.speaks_ssh), CUT),
    "sign-in page": (server(bad.answers("200 OK", PAGE, "Content-Type: text/html")), STRANGER),
    "redirect": (server(bad.answers("302 Found", "", "Location: http://127.0.0.1:1/")), STRANGER),
    "500": (server(bad.answers("500 Internal Server Error", "{}")), "server_error"),
    "503 page": (server(bad.answers("503 Service Unavailable", PAGE)), "server_error"),
    "429": (server(bad.answers("429 Too Many Requests", "{}")), "rate_limited"),
}


@pytest.fixture
def test_of(settings, bells):
    """``test_of(token_uri, api)`` carries out a whole test there and gives it back, ended."""
    settings.TEST_DEADLINE_SECONDS = SECONDS

    def carry_out(token_uri: str, api: str) -> tuple[ConnectionTest, float]:
        settings.GOOGLE_ENDPOINTS = {
            "sandbox": {
                "token_uri": token_uri,
                "api_endpoint": api,
                "storage_endpoint": "127.0.0.1:1",
            }
        }
        now, by = timezone.now(), UserFactory(admin=True)
        raw = json.dumps(key_document(token_uri=token_uri))
        key = key_services.store_draft(raw=raw, by=by, now=now)
        subject = test_services.Subject(key, "shop-4711", "shop", Access.READ_WRITE)
        test = test_services.request_test(subject=subject, by=by, now=timezone.now())
        began = time.monotonic()
        probe.probe_connection(test_id=test.pk)
        seconds = time.monotonic() - began
        test.refresh_from_db()
        return test, seconds

    return carry_out


def told(test: ConnectionTest, seconds: float) -> dict[str, str]:
    """What each check ended with; the line is for whoever runs it with -rP."""
    steps = list(test.steps.order_by("position"))
    first = next(step for step in steps if step.result != "passed")
    print(f"{seconds:5.2f} s  {test.verdict}  {test.reason}: {first.sentence}")  # noqa: T201
    assert all(step.sentence for step in steps)
    assert seconds <= SECONDS + SLACK
    assert test.requested_at + timedelta(seconds=SECONDS + SLACK + 0.5) > test.finished_at
    return {step.code: step.result for step in steps}


@pytest.mark.parametrize("fault", FAULTS)
def test_ends_in_time_with_a_token_address_that_fails(fault, test_of, tmp_path):
    place, reason = FAULTS[fault]
    with place(tmp_path) as endpoints:
        test, seconds = test_of(endpoints.token_uri, endpoints.api_endpoint)

    assert told(test, seconds) == dict.fromkeys(
        ("token", "project", "dataset", "jobs", "read", "write", "fast"), "unknown"
    ) | {"key": "passed"}
    assert (test.verdict, test.reason) == ("inconclusive", reason)


@pytest.mark.parametrize("fault", FAULTS)
def test_ends_in_time_with_an_api_that_fails_after_the_token(fault, test_of, tmp_path):
    place, reason = FAULTS[fault]
    with running_stub() as google, place(tmp_path) as endpoints:
        test, seconds = test_of(f"{google.url}/token", endpoints.api_endpoint)

    results = told(test, seconds)
    assert (results["token"], results["project"], results["dataset"]) == (
        "passed", "unknown", "unknown",
    )  # fmt: skip
    assert "failed" not in results.values()
    assert (test.verdict, test.reason) == ("inconclusive", reason)


def hanging(*_: object, **__: object) -> None:
    time.sleep(SECONDS + 1)
    raise socket.gaierror(socket.EAI_AGAIN, "no answer")


def unknown(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(("look_up", "reason"), [(hanging, SILENT), (unknown, CUT)])
def test_ends_in_time_with_a_name_server_that_fails(look_up, reason, test_of, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    test, seconds = test_of("https://token.google.test/token", "https://api.google.test")

    assert told(test, seconds)["token"] == "unknown"
    assert (test.verdict, test.reason) == ("inconclusive", reason)


def test_ends_in_time_with_a_job_that_never_does(test_of):
    """Everything else answers: what is known is kept, and only the job could not be told."""
    with running_stub() as google:
        google.says("GET /datasets", Answer(body={"datasets": []}))
        google.says("GET /datasets/shop", Answer(body=DATASET))
        google.says("GET /datasets/shop/tables", Answer(body={"totalItems": 0}))
        google.says("POST /datasets/shop/tables", lambda seen: Answer(body=json.loads(seen.body)))
        running = {
            "jobReference": {"projectId": "shop-4711", "jobId": "j", "location": "EU"},
            "configuration": {"jobType": "QUERY", "query": {"query": "SELECT 1"}},
            "status": {"state": "RUNNING"},
        }
        google.says("POST /jobs", Answer(body=running))
        google.default = Answer(body=running)
        test, seconds = test_of(f"{google.url}/token", google.url)

    results = told(test, seconds)
    assert (results["dataset"], results["jobs"]) == ("passed", "unknown")
    assert (test.verdict, test.location) == ("inconclusive", "EU")
    assert test.reason == "timeout"


def test_a_verdict_against_the_key_still_comes_through_a_slow_network(test_of):
    """What is precise stays precise: the token server's own refusal, a moment late."""
    body = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}

    def late(_seen):
        time.sleep(0.3)
        return Answer(400, body)

    with running_stub() as google:
        google.says("POST /token", late)
        test, seconds = test_of(f"{google.url}/token", google.url)

    assert told(test, seconds)["token"] == "failed"
    assert (test.verdict, test.reason) == ("failed", "key_deleted_or_rotated")
