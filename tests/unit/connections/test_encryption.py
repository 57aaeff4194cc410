"""Sealed values open in their own row, with their own key, unchanged, or not at all."""

import base64
import re
import secrets
import traceback
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from connections import encryption
from connections.encryption import CannotOpen, RingRefused, SealContext, Unreadable
from connections.secret import Secret

HERE = SealContext(table="connections_storedkey", column="sealed_key", row="row-1")
ADR = Path(__file__).parents[3] / "docs/adr/0004-secret-storage.md"
CANARY = Secret("canary-4711-canary")


def ring_of(*key_ids: str) -> str:
    return "\n".join(
        f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for key_id in key_ids
    )


@pytest.fixture
def ring(settings) -> str:
    settings.CREDENTIAL_RING = ring_of("k1")
    return settings.CREDENTIAL_RING


def reason_of(value: str, context: SealContext = HERE) -> Unreadable:
    with pytest.raises(CannotOpen) as caught:
        encryption.open_sealed(value, context)
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    return caught.value.reason


class TestRing:
    def test_reads_lines_and_commas_in_order(self):
        text = ring_of("new", "old_1") + "," + ring_of("older-2") + "\n\n"

        ring = encryption.parse_ring(text)

        assert list(ring.keys) == ["new", "old_1", "older-2"]
        assert ring.first_id == "new"

    def test_reads_which_keys_are_lost(self):
        ring = encryption.parse_ring(f"older:lost\n{ring_of('new')}\noldest: lost")

        assert list(ring.keys) == ["new"]
        assert ring.lost == {"older", "oldest"}

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            pytest.param("", "missing", id="empty"),
            pytest.param("k1:lost", "missing", id="lost keys only"),
            pytest.param(f"{ring_of('k1')}\nk1:lost", "duplicate_id", id="there and lost"),
            pytest.param("k1:LOST", "wrong_length", id="lost in capitals"),
            pytest.param(" \n , \n", "missing", id="separators only"),
            pytest.param("justtext", "malformed", id="no colon"),
            pytest.param(":" + "A" * 44, "malformed", id="no key id"),
            pytest.param(ring_of("K1"), "malformed", id="upper-case key id"),
            pytest.param(ring_of("a.b"), "malformed", id="dot in the key id"),
            pytest.param(ring_of("k" * 33), "malformed", id="over-long key id"),
            pytest.param("k1:", "wrong_length", id="no key"),
            pytest.param("k1:not base64!", "wrong_length", id="not base64"),
            pytest.param("k1:\u00e9", "wrong_length", id="not ASCII"),
            pytest.param(
                "k1:" + base64.b64encode(secrets.token_bytes(16)).decode(),
                "wrong_length",
                id="16 bytes",
            ),
            pytest.param(
                "k1:" + base64.b64encode(secrets.token_bytes(33)).decode(),
                "wrong_length",
                id="33 bytes",
            ),
            pytest.param("k1:" + "A" * 43 + "=", "guessable", id="zeros"),
            pytest.param(
                "k1:" + base64.b64encode(bytes(range(32))).decode(), "guessable", id="counting up"
            ),
            pytest.param(
                "k1:" + base64.b64encode(b"changeme" * 4).decode(), "guessable", id="a word"
            ),
            pytest.param(
                "k1:" + base64.b64encode(b"correct-horse-battery-staple-471").decode(),
                "guessable",
                id="typed text",
            ),
            pytest.param(
                "k1:" + base64.b64encode(secrets.token_bytes(2) * 16).decode(),
                "guessable",
                id="repeated bytes",
            ),
            pytest.param(f"{ring_of('k1')}\n{ring_of('k1')}", "duplicate_id", id="id twice"),
            pytest.param(
                (one := ring_of("k1")) + "\n" + one.replace("k1:", "k2:"),
                "equal_keys",
                id="key twice",
            ),
        ],
    )
    def test_refuses(self, text: str, code: str):
        with pytest.raises(RingRefused) as caught:
            encryption.parse_ring(text)

        assert caught.value.code == code
        assert str(caught.value).startswith("CREDENTIAL_RING: ")

    def test_refuses_the_sample_of_the_documentation(self):
        text = ADR.read_text(encoding="utf-8")
        samples = re.findall(r"k1:[A-Za-z0-9+/]{43}=", text)

        assert samples
        for sample in samples:
            with pytest.raises(RingRefused, match="sample"):
                encryption.parse_ring(sample)

    def test_names_the_setting_and_the_entry_but_never_the_value(self):
        bad = base64.b64encode(secrets.token_bytes(31)).decode()

        with pytest.raises(ImproperlyConfigured, match="entry 2") as caught:
            encryption.parse_ring(f"{ring_of('k1')}\nk2:{bad}")

        assert bad[:8] not in "".join(traceback.format_exception(caught.value))

    def test_never_shows_its_keys(self, ring: str):
        assert ring.partition(":")[2][:8] not in repr(encryption.current_ring())
        assert "\\x" not in repr(encryption.current_ring())


