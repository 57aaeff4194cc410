"""Who may read over the Storage Read API: tokens signed by the account itself, roles, faults."""

import json
import time

import pytest
from google.api_core.exceptions import (
    DeadlineExceeded,
    Forbidden,
    GoogleAPICallError,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from google.auth import crypt, jwt
from google.cloud import bigquery

from sandbox.ledger import Filter
from tests.sandbox.google.storage import (
    HOST,
    PROJECT,
    bearing,
    reader,
    rows_of,
    session_on,
    signed_by_itself,
)

READ_SESSION = "roles/bigquery.readSessionUser"


def refusal(sandbox, credentials, table="customers_small"):
    with reader(sandbox, credentials) as client, pytest.raises(GoogleAPICallError) as refused:
        session_on(client, table)
    return refused.value


def own_jwt(sandbox, name="good", key_of=None, **changes):
    """A token as google-auth signs it, with claims that are not as they should be."""
    email, now = sandbox.key(name)["client_email"], int(time.time())
    claims = {"iss": email, "sub": email, "aud": f"https://{HOST}/", "iat": now, "exp": now + 3600}
    signer = crypt.RSASigner.from_service_account_info(sandbox.key(key_of or name))
    return bearing(jwt.encode(signer, claims | changes).decode())


def test_takes_a_token_that_the_account_signed_itself(sandbox):
    with reader(sandbox, own_jwt(sandbox)) as client:
        assert len(rows_of(client, session_on(client, "customers_small"))) == 500


def test_takes_a_token_of_the_token_endpoint(sandbox):
    with reader(sandbox, bearing(sandbox.token())) as client:
        assert len(rows_of(client, session_on(client, "customers_small"))) == 500


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://bigquery.googleapis.com/"},
        {"aud": f"https://{HOST}"},
        {"aud": None},
        {"sub": "somebody@sandbox-shop-4711.iam.gserviceaccount.com"},
        {"iss": "nobody@sandbox-shop-4711.iam.gserviceaccount.com"},
        {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
        {"exp": int(time.time()) + 90_000},
        {"key_of": "reader"},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_refuses_a_token_that_is_not_exactly_right(sandbox, changes):
    found = refusal(sandbox, own_jwt(sandbox, **changes))
    assert isinstance(found, Unauthenticated)
    assert "invalid authentication credentials" in found.message


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30", "ya29.c.unknown"])
def test_refuses_what_is_no_token(sandbox, token):
    assert isinstance(refusal(sandbox, bearing(token)), Unauthenticated)


def test_refuses_a_key_that_was_deleted(sandbox):
    assert isinstance(refusal(sandbox, signed_by_itself(sandbox, "deleted-key")), Unauthenticated)


def test_says_of_a_disabled_account_that_it_is_disabled(sandbox):
    found = refusal(sandbox, signed_by_itself(sandbox, "disabled"))
    assert (type(found), found.reason) == (Unauthenticated, "ACCOUNT_STATE_INVALID")


def test_refuses_an_account_that_was_disabled_meanwhile(sandbox):
    with reader(sandbox) as client:
        session = session_on(client, "customers_small")
        sandbox.state.accounts.change("good", {"disabled": True})
        with pytest.raises(Unauthenticated):
            rows_of(client, session)


def test_a_session_needs_its_permission_on_the_project(sandbox):
    found = refusal(sandbox, signed_by_itself(sandbox, "reader"))
    assert (type(found), found.message) == (
        PermissionDenied,
        "request failed: the user does not have 'bigquery.readsessions.create' permission for "
        "'projects/sandbox-shop-4711'",
    )


def test_a_session_needs_to_read_the_table(sandbox):
    sandbox.state.accounts.change("no-dataset", {"roles": [{"role": READ_SESSION}]})
    found = refusal(sandbox, signed_by_itself(sandbox, "no-dataset"))
    assert isinstance(found, Forbidden)
    assert "Permission bigquery.tables.getData denied on table" in found.message


def test_a_stream_needs_a_permission_of_its_own(sandbox):
    sandbox.fault(effect="deny", permission="bigquery.readsessions.getData")
    with reader(sandbox) as client:
        session = session_on(client, "customers_small")
        with pytest.raises(PermissionDenied, match="there was an error operating on 'projects/"):
            rows_of(client, session)


def test_the_result_of_a_query_is_for_whoever_ran_it(sandbox, admin):
    job = admin.query("SELECT 1 AS n", location="EU")
    job.result()
    found = refusal(sandbox, signed_by_itself(sandbox, "good"), job.destination.path.strip("/"))
    assert isinstance(found, PermissionDenied)


def test_a_stream_is_for_whoever_made_its_session(sandbox):
    with reader(sandbox) as client:
        session = session_on(client, "customers_small")
    admin = signed_by_itself(sandbox, "admin")
    with reader(sandbox, admin) as other, pytest.raises(PermissionDenied):
        rows_of(other, session)


@pytest.mark.parametrize("table", [f"{PROJECT}/datasets/shop/tables/gone", "projects/x/y"])
def test_refuses_a_table_that_is_not_there(sandbox, table):
    assert refusal(sandbox, None, table).code in {400, 404}


def test_refuses_a_stream_that_is_not_there(sandbox):
    with reader(sandbox) as client:
        session = session_on(client, "customers_small")
        session.streams[0].name += "9"
        with pytest.raises(NotFound, match="stream not found"):
            rows_of(client, session)


def test_refuses_another_project(sandbox):
    with reader(sandbox) as client, pytest.raises(PermissionDenied, match="projects/other-4711"):
        session_on(client, "customers_small", parent="projects/other-4711")


@pytest.mark.parametrize(
    ("status", "reason", "code", "info"),
    [
        (403, "accessNotConfigured", "PERMISSION_DENIED", "SERVICE_DISABLED"),
        (401, None, "UNAUTHENTICATED", None),
        (429, None, "RESOURCE_EXHAUSTED", None),
        (503, None, "UNAVAILABLE", None),
        (500, None, "INTERNAL", None),
    ],
)
def test_a_fault_gives_the_code_that_belongs_to_its_status(sandbox, status, reason, code, info):
    sandbox.fault(effect="status", service="storage", status=status, reason=reason)
    found = refusal(sandbox, None)
    assert (found.grpc_status_code.name, found.reason) == (code, info)


def test_a_fault_of_bigquery_does_not_hit_it(sandbox):
    sandbox.fault(effect="deny", service="bigquery", permission="bigquery.tables.getData")
    with reader(sandbox) as client:
        assert rows_of(client, session_on(client, "customers_small"))


def test_a_call_that_hangs_is_given_up_by_its_caller(sandbox):
    sandbox.fault(effect="hang", service="storage")
    with reader(sandbox) as client, pytest.raises(DeadlineExceeded):
        client.create_read_session(parent=PROJECT, retry=None, timeout=0.3)
    assert entries(sandbox)[-1].facts["fault"] == "hang"


def test_a_call_that_waits_goes_on_afterwards(sandbox):
    sandbox.fault(effect="latency", service="storage", seconds=0.2, times=1)
    begun = time.monotonic()
    with reader(sandbox) as client:
        session_on(client, "customers_small")
    assert time.monotonic() - begun > 0.2


def entries(sandbox):
    return sandbox.state.ledger.find(Filter(service="storage"))


def test_the_ledger_tells_who_read_what_and_how_much(sandbox):
    with reader(sandbox) as client:
        rows_of(client, session_on(client, "customers_small"), offset=100)
    made, read = entries(sandbox)
    assert (made.status, made.facts["streams"]) == (200, 1)
    assert made.facts["table"].endswith("/tables/customers_small")
    assert (read.status, read.facts["rows"], read.facts["offset"]) == (200, 400, 100)
    assert read.facts["account"] == sandbox.key("good")["client_email"]


def test_the_ledger_knows_the_run_whose_result_was_read(sandbox, client):
    labelled = bigquery.QueryJobConfig(labels={"run": "4711"})
    job = client.query("SELECT 1 AS n", location="EU", job_config=labelled)
    job.result()
    with reader(sandbox) as storage:
        rows_of(storage, session_on(storage, job.destination.path.strip("/")))
    assert [one.facts["run"] for one in entries(sandbox)] == ["4711", "4711"]


def test_the_ledger_tells_a_refusal_and_no_token(sandbox):
    refusal(sandbox, own_jwt(sandbox, key_of="reader"))
    kept = json.dumps([one.as_json() for one in entries(sandbox)])
    assert '"code": "UNAUTHENTICATED"' in kept
    assert "eyJ" not in kept
