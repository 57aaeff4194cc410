"""The private key's text: exactly one PEM block, with an RSA key in it.

Repairs what pasting does to line breaks; refuses everything else by name. Gives the key
back as a fresh PKCS#8 PEM, so that nothing of the pasted text lives on.
"""

import base64
import binascii
import re
from typing import Final

from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused
from connections.service_account.rsa_key import normalised

_BEGIN: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_END: Final = re.compile(r"-----END ([A-Z0-9 ]{1,40})-----")
_ESCAPED_BREAK: Final = re.compile(r"\\{1,8}r\\{1,8}n|\\{1,8}n")
_MASK: Final = re.compile(r"[Xx*•●.…#_-]+|[\[<({].{0,60}[\])>}]", re.DOTALL)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_LONGEST_LINE: Final = 76
# A PEM of the largest key allowed, in PKCS#8, decodes to 2.4 KB; 16384 bits to 9.3 KB.
_LARGEST_DER: Final = 16 * 1024

_WRONG_LABELS: Final[dict[str, tuple[str, str, str]]] = {
    "ENCRYPTED PRIVATE KEY": (
        "private_key_encrypted",
        "The private key is protected by a passphrase.",
        "Google’s keys have none. " + FRESH_KEY,
    ),
    "PUBLIC KEY": (
        "private_key_public",
        "The field private_key holds the public half of a key.",
        FRESH_KEY,
    ),
    "RSA PUBLIC KEY": (
        "private_key_public",
        "The field private_key holds the public half of a key.",
        FRESH_KEY,
    ),
    "CERTIFICATE": (
        "private_key_certificate",
        "The field private_key holds a certificate.",
        FRESH_KEY,
    ),
    "OPENSSH PRIVATE KEY": (
        "private_key_openssh",
        "The field private_key holds an SSH key.",
        FRESH_KEY,
    ),
    "EC PRIVATE KEY": (
        "private_key_elliptic_curve",
        "The private key is an elliptic-curve key. Google’s keys are RSA.",
        FRESH_KEY,
    ),
    "DSA PRIVATE KEY": (
        "private_key_dsa",
        "The private key is a DSA key. Google’s keys are RSA.",
        FRESH_KEY,
    ),
}
_TRUNCATED: Final = (
    "private_key_truncated",
    "Part of the private key is missing.",
    "Copy the whole file, or upload it instead of pasting.",
)
_GARBAGE: Final = (
    "private_key_garbage",
    "The private key contains characters or bytes that no key has.",
    "It was damaged or edited. " + WHOLE_FILE,
)


def private_key_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The key as PKCS#8 PEM, and what was repaired. Raises: KeyRefused."""
    unescaped = _ESCAPED_BREAK.sub("\n", text)
    try:
        pem, repairs = _read(unescaped)
    except KeyRefused as refused:
        if unescaped == text or refused.code not in {_GARBAGE[0], _TRUNCATED[0]}:
            raise
    else:
        if unescaped != text:
            repairs = (
                "Line breaks in private_key that were escaped twice were restored.",
                *repairs,
            )
        return pem, repairs
    raise KeyRefused(
        "private_key_escapes",
        "The line breaks of the private key were escaped twice, and undoing that gave no key.",
        "Upload the file instead of pasting it.",
    )


def _read(text: str) -> tuple[str, tuple[str, ...]]:
    _refuse_mask(text)
    _refuse_foreign_characters(text)
    repairs = []
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        repairs.append("Windows line breaks in private_key were turned into plain ones.")
    body = _only_block(text)
    if not text.endswith("\n"):
        repairs.append("The missing line break at the end of private_key was added.")
    inner = body.strip()
    if ("\n" not in inner and len(inner) > _LONGEST_LINE) or " " in inner or "\t" in inner:
        repairs.append("Line breaks in private_key that had been lost were restored.")
    return normalised(_der(inner)), tuple(repairs)


def _refuse_mask(text: str) -> None:
    without_markers = _END.sub("", _BEGIN.sub("", text)).strip()
    if without_markers and _MASK.fullmatch("".join(without_markers.split())):
        raise KeyRefused(
            "private_key_masked",
            "The private key is a placeholder: a program or a person has hidden the real one.",
            FRESH_KEY,
        )