class TestSealAndOpen:
    def test_opens_what_it_sealed(self, ring: str):
        sealed = encryption.seal(CANARY, HERE)

        assert encryption.open_sealed(sealed, HERE) == CANARY
        assert encryption.key_id_of(sealed) == "k1"

    def test_has_the_documented_form(self, ring: str):
        version, key_id, wrapped, body = encryption.seal(CANARY, HERE).split(".")

        assert (version, key_id, len(wrapped)) == ("v1", "k1", 80)
        assert len(base64.urlsafe_b64decode(body + "==")) == 12 + len("canary-4711-canary") + 16

    def test_never_seals_the_same_value_alike(self, ring: str):
        sealed = {encryption.seal(CANARY, HERE) for _ in range(50)}

        assert len(sealed) == 50
        assert len({value.split(".")[2] for value in sealed}) == 50

    def test_hides_the_value(self, ring: str):
        assert "canary" not in encryption.seal(CANARY, HERE)

    def test_refuses_to_seal_bare_text(self, ring: str):
        with pytest.raises(TypeError) as caught:
            encryption.seal("canary", HERE)

        assert "canary" not in str(caught.value)

    def test_seals_with_the_first_and_opens_with_all(self, settings):
        old = settings.CREDENTIAL_RING = ring_of("old")
        sealed = encryption.seal(CANARY, HERE)
        settings.CREDENTIAL_RING = f"{ring_of('new')}\n{old}"

        assert encryption.open_sealed(sealed, HERE) == CANARY
        assert encryption.key_id_of(encryption.seal(CANARY, HERE)) == "new"

    @pytest.mark.parametrize(
        "parts", [("", "c", "r"), ("t", "", "r"), ("t", "c", ""), ("t|c", "c", "r")]
    )
    def test_refuses_a_place_that_could_be_taken_for_another(self, parts: tuple[str, str, str]):
        with pytest.raises(ValueError, match="seal context"):
            SealContext(*parts)


def changed(value: str, part: int, at: int) -> str:
    """One bit of one byte of one part flipped, in the decoded bytes."""
    parts = value.split(".")
    raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    raw[at] ^= 1
    parts[part] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    return ".".join(parts)


