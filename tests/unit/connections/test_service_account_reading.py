"""What is accepted, what is repaired, and what comes out."""

import json
import socket

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connections.secret import Secret
from connections.service_account import KeyRefused, ServiceAccountKey, read_key
from tests.factories_keys import (
    GOOGLE_TOKEN_URI,
    TOKEN_URIS,
    another_rsa_key,
    key_body,
    key_json,
    pem,
    pkcs1_pem,
    rsa_key,
)


def read(raw: bytes | str) -> ServiceAccountKey:
    return read_key(raw, token_uris=TOKEN_URIS)


def test_reads_a_key_as_google_makes_it_without_repairs():
    key = read(key_json())

    assert (key.project_id, key.google, key.short_id) == ("my-shop-4711", "google", "01234567")
    assert key.client_email == "reader@my-shop-4711.iam.gserviceaccount.com"
    assert key.private_key.reveal() == pem(rsa_key())
    assert key.repairs == ()


def test_reads_bytes_and_text_alike():
    assert read(key_json()) == read(key_json().encode())


@pytest.mark.parametrize(
    ("email", "project"),
    [
        ("471147114711-compute@developer.gserviceaccount.com", "my-shop-4711"),
        ("my-shop-4711@appspot.gserviceaccount.com", "my-shop-4711"),
        ("reader@my-shop.example.com.iam.gserviceaccount.com", "example.com:my-shop"),
    ],
)
def test_accepts_every_family_of_accounts(email: str, project: str):
    assert read(key_json(client_email=email, project_id=project)).client_email == email


def test_accepts_the_former_address_of_google():
    former = "https://accounts.google.com/o/oauth2/token"

    assert read(key_json(token_uri=former)).google == "google"


def test_names_the_sandbox_when_the_caller_accepts_it():
    local = "http://127.0.0.1:8001/token"
    key = read_key(key_json(token_uri=local), token_uris=TOKEN_URIS | {local: "sandbox"})

    assert key.google == "sandbox"


def test_accepts_a_key_without_universe_domain():
    assert read(key_json(universe_domain=...)).google == "google"


@pytest.mark.parametrize(
    "extra",
    [
        {"unknown": "field"},
        {"auth_uri": "http://169.254.169.254/", "client_x509_cert_url": "file:///etc/passwd"},
        {"quota_project_id": "evil-project", "trust_boundary": {"locations": ["evil"]}},
        {"credential_source": {"url": "http://169.254.169.254/"}},
    ],
    ids=["unknown fields", "hostile addresses", "quota and boundary", "credential source"],
)
def test_drops_every_other_field(extra: dict[str, object]):
    key = read(key_json(**extra))

    assert key == read(key_json())
    assert set(key.info(GOOGLE_TOKEN_URI)) == {
        "type", "project_id", "private_key_id", "private_key", "client_email", "token_uri",
    }  # fmt: skip


GOOD = pem(rsa_key())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"\xef\xbb\xbf" + key_json().encode(), "byte-order mark", id="BOM in a file"),
        pytest.param("\ufeff" + key_json(), "byte-order mark", id="BOM in a paste"),
        pytest.param(f"\n\n  {key_json()}  \n", "White space", id="white space around"),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", "\\n")), "escaped twice", id="escaped twice"
        ),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", "\\\\n")), "escaped twice", id="thrice"
        ),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", "\\r\\n")), "escaped twice", id="escaped CRLF"
        ),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", " ")), "had been lost", id="breaks as spaces"
        ),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", "")), "had been lost", id="breaks removed"
        ),
        pytest.param(
            key_json(private_key=GOOD.replace("\n", "\r\n")), "Windows line breaks", id="CRLF"
        ),
        pytest.param(
            key_json(private_key=GOOD.rstrip()), "missing line break at the end", id="no final one"
        ),
        pytest.param(key_json().replace("\\n", "\n"), "inside a value", id="real line breaks"),
    ],
)
def test_repairs_what_copying_does_and_says_so(raw: bytes | str, said: str):
    key = read(raw)

    assert key.private_key.reveal() == GOOD
    assert any(said in sentence for sentence in key.repairs)


def test_accepts_pkcs1_and_gives_back_pkcs8():
    assert read(key_json(private_key=pkcs1_pem())).private_key.reveal() == GOOD


def test_allows_another_project_in_the_form_and_says_so():
    key = read(key_json())

    assert key.project_warning("my-shop-4711") is None
    assert "another project" in str(key.project_warning("my-data-4711"))


def test_a_private_key_inside_rsa_limits_loads_again():
    stored = read(key_json()).private_key.reveal()

    assert load_pem_private_key(stored.encode(), None).key_size == 2048


def test_fingerprints_are_equal_for_the_same_key_pair_only():
    one, same = read(key_json()), read(key_json(private_key=pkcs1_pem()))
    other = read(key_json(private_key=pem(another_rsa_key())))

    assert one.public_fingerprint == same.public_fingerprint != other.public_fingerprint
    assert len(one.public_fingerprint) == 64


def test_info_carries_our_address_and_not_the_key_file_s():
    former = read(key_json(token_uri="https://accounts.google.com/o/oauth2/token"))

    assert former.info(GOOGLE_TOKEN_URI)["token_uri"] == GOOGLE_TOKEN_URI


def test_comes_back_from_its_stored_form():
    key = read(key_json())
    stored = key.to_secret()

    assert ServiceAccountKey.from_secret(stored) == key
    assert GOOGLE_TOKEN_URI not in stored.reveal()
    assert len(json.loads(stored.reveal())) == 6


@pytest.mark.parametrize(
    "stored",
    ["", "[]", "null", "{}", '{"type": "service_account"}', b"\xff", key_json()],
    ids=["empty", "list", "null", "no fields", "one field", "bytes", "Google's form"],
)
def test_refuses_a_stored_form_that_it_did_not_write(stored: str | bytes):
    with pytest.raises(KeyRefused) as caught:
        ServiceAccountKey.from_secret(Secret(stored))

    assert caught.value.code == "stored_key_unreadable"
    assert caught.value.__context__ is None


def test_never_shows_the_key_in_its_repr():
    key = read(key_json())

    assert key_body()[100:120] not in f"{key!r} {key} {vars(key)!r}"


def test_connects_to_nothing(monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert read(key_json(auth_uri="http://169.254.169.254/")).google == "google"
    with pytest.raises(KeyRefused):
        read(key_json(token_uri="http://169.254.169.254/"))