def _refuse_foreign_characters(text: str) -> None:
    if text.isascii():
        return
    if re.search("[\u2010-\u2015\u2212]", text):
        raise KeyRefused(
            "private_key_dashes",
            "The dashes around the private key are typographic ones. A word processor or a "
            "chat changed them.",
            "Copy the key from a plain text editor, or upload the file.",
        )
    raise KeyRefused(
        "private_key_foreign_characters",
        "The private key contains invisible or foreign characters.",
        "Copy the key from a plain text editor, or upload the file.",
    )


def _only_block(text: str) -> str:
    """What stands between the markers of the only PEM block."""
    begins, ends = list(_BEGIN.finditer(text)), list(_END.finditer(text))
    if not begins:
        raise _without_begin(text, has_end=bool(ends))
    if len(begins) > 1 or len(ends) > 1:
        raise KeyRefused(
            "private_key_two_blocks",
            "The field private_key holds more than one key or certificate.",
            WHOLE_FILE,
        )
    label = begins[0].group(1)
    _check_label(label)
    if not ends or ends[0].start() < begins[0].end():
        raise KeyRefused(*_TRUNCATED)
    if ends[0].group(1) != label:
        raise KeyRefused(
            "private_key_markers_differ",
            "The first and the last line of the private key do not belong together.",
            WHOLE_FILE,
        )
    _refuse_junk(text[: begins[0].start()], text[ends[0].end() :])
    return text[begins[0].end() : ends[0].start()]


def _without_begin(text: str, *, has_end: bool) -> KeyRefused:
    if has_end:
        return KeyRefused(*_TRUNCATED)
    if "BEGIN" in text:
        return KeyRefused(
            "private_key_markers",
            "The first line of the private key, -----BEGIN PRIVATE KEY-----, is damaged.",
            WHOLE_FILE,
        )
    if text.startswith("MII"):
        return KeyRefused(
            "private_key_without_markers",
            "The private key lacks its first and last line (BEGIN and END PRIVATE KEY).",
            WHOLE_FILE,
        )
    return KeyRefused(
        "private_key_not_pem", "The field private_key does not hold a private key.", FRESH_KEY
    )


def _check_label(label: str) -> None:
    if label in _WRONG_LABELS:
        raise KeyRefused(*_WRONG_LABELS[label])
    if label not in {"PRIVATE KEY", "RSA PRIVATE KEY"}:
        raise KeyRefused(
            "private_key_label",
            "The field private_key holds something else than a private key.",
            FRESH_KEY,
        )


def _refuse_junk(before: str, after: str) -> None:
    if before.strip():
        raise KeyRefused(
            "private_key_junk_before",
            "There is other text before the private key.",
            "Remove what stands before -----BEGIN, or use the unchanged file.",
        )
    if after.strip():
        raise KeyRefused(
            "private_key_junk_after",
            "There is other text after the private key.",
            "Remove what stands after the last dashes, or use the unchanged file.",
        )


def _der(body: str) -> bytes:
    if not body:
        raise KeyRefused(
            "private_key_empty_body",
            "There is nothing between the first and the last line of the private key.",
            WHOLE_FILE,
        )
    if body.startswith(("Proc-Type:", "DEK-Info:")):
        raise KeyRefused(
            "private_key_legacy_encrypted",
            "The private key is protected by a passphrase, in an old format.",
            "Google’s keys have none. " + FRESH_KEY,
        )
    packed = "".join(body.split())
    if not _BASE64.fullmatch(packed):
        raise KeyRefused(*_GARBAGE)
    if len(packed) % 4:
        raise KeyRefused(*_TRUNCATED)
    try:
        der = base64.b64decode(packed, validate=True)
    except binascii.Error:
        der = b""
    _check_length(der)
    return der


def _check_length(der: bytes) -> None:
    """Compare with the length that the DER itself states in its first bytes."""
    if der[:1] != b"\x30" or not 4 <= len(der) <= _LARGEST_DER:
        raise KeyRefused(*_GARBAGE)
    if der[1] < 0x80:
        stated = 2 + der[1]
    else:
        width = der[1] - 0x80
        stated = 2 + width + int.from_bytes(der[2 : 2 + width], "big")
    if len(der) < stated:
        raise KeyRefused(*_TRUNCATED)
    if len(der) > stated:
        raise KeyRefused(*_GARBAGE)
