"""What is accepted, what is repaired, and what comes out."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connections.secret import Secret
from connections.service_account import KeyRefused, ServiceAccountKey, read_key
from tests import bad_keys
from tests.bad_keys import GoodKey
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

GOOD = pem(rsa_key())
each_good_key = pytest.mark.parametrize(
    "good", [pytest.param(good, id=good.name) for good in bad_keys.ACCEPTED]
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


def test_names_the_sandbox_when_the_caller_accepts_it():
    local = "http://127.0.0.1:8001/token"
    key = read_key(key_json(token_uri=local), token_uris=TOKEN_URIS | {local: "sandbox"})

    assert key.google == "sandbox"


@each_good_key
def test_accepts(good: GoodKey):
    key = read(good.build())

    assert key.google == "google"
    assert set(key.info(GOOGLE_TOKEN_URI)) == {
        "type", "project_id", "private_key_id", "private_key", "client_email", "token_uri",
    }  # fmt: skip
    assert "evil" not in json.dumps(key.info(GOOGLE_TOKEN_URI))


@each_good_key
def test_says_what_it_repaired_and_nothing_where_nothing_was(good: GoodKey):
    repairs = read(good.build()).repairs

    assert bool(repairs) == bool(good.said)
    assert not repairs or any(good.said in sentence for sentence in repairs)
    assert all(sentence.endswith(".") for sentence in repairs)


@pytest.mark.parametrize("number", [4, 35, 53, 54, 63, 64, 65, 66, 84])
def test_gives_the_same_key_whatever_was_repaired_or_dropped(number: int):
    cases = [good for good in bad_keys.ACCEPTED if good.number == number]

    assert cases
    assert {read(good.build()).private_key.reveal() for good in cases} == {GOOD}


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
