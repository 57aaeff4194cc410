"""Seals the seeds of second steps, each for its person's row (ADR 27).

With a key that follows from SECRET_KEY, and not with CREDENTIAL_RING: requests have to open
these, and no request opens what the ring seals. Fails closed.
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes
from django.views.decorators.debug import sensitive_variables

_NONCE_BYTES = 12
_INFO = b"clevertap-bq second step v1"


class SeedUnreadable(Exception):
    """The seed was sealed with another SECRET_KEY, or for another person, or was altered."""


@sensitive_variables("seed")
def seal(seed: str, *, user_id: object) -> str:
    """The seed as text for the database."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _box(settings.SECRET_KEY).encrypt(nonce, seed.encode(), str(user_id).encode())
    return base64.b64encode(nonce + sealed).decode()


@sensitive_variables()
def unseal(text: str, *, user_id: object) -> str:
    """The seed again; also if SECRET_KEY has become one of SECRET_KEY_FALLBACKS.

    Raises:
        SeedUnreadable: nothing opens it.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            raw = base64.b64decode(text, validate=True)
            nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
            return _box(key).decrypt(nonce, sealed, str(user_id).encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise SeedUnreadable("This second step cannot be read any more. An admin can reset it.")


@sensitive_variables("key")
def _box(key: str | bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(force_bytes(key))
    return AESGCM(derived)
