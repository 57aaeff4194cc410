import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request

AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


def refresh(credentials):
    credentials.refresh(Request())


def refusal(credentials):
    with pytest.raises(RefreshError) as refused:
        refresh(credentials)
    return refused.value.args[1]


def assertion(sandbox, name="good", *, signer=None, **changes):
    key = sandbox.key(name)
    now = int(time.time())
    claims = {
        "iss": key["client_email"], "aud": AUDIENCE, "iat": now, "exp": now + 3600,
        "scope": "https://www.googleapis.com/auth/bigquery",
    } | changes  # fmt: skip
    signer = signer or crypt.RSASigner.from_service_account_info(key)
    return jwt.encode(signer, claims).decode()


def grant(sandbox, text, grant_type=GRANT):
    body = f"grant_type={grant_type}&assertion={text}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return sandbox.call("POST", "/token", body, headers)


def test_gives_a_good_key_a_token_for_an_hour(sandbox):
    credentials = sandbox.credentials("good")
    refresh(credentials)
    assert credentials.token.startswith("ya29.")
    assert credentials.valid
    assert 3500 < (credentials.expiry.timestamp() - time.mktime(time.gmtime())) <= 3600


def test_refuses_an_account_that_is_not_there(sandbox):
    credentials = sandbox.credentials(client_email="nobody@sandbox-shop-4711.iam.example")
    assert refusal(credentials) == {
        "error": "invalid_grant",
        "error_description": "Invalid grant: account not found",
    }


def test_refuses_a_deleted_key_as_a_bad_signature(sandbox):
    assert refusal(sandbox.credentials("deleted-key")) == {
        "error": "invalid_grant",
        "error_description": "Invalid JWT Signature.",
    }


def test_refuses_a_disabled_account(sandbox):
    assert refusal(sandbox.credentials("disabled")) == {
        "error": "invalid_grant",
        "error_description": "Robot is disabled.",
    }


def test_refuses_the_signature_of_another_key(sandbox):
    other = sandbox.key("reader")
    credentials = sandbox.credentials("good", private_key=other["private_key"])
    assert refusal(credentials)["error_description"] == "Invalid JWT Signature."


def test_refuses_a_signature_by_a_key_id_it_does_not_know(sandbox):
    credentials = sandbox.credentials("good", private_key_id="0" * 40)
    assert refusal(credentials)["error_description"] == "Invalid JWT Signature."


@pytest.mark.parametrize("offset", [-7200, 7200])
def test_refuses_a_clock_that_is_hours_off(sandbox, offset):
    now = int(time.time()) + offset
    status, body = grant(sandbox, assertion(sandbox, iat=now, exp=now + 3600))
    assert status == 400
    assert SHORT_LIVED in body


def test_refuses_a_token_for_longer_than_an_hour(sandbox):
    now = int(time.time())
    status, body = grant(sandbox, assertion(sandbox, iat=now, exp=now + 3601))
    assert (status, SHORT_LIVED in body) == (400, True)


def test_refuses_its_own_address_as_the_audience(sandbox):
    status, body = grant(sandbox, assertion(sandbox, aud=sandbox.url("/token")))
    assert (status, "audience" in body) == (400, True)


def test_refuses_an_algorithm_other_than_rs256(sandbox):
    head, claims, _ = assertion(sandbox).split(".")
    unsigned = "eyJhbGciOiJub25lIn0"
    status, body = grant(sandbox, f"{unsigned}.{claims}.")
    assert (status, "Invalid JWT Signature." in body, head != unsigned) == (400, True, True)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "e30.e30.e30", "%00.%FF.x"])
def test_refuses_what_is_no_assertion(sandbox, text):
    status, body = grant(sandbox, text)
    assert status == 400
    assert '"error":"invalid_grant"' in body


def test_refuses_another_grant_type(sandbox):
    status, body = grant(sandbox, assertion(sandbox), "refresh_token")
    assert (status, "unsupported_grant_type" in body) == (400, True)


def test_refuses_a_key_of_its_own_making(sandbox):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = crypt.RSASigner.from_string(pem, sandbox.key("good")["private_key_id"])
    status, body = grant(sandbox, assertion(sandbox, signer=signer))
    assert (status, "Invalid JWT Signature." in body) == (400, True)


def test_an_unknown_token_is_refused_with_googles_401(sandbox):
    path = "/bigquery/v2/projects/sandbox-shop-4711/datasets"
    status, body = sandbox.call("GET", path, headers={"Authorization": "Bearer ya29.no"})
    assert status == 401
    assert '"reason":"authError"' in body
    assert '"status":"UNAUTHENTICATED"' in body


def test_a_missing_token_is_refused_with_googles_401(sandbox):
    status, body = sandbox.call("GET", "/bigquery/v2/projects")
    assert (status, '"reason":"required"' in body) == (401, True)
