"""Seals secrets for the database and opens them again (docs/adr/0004-secret-storage.md).

Knows the ring of keys from the setting CREDENTIAL_RING and the envelope
``v1.<key id>.<nonce + wrapped data key>.<nonce + ciphertext>``. Fails closed: whatever
is not a valid envelope of that very row is refused, never returned. Never logs.
"""

import base64
import binascii
import functools
import hashlib
import itertools
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from connections.secret import Secret

VERSION: Final = "v1"
# The longest possible start of an envelope, up to and including the key id's dot.
PREFIX_LENGTH: Final = 36
_APP: Final = "clevertap-bq"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_WRAPPED_BYTES: Final = _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
_KEY_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")
_LOST: Final = "lost"
# Random keys have about 30 different bytes out of 32; below 16 somebody typed it.
_FEWEST_DIFFERENT_BYTES: Final = 16
# The sample that the documentation prints. It is public, so it protects nothing.
_DOCUMENTED_SAMPLE: Final = hashlib.sha256(b"clevertap-bq documented sample").digest()


class RingRefused(ImproperlyConfigured):
    """CREDENTIAL_RING cannot be used. The text names the setting and never its value."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"CREDENTIAL_RING: {sentence}")
        self.code = code
        self.sentence = f"CREDENTIAL_RING: {sentence}"


class Unreadable(StrEnum):
    """Why a stored value does not open."""

    NOT_SEALED = "not_sealed"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_KEY = "unknown_key"
    ALTERED = "altered"


_SENTENCES: Final = {
    Unreadable.NOT_SEALED: "The stored secret is damaged: it is not in sealed form. "
    "Enter the secret again, or restore it from a backup.",
    Unreadable.UNKNOWN_VERSION: "The stored secret was sealed by a newer version of this "
    "program. Run that version, or enter the secret again.",
    Unreadable.UNKNOWN_KEY: "The stored secret was sealed with a key that is no longer in "
    "CREDENTIAL_RING. Put that key back, or enter the secret again.",
    Unreadable.ALTERED: "The stored secret does not open: it was altered, moved from "
    "another row, or sealed with other key bytes. Enter the secret again.",
}


class CannotOpen(Exception):
    """A stored value was refused. ``sentence`` is fit for people; nothing else is in it."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = _SENTENCES[reason]

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class SealContext:
    """The one place where a sealed value opens: a column of a row.

    ``row`` is the primary key as text. A model with a sealed column makes its own.
    """

    table: str
    column: str
    row: str

    def __post_init__(self) -> None:
        parts = (self.table, self.column, self.row)
        if not all(part and "|" not in part for part in parts):
            raise ValueError("A seal context needs table, column and row, each without a '|'.")

    def associated_data(self) -> bytes:
        return "|".join((_APP, self.table, self.column, self.row)).encode()


class Ring(NamedTuple):
    """The keys by id, in the order of the setting: the first writes, all read.

    ``lost`` are ids that the operator has given up: what they sealed does not open, and
    the program starts all the same.
    """

    keys: dict[str, Secret]
    lost: frozenset[str] = frozenset()

    @property
    def first_id(self) -> str:
        return next(iter(self.keys))


class _Envelope(NamedTuple):
    key_id: str
    wrapped: bytes
    body: bytes

    def __str__(self) -> str:
        return f"{VERSION}.{self.key_id}.{_to_text(self.wrapped)}.{_to_text(self.body)}"


# The ring


def parse_ring(text: str) -> Ring:
    """Read ``keyid:base64-of-32-bytes`` entries, one a line or separated by commas.

    ``keyid:lost`` says that the key of this id is gone for good. Raises: RingRefused, naming the setting and the entry's position, never a value.
    """
    entries = [entry.strip() for entry in re.split(r"[\n,]", text) if entry.strip()]
    keys: dict[str, Secret] = {}
    lost: set[str] = set()
    for position, entry in enumerate(entries, start=1):
        key_id, key = _parse_entry(entry, position)
        if key_id in keys or key_id in lost:
            raise RingRefused("duplicate_id", f"entry {position} repeats an earlier key id.")
        if key is None:
            lost.add(key_id)
            continue
        if key in keys.values():
            raise RingRefused("equal_keys", f"entry {position} repeats an earlier key's bytes.")
        keys[key_id] = key
    if not keys:
        raise RingRefused(
            "missing",
            "it holds no key. Set it to keyid:base64-of-32-random-bytes, for example from "
            "`openssl rand -base64 32`.",
        )
    return Ring(keys, frozenset(lost))


def current_ring() -> Ring:
    """The ring of the settings, parsed once per value of the setting."""
    return _cached_ring(settings.CREDENTIAL_RING)


@functools.lru_cache(maxsize=4)
def _cached_ring(text: str) -> Ring:
    return parse_ring(text)


