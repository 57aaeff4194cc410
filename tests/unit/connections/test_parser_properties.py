"""Whatever is typed, set or stored, only the documented error escapes; EXAMPLES=20000 for more."""

import base64
import hashlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from connections import encryption
from connections.encryption import CannotOpen, RingRefused, SealContext
from connections.identifiers import (
    IdentifierRefused,
    check_dataset_id,
    check_name,
    check_project_id,
    check_table_id,
)
from connections.secret import Secret
from tests.examples import examples

CHECKS = {
    "project": check_project_id,
    "dataset": check_dataset_id,
    "table": check_table_id,
    "name": check_name,
}
each_check = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
# Every character, half pairs too, thick with what the rules look at.
any_character = st.characters() | st.sampled_from(
    "aZ9-_.:$*`'\"\\@/ \t\n\r\x00\u200b\u202e\ud800\u00df"
)
typed = (
    st.text(any_character, max_size=40)
    | st.text(any_character, min_size=90, max_size=140)
    | st.from_regex(r"[a-z0-9.:-]{4,34}", fullmatch=True)
    | st.builds(
        lambda text, times: text * times, st.text(any_character, max_size=8), st.integers(0, 300)
    )
)

HERE = SealContext(table="connections_storedkey", column="sealed_key", row="row-1")
PLAIN = "canary-4711-canary"
KEY = base64.b64encode(hashlib.sha256(b"a key for these tests").digest()).decode()
entry = st.builds(
    "{}{}{}".format,
    st.sampled_from(["k1", "k-2", "old_3", "", "K", "k" * 33]) | st.text(any_character, max_size=6),
    st.sampled_from([":", " : ", "::", "=", ""]),
    st.binary(max_size=40).map(lambda raw: base64.b64encode(raw).decode())
    | st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode())
    | st.sampled_from(["lost", KEY, KEY[:-1], KEY + "="])
    | st.text(any_character, max_size=50),
)
any_ring = st.lists(entry, max_size=4).flatmap(
    lambda entries: st.sampled_from(["\n", ",", "\r\n", ";"]).map(
        lambda between: between.join(entries)
    )
)


def outcome(work, error: type[Exception]):
    """What came out, and the documented error; any other goes on to the test."""
    try:
        return work(), None
    except error as refused:
        return None, refused


@each_check
@examples(quick=300)
@given(value=typed)
def test_a_name_is_taken_clean_or_refused(check, value: str):
    taken, refused = outcome(lambda: check(value), IdentifierRefused)
    if refused:
        assert refused.sentence.endswith(".")
        return
    assert taken
    assert taken in value  # trimmed at most: never turned into another name
    assert check(taken) == taken
    assert taken.encode().decode() == taken
    assert "\x00" not in taken


@examples(quick=500)
@given(text=any_ring | st.text(any_character, max_size=60))
def test_a_ring_is_read_or_refused(text: str):
    ring, refused = outcome(lambda: encryption.parse_ring(text), RingRefused)
    if refused:
        assert isinstance(refused, ImproperlyConfigured)
        assert str(refused).startswith("CREDENTIAL_RING: ")
        assert KEY not in str(refused)
        return
    assert ring.first_id in ring.keys
    assert all(len(key.reveal_bytes()) == 32 for key in ring.keys.values())


@pytest.fixture(scope="module")
def sealed() -> str:
    return encryption.seal(Secret(PLAIN), HERE)


def opened(value: str) -> str | None:
    found, refused = outcome(lambda: encryption.open_sealed(value, HERE), CannotOpen)
    assert "canary" not in f"{refused!r} {refused}"
    return found and found.reveal()


@examples(quick=500)
@given(value=st.text(any_character, max_size=60) | st.from_regex(r"v1(\.[A-Za-z0-9_-]{0,90}){3}"))
def test_a_text_is_no_envelope(value: str):
    assert opened(value) is None


@examples(quick=500)
@given(
    start=st.integers(0, 200),
    removed=st.integers(0, 60),
    put=st.text("ABCabc019-_.", max_size=60) | st.text(any_character, max_size=8),
)
def test_an_envelope_with_any_piece_changed_does_not_open(
    sealed: str, start: int, removed: int, put: str
):
    value = sealed[:start] + put + sealed[start + removed :]

    assert (opened(value) == PLAIN) == (value == sealed)
