"""The mathematical side of a private key: RSA, 2048 to 4096 bits, exponent 65537.

Speaks to ``cryptography`` only. The library's own check proves both factors prime, which
takes 0.2 s at 4096 bits and seconds at 16384: too long for a request. Here the numbers
must belong together and sign what they verify; Google's loader proves the rest in a
worker, each time a key is opened.
"""

import hashlib
import math
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

_EXPONENT: Final = 65537
_SHORTEST: Final = 2048
_LONGEST: Final = 4096
_OTHER_KINDS: Final[tuple[tuple[tuple[type, ...], str, str], ...]] = (
    (
        (ec.EllipticCurvePrivateKey,),
        "private_key_elliptic_curve",
        "The private key is an elliptic-curve key. Google’s keys are RSA.",
    ),
    (
        (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey),
        "private_key_ed25519",
        "The private key is an Edwards-curve key (Ed25519), as SSH uses. Google’s keys are RSA.",
    ),
    (
        (dsa.DSAPrivateKey,),
        "private_key_dsa",
        "The private key is a DSA key. Google’s keys are RSA.",
    ),
)


def normalised(der: bytes) -> str:
    """The key as unencrypted PKCS#8 PEM. Raises: KeyRefused."""
    key = _loaded(der)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _other_kind(key)
    _check_size(key)
    if not _belong_together(key.private_numbers()) or not _signs(key):
        raise _no_key()
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def public_fingerprint(pem: str) -> str:
    """SHA-256 of the public half (SubjectPublicKeyInfo, DER), as 64 hexadecimal digits."""
    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()


def _loaded(der: bytes) -> Any:
    try:
        return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        refused = KeyRefused(
            "private_key_encrypted",
            "The private key is protected by a passphrase.",
            "Google’s keys have none. " + FRESH_KEY,
        )
    except UnsupportedAlgorithm:
        refused = KeyRefused(
            "private_key_algorithm",
            "The private key is of a kind that cannot be used. Google’s keys are RSA.",
            FRESH_KEY,
        )
    except ValueError:
        refused = _no_key()
    raise refused


def _no_key() -> KeyRefused:
    return KeyRefused(
        "private_key_garbage",
        "The private key has the right form, but what is in it is not a key.",
        "It was damaged or edited. " + WHOLE_FILE,
    )


def _belong_together(numbers: rsa.RSAPrivateNumbers) -> bool:
    """RFC 8017, section 3.2: what holds between the numbers of every RSA key."""
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    return (
        p * q == n
        and p % 2 == q % 2 == 1
        and min(p, q) > 2
        and 0 < d < n
        and e * d % math.lcm(p - 1, q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and numbers.iqmp * q % p == 1
    )


def _signs(key: rsa.RSAPrivateKey) -> bool:
    """Whether the public half verifies what the private half signs: not with false primes."""
    message, scheme, digest = b"checks itself", padding.PKCS1v15(), hashes.SHA256()
    try:
        key.public_key().verify(key.sign(message, scheme, digest), message, scheme, digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def _other_kind(key: object) -> KeyRefused:
    for kinds, code, sentence in _OTHER_KINDS:
        if isinstance(key, kinds):
            return KeyRefused(code, sentence, FRESH_KEY)
    return KeyRefused(
        "private_key_algorithm",
        "The private key is of a kind that cannot be used. Google’s keys are RSA.",
        FRESH_KEY,
    )


def _check_size(key: rsa.RSAPrivateKey) -> None:
    if key.key_size == 1024:
        raise KeyRefused(
            "private_key_1024_bits",
            "The private key has only 1024 bits, which can be broken.",
            "Delete it in Google Cloud and create a new one; new keys have 2048 bits.",
        )
    if key.key_size < _SHORTEST:
        raise KeyRefused(
            "private_key_too_short",
            "The private key has fewer than 2048 bits, which can be broken.",
            FRESH_KEY,
        )
    if key.key_size > _LONGEST:
        raise KeyRefused(
            "private_key_too_long",
            "The private key has more than 4096 bits. Google does not make such keys.",
            FRESH_KEY,
        )
    if key.public_key().public_numbers().e != _EXPONENT:
        raise KeyRefused(
            "private_key_exponent",
            "The private key has an unusual public exponent. Google’s keys use 65537.",
            FRESH_KEY,
        )