def _parse_entry(entry: str, position: int) -> tuple[str, Secret | None]:
    """Key id and key; no key where it is said to be lost."""
    key_id, colon, encoded = entry.partition(":")
    if not colon or not _KEY_ID.fullmatch(key_id.strip()):
        raise RingRefused(
            "malformed",
            f"entry {position} is not keyid:base64. A key id is 1 to 32 of a-z, 0-9, '-' and '_'.",
        )
    if encoded.strip() == _LOST:
        return key_id.strip(), None
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise RingRefused(
            "wrong_length",
            f"entry {position} is not the base64 of exactly 32 bytes. Make one with "
            "`openssl rand -base64 32`.",
        )
    if _is_guessable(raw):
        raise RingRefused(
            "guessable",
            f"entry {position} is a sample or was not made at random. Make one with "
            "`openssl rand -base64 32`.",
        )
    return key_id.strip(), Secret(raw)


def _is_guessable(raw: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in itertools.pairwise(raw)}
    typed = all(0x20 <= byte < 0x7F for byte in raw)
    return (
        raw == _DOCUMENTED_SAMPLE
        or typed
        or len(steps) == 1
        or len(set(raw)) < _FEWEST_DIFFERENT_BYTES
    )


# Sealing and opening


def seal(secret: Secret, context: SealContext) -> str:
    """Seal with the ring's first key and a fresh data key, bound to ``context``."""
    if not isinstance(secret, Secret):
        raise TypeError("Only a Secret can be sealed.")
    data_key = Secret(secrets.token_bytes(_KEY_BYTES))
    ring, bound = current_ring(), context.associated_data()
    wrapped = _encrypt(ring.keys[ring.first_id], data_key, bound)
    return str(_Envelope(ring.first_id, wrapped, _encrypt(data_key, secret, bound)))


def open_sealed(value: str, context: SealContext) -> Secret:
    """Open a value that was sealed for exactly ``context``.

    Call it in a worker, as late as possible. Raises: CannotOpen.
    """
    envelope, bound = _parse(value), context.associated_data()
    return _decrypt(_data_key(envelope, bound), envelope.body, bound)


def rewrap(value: str, context: SealContext) -> str:
    """Wrap the same data key with the ring's first key; the ciphertext stays.

    The value is opened once, so that a damaged one is never carried on as if it were
    sound. Raises: CannotOpen.
    """
    envelope, bound, ring = _parse(value), context.associated_data(), current_ring()
    data_key = _data_key(envelope, bound)
    _decrypt(data_key, envelope.body, bound)
    wrapped = _encrypt(ring.keys[ring.first_id], data_key, bound)
    return str(_Envelope(ring.first_id, wrapped, envelope.body))


def key_id_of(value: str) -> str:
    """Which ring key wraps this value. Looks at the form only. Raises: CannotOpen."""
    return _parse(value).key_id


def is_envelope(value: object) -> bool:
    """Whether a value has the form of an envelope. Says nothing about whether it opens."""
    if not isinstance(value, str):
        return False
    try:
        _parse(value)
    except CannotOpen:
        return False
    return True


def _data_key(envelope: _Envelope, bound: bytes) -> Secret:
    key = current_ring().keys.get(envelope.key_id)
    if key is None:
        raise CannotOpen(Unreadable.UNKNOWN_KEY)
    return _decrypt(key, envelope.wrapped, bound)


def _encrypt(key: Secret, plain: Secret, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key.reveal_bytes()).encrypt(nonce, plain.reveal_bytes(), bound)


def _decrypt(key: Secret, sealed: bytes, bound: bytes) -> Secret:
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return Secret(AESGCM(key.reveal_bytes()).decrypt(nonce, ciphertext, bound))
    except InvalidTag:
        raise CannotOpen(Unreadable.ALTERED) from None


def _parse(value: str) -> _Envelope:
    parts = value.split(".")
    if len(parts) != 4 or not re.fullmatch(r"v[0-9]{1,4}", parts[0]):
        raise CannotOpen(Unreadable.NOT_SEALED)
    version, key_id, wrapped_text, body_text = parts
    if version != VERSION:
        raise CannotOpen(Unreadable.UNKNOWN_VERSION)
    wrapped, body = _from_text(wrapped_text), _from_text(body_text)
    sound = len(wrapped) == _WRAPPED_BYTES and len(body) >= _NONCE_BYTES + _TAG_BYTES
    if not sound or not _KEY_ID.fullmatch(key_id):
        raise CannotOpen(Unreadable.NOT_SEALED)
    return _Envelope(key_id, wrapped, body)


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _from_text(text: str) -> bytes:
    """Decode one spelling only: two texts for the same bytes would hide a change."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text) or len(text) % 4 == 1:
        return b""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return raw if _to_text(raw) == text else b""
