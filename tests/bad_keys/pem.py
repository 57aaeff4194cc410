"""Classes 63 to 85: the private key's own text."""

import base64
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import PrivateFormat, PublicFormat

from tests import factories_keys as keys
from tests.bad_keys.case import BadKey

BEGIN, END = "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n"


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
