"""Classes 63 to 85: the private key's own text."""

import base64
import math
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, PublicFormat

from tests import factories_keys as keys
from tests.bad_keys.case import BadKey

BEGIN, END = "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n"
PRIVATE = ("d", "p", "q", "dmp1", "dmq1", "iqmp")


def good() -> str:
    return keys.pem(keys.rsa_key())


def lines_without_one() -> str:
    lines = good().splitlines(keepends=True)
    return "".join(lines[:5] + lines[6:])


def block(der: bytes, label: str = "PRIVATE KEY") -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"


def der_of(pem: str) -> bytes:
    return base64.b64decode("".join(pem.splitlines()[1:-1]))


def der_integer(number: int) -> bytes:
    return der_part(b"\x02", number.to_bytes(number.bit_length() // 8 + 1, "big"))


def der_part(tag: bytes, content: bytes) -> bytes:
    length = len(content)
    return (
        tag + (bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")) + content
    )


def pkcs1(numbers: rsa.RSAPrivateNumbers, **changes: int) -> str:
    """PKCS#1 by hand (RFC 8017, A.1.2): the library refuses to write what is no key."""
    public = numbers.public_numbers
    given = {"n": public.n, "e": public.e} | {name: getattr(numbers, name) for name in PRIVATE}
    integers = [0, *(given | changes).values()]
    return block(der_part(b"\x30", b"".join(map(der_integer, integers))), "RSA PRIVATE KEY")


def with_one_of_another_key(name: str) -> str:
    return pkcs1(
        keys.rsa_key().private_numbers(),
        **{name: getattr(keys.another_rsa_key().private_numbers(), name)},
    )


def false_primes() -> str:
    """Numbers that belong together, but one factor is the square of a prime."""
    p, q = keys.rsa_key(1024).private_numbers().p ** 2, keys.rsa_key(3072).private_numbers().p
    d = pow(65537, -1, math.lcm(p - 1, q - 1))
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return pkcs1(rsa.RSAPrivateNumbers(p, q, d, *crt, rsa.RSAPublicNumbers(65537, p * q)))


def case(number: int, name: str, code: str, build: Callable[[], str]) -> BadKey:
    return BadKey(
        number, f"private key {name}", f"private_key_{code}", lambda: keys.key_json(
            private_key=build())
    )  # fmt: skip


CASES = [
    case(63, "escaped twice and cut", "escapes", lambda: good()[:900].replace("\n", "\\n")
         + END),
    case(67, "cut before its end", "truncated", lambda: good()[:900]),
    case(67, "cut at its start", "truncated", lambda: good()[900:]),
    case(67, "without one line", "truncated", lines_without_one),
    case(67, "one character short", "truncated", lambda: good().replace(keys.key_body()[9], "", 1)),
    case(68, "garbage base64", "garbage", lambda: BEGIN + "?!" * 40 + "\n" + END),
    case(68, "base64 of garbage", "garbage", lambda: BEGIN + "QUJD" * 400 + "\n" + END),
    case(68, "sound form, no key", "garbage", lambda: block(b"\x30\x82\x01\x00" + bytes(256))),
    case(68, "bytes behind the key", "garbage", lambda: block(der_of(good()) + b"\x00" * 3)),
    *(case(68, f"{name} of another key", "garbage", partial(with_one_of_another_key, name))
      for name in PRIVATE),
    case(68, "false primes", "garbage", false_primes),
    case(69, "empty body", "empty_body", lambda: BEGIN + END),
    case(70, "encrypted", "encrypted", keys.encrypted_pem),
    case(70, "encrypted, relabelled", "encrypted", lambda: block(der_of(keys.encrypted_pem()))),
    case(71, "encrypted, old format", "legacy_encrypted", keys.legacy_encrypted_pem),
    case(72, "public", "public", keys.public_pem),
    case(72, "public PKCS#1", "public", lambda: keys.public_pem(PublicFormat.PKCS1)),
    case(73, "certificate", "certificate", keys.certificate_pem),
    case(74, "OpenSSH", "openssh", keys.openssh_pem),
    case(75, "elliptic curve", "elliptic_curve", keys.elliptic_curve_pem),
    case(75, "elliptic curve, SEC1", "elliptic_curve", lambda: keys.elliptic_curve_pem(
        PrivateFormat.TraditionalOpenSSL)),
    case(76, "Ed25519", "ed25519", keys.ed25519_pem),
    case(0, "X25519", "algorithm", keys.x25519_pem),
    case(77, "DSA", "dsa", keys.dsa_pem),
    case(77, "DSA, old format", "dsa", lambda: keys.dsa_pem(PrivateFormat.TraditionalOpenSSL)),
    case(78, "RSA 1024", "1024_bits", lambda: keys.pem(keys.rsa_key(1024))),
    case(78, "RSA 1536", "too_short", lambda: keys.pem(keys.rsa_key(1536))),
    case(79, "RSA 16384", "too_long", lambda: keys.pem(keys.rsa_key_of_absurd_size())),
    case(80, "exponent 3", "exponent", lambda: keys.pem(keys.rsa_key(2048, 3))),
    case(81, "two blocks", "two_blocks", lambda: good() * 2),
    case(81, "key and certificate", "two_blocks", lambda: good() + keys.certificate_pem()),
    case(82, "junk before", "junk_before", lambda: "Bag Attributes: none\n" + good()),
    case(83, "junk after", "junk_after", lambda: good() + "# mine"),
    case(85, "masked with X", "masked", lambda: "XXXXXXXXXX"),
    case(85, "masked with stars", "masked", lambda: "********"),
    case(85, "masked with a word", "masked", lambda: "[REDACTED]"),
    case(85, "masked body", "masked", lambda: f"{BEGIN}...\n{END}"),
    case(85, "masked with bullets", "masked", lambda: f"{BEGIN}••••••\n{END}"),
    case(0, "typographic dashes", "dashes", lambda: good().replace("-----", "\u2014\u2014")),
    case(0, "zero-width space", "foreign_characters", lambda: good().replace("M", "M\u200b", 1)),
    case(0, "markers differ", "markers_differ", lambda: good().replace("BEGIN ", "BEGIN RSA ")),
    case(0, "damaged first line", "markers", lambda: good().replace("-----BEGIN", "--BEGIN")
         .replace(END, "")),
    case(0, "without markers", "without_markers", keys.key_body),
    case(0, "unknown label", "label", lambda: block(b"x", "FOREIGN THING")),
    case(0, "some words", "not_pem", lambda: "my secret key"),
]  # fmt: skip
