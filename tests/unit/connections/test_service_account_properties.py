"""Whatever is uploaded, only KeyRefused escapes: 1,500 examples, more with EXAMPLES."""

import json

from hypothesis import given
from hypothesis import strategies as st

from connections.service_account import KeyRefused, ServiceAccountKey, read_key
from tests.examples import examples
from tests.factories_keys import TOKEN_URIS, key_document, key_json, pem, rsa_key

bounded = examples(quick=300)

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
any_text = st.text(st.characters(), max_size=300)
good_text = key_json()
good_pem = pem(rsa_key())


def outcome(raw: bytes | str) -> str:
    try:
        key = read_key(raw, token_uris=TOKEN_URIS)
    except KeyRefused as refused:
        return refused.code
    assert key.google == "google"
    assert ServiceAccountKey.from_secret(key.to_secret()).private_key == key.private_key
    return "accepted"


@bounded
@given(st.binary(max_size=600) | any_text)
def test_any_bytes_and_any_text(raw: bytes | str):
    assert outcome(raw) != "accepted"


@bounded
@given(any_json.map(lambda value: json.dumps(value)) | any_json.map(repr))
def test_any_json(raw: str):
    assert outcome(raw) != "accepted"


@bounded
@given(
    st.dictionaries(
        st.sampled_from(sorted(key_document())),
        any_json | st.just(...) | any_text,
        min_size=1,
        max_size=3,
    )
)
def test_a_good_key_with_any_fields_changed(changes: dict[str, object]):
    assert outcome(json.dumps(key_document(**changes)))


@bounded
@given(
    start=st.integers(0, len(good_pem)),
    removed=st.integers(0, 80),
    put=st.text(max_size=20) | st.sampled_from(["\\n", "\r\n", " ", "-----", "=", "A" * 64]),
)
def test_a_good_key_with_any_piece_of_its_pem_changed(start: int, removed: int, put: str):
    changed = good_pem[:start] + put + good_pem[start + removed :]

    verdict = outcome(json.dumps(key_document(private_key=changed)))

    assert verdict == "accepted" or verdict.startswith(("private_key_", "nul_", "lone_"))


@bounded
@given(
    start=st.integers(0, len(good_text)),
    removed=st.integers(0, 80),
    put=st.binary(max_size=20) | st.sampled_from([b"{", b'"', b"\\", b"\xef\xbb\xbf", b"\x00"]),
)
def test_a_good_file_with_any_piece_changed(start: int, removed: int, put: bytes):
    raw = good_text.encode()

    assert outcome(raw[:start] + put + raw[start + removed :])