class TestTampering:
    @pytest.mark.parametrize(
        "elsewhere",
        [
            SealContext(table=HERE.table, column=HERE.column, row="row-2"),
            SealContext(table="imports_clevertapaccount", column=HERE.column, row=HERE.row),
            SealContext(table=HERE.table, column="other", row=HERE.row),
        ],
        ids=["other row", "other table", "other column"],
    )
    def test_refuses_a_value_from_elsewhere(self, ring: str, elsewhere: SealContext):
        assert reason_of(encryption.seal(CANARY, elsewhere)) == Unreadable.ALTERED

    @pytest.mark.parametrize("part", [2, 3], ids=["wrapped data key", "ciphertext"])
    @pytest.mark.parametrize("at", [0, 11, 12, 20, -1])
    def test_refuses_a_flipped_bit(self, ring: str, part: int, at: int):
        assert reason_of(changed(encryption.seal(CANARY, HERE), part, at)) == Unreadable.ALTERED

    def test_refuses_every_single_character_changed(self, ring: str):
        sealed = encryption.seal(CANARY, HERE)
        for at, old in enumerate(sealed):
            for new in {"A", "b", "9", "_", "."} - {old}:
                reason_of(sealed[:at] + new + sealed[at + 1 :])

    def test_refuses_every_truncation(self, ring: str):
        sealed = encryption.seal(CANARY, HERE)
        for length in range(len(sealed)):
            reason_of(sealed[:length])

    def test_refuses_two_values_mixed(self, ring: str):
        one, two = (encryption.seal(CANARY, HERE).split(".") for _ in range(2))

        assert reason_of(".".join([*one[:3], two[3]])) == Unreadable.ALTERED

    def test_refuses_an_unknown_version(self, ring: str):
        sealed = encryption.seal(CANARY, HERE)

        assert reason_of("v2" + sealed[2:]) == Unreadable.UNKNOWN_VERSION

    def test_refuses_a_key_id_that_is_not_in_the_ring(self, ring: str, settings):
        sealed = encryption.seal(CANARY, HERE)
        settings.CREDENTIAL_RING = ring_of("k2")

        assert reason_of(sealed) == Unreadable.UNKNOWN_KEY

    def test_refuses_a_key_id_that_is_lost(self, ring: str, settings):
        sealed = encryption.seal(CANARY, HERE)
        settings.CREDENTIAL_RING = f"{ring_of('k2')}\nk1:lost"

        assert reason_of(sealed) == Unreadable.UNKNOWN_KEY

    def test_refuses_other_key_bytes_under_the_same_id(self, ring: str, settings):
        sealed = encryption.seal(CANARY, HERE)
        settings.CREDENTIAL_RING = ring_of("k1")

        assert reason_of(sealed) == Unreadable.ALTERED

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "canary",
            "v1",
            "v1.k1",
            "v1.k1..",
            "v1.k1.a.b",
            '{"a": "b.c.d.e"}',
            "...",
            "v1.k1.é.é",
        ],
    )
    def test_refuses_what_is_no_envelope(self, ring: str, value: str):
        assert reason_of(value) == Unreadable.NOT_SEALED
        assert not encryption.is_envelope(value)

    def test_refuses_a_second_spelling_of_the_same_bytes(self, ring: str):
        sealed = encryption.seal(Secret("a"), HERE)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        respelt = sealed[:-1] + letters[letters.index(sealed[-1]) ^ 1]
        bytes_of = lambda text: base64.urlsafe_b64decode(text.split(".")[3] + "==")  # noqa: E731

        assert bytes_of(respelt) == bytes_of(sealed)
        assert reason_of(respelt) == Unreadable.NOT_SEALED

    def test_every_reason_has_a_sentence_of_its_own(self):
        sentences = {CannotOpen(reason).sentence for reason in Unreadable}

        assert len(sentences) == len(Unreadable)


class TestRewrap:
    def test_moves_to_the_first_key_and_keeps_the_ciphertext(self, ring: str, settings):
        sealed = encryption.seal(CANARY, HERE)
        settings.CREDENTIAL_RING = f"{ring_of('k2')}\n{ring}"

        moved = encryption.rewrap(sealed, HERE)
        settings.CREDENTIAL_RING = settings.CREDENTIAL_RING.partition("\n")[0]

        assert encryption.key_id_of(moved) == "k2"
        assert moved.split(".")[3] == sealed.split(".")[3]
        assert encryption.open_sealed(moved, HERE) == CANARY

    def test_refuses_to_carry_on_a_damaged_value(self, ring: str):
        damaged = changed(encryption.seal(CANARY, HERE), part=3, at=14)

        with pytest.raises(CannotOpen):
            encryption.rewrap(damaged, HERE)

    def test_refuses_a_value_of_another_row(self, ring: str):
        sealed = encryption.seal(CANARY, HERE)

        with pytest.raises(CannotOpen):
            encryption.rewrap(sealed, SealContext(HERE.table, HERE.column, "row-2"))
