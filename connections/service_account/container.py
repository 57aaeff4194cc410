"""From the bytes of a file, or a paste, to clean text. Knows nothing of JSON.

Names the wrong kinds of file by their first bytes, before anything parses them.
"""

import base64
import binascii
import re
from typing import Final

from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

MAX_BYTES: Final = 64 * 1024

_JSON_INSTEAD: Final = "Choose the key’s JSON file instead."
_MAGIC: Final[tuple[tuple[bytes, str, str, str], ...]] = (
    (
        b"PK\x03\x04",
        "zip_archive",
        "This is a zip archive or an Office document, not a key.",
        "Unpack it and choose the JSON file inside.",
    ),
    (
        b"\x1f\x8b",
        "gzip_archive",
        "This is a gzip archive, not a key.",
        "Unpack it and choose the JSON file inside.",
    ),
    (b"%PDF", "pdf", "This is a PDF document, not a key.", _JSON_INSTEAD),
    (b"\x89PNG", "image", "This is a picture, not a key.", _JSON_INSTEAD),
    (b"\xff\xd8\xff", "image", "This is a picture, not a key.", _JSON_INSTEAD),
    (b"GIF8", "image", "This is a picture, not a key.", _JSON_INSTEAD),
    (
        b"\xfe\xed\xfe\xed",
        "java_keystore",
        "This is a Java key store, not a service-account key.",
        FRESH_KEY,
    ),
)
# DER: SEQUENCE (long form), then INTEGER 3, the version of every PKCS#12 file.
_PKCS12: Final = re.compile(rb"\x30(?:\x80|\x82..|\x83...|\x84....)\x02\x01\x03", re.DOTALL)
_UTF16_OR_32: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_INVISIBLE_EDGE: Final = "\ufeff\u200b\u2060"
_HTML: Final = re.compile(r"<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_=\s-]+")
_PATH: Final = re.compile(r"(?:[A-Za-z]:\\|~?/|\.{1,2}/)[^\n{}]{1,500}\.(?:json|p12|pem)")
_ASSIGNMENT: Final = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]{1,80}\s*=")
_YAML: Final = re.compile(r"(?:---\s|(?:apiVersion|kind|type|project_id|private_key)\s*:)")
_API_KEY: Final = re.compile(r"AIza[A-Za-z0-9_-]{30,60}")
_ACCESS_TOKEN: Final = re.compile(r"ya29\.[A-Za-z0-9._-]{10,4000}")


def text_of(raw: bytes | str) -> tuple[str, tuple[str, ...]]:
    """The document as trimmed text, and what was repaired. Raises: KeyRefused."""
    text = raw if isinstance(raw, str) else _decoded(raw)
    _refuse_unusable_text(text)
    repairs = []
    if text.startswith("\ufeff"):
        repairs.append("A byte-order mark in front of the key was removed.")
        text = text[1:]
    trimmed = text.strip()
    if trimmed != text.rstrip("\r\n"):
        repairs.append("White space around the key was removed.")
    if not trimmed.strip(_INVISIBLE_EDGE):
        raise KeyRefused(
            "blank", "There is only white space here.", "Paste the whole JSON key, or choose it."
        )
    _refuse_other_kinds_of_text(trimmed)
    return trimmed, tuple(repairs)


def too_large() -> KeyRefused:
    """The refusal of whatever is past ``MAX_BYTES``; uploads say it before reading."""
    return KeyRefused(
        "too_large",
        "This is larger than 64 KiB. A service-account key has about 2.4 KB.",
        "Choose the JSON key alone, not an archive, a log or a whole configuration.",
    )


def _decoded(raw: bytes) -> str:
    for magic, code, sentence, cure in _MAGIC:
        if raw.startswith(magic):
            raise KeyRefused(code, sentence, cure)
    if _PKCS12.match(raw):
        raise KeyRefused(
            "pkcs12",
            "This is a P12 key file. Only JSON keys can be used.",
            "Create a new key of the same service account and choose JSON as its type.",
        )
    _refuse_too_large(len(raw))
    if raw.startswith(_UTF16_OR_32) or _has_nul_at_every_second_place(raw):
        raise KeyRefused(
            "utf16",
            "The file is saved as UTF-16 (Windows calls it Unicode). A key is UTF-8.",
            "Save it again with the encoding UTF-8, or upload the file as Google made it.",
        )
    text = raw.decode("utf-8", "replace")
    if text.encode() != raw:
        raise KeyRefused(
            "not_utf8", "The file is not text in UTF-8, so it is not a JSON key.", WHOLE_FILE
        )
    return text


def _has_nul_at_every_second_place(raw: bytes) -> bool:
    return len(raw) >= 8 and 0 in (raw[:8:2].count(0) - 4, raw[1:8:2].count(0) - 4)


def _refuse_too_large(size: int) -> None:
    if size > MAX_BYTES:
        raise too_large()


def _refuse_unusable_text(text: str) -> None:
    if not text:
        raise KeyRefused(
            "empty", "The file is empty.", "Choose the JSON key, or download it again."
        )
    _refuse_too_large(len(text.encode("utf-8", "surrogatepass")))
    if "\x00" in text:
        raise KeyRefused(
            "nul_byte", "The file contains NUL bytes, so it is damaged or not text.", FRESH_KEY
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise KeyRefused(
            "broken_text",
            "The text contains half a character, so it was damaged while being copied.",
            "Upload the file instead of pasting it.",
        )


def _refuse_other_kinds_of_text(text: str) -> None:
    if text[0] in '{["':
        return
    if _HTML.match(text):
        raise KeyRefused(
            "html",
            "This is a web page, not a key: a sign-in or an error page was saved instead.",
            "Sign in to Google Cloud and download the key again.",
        )
    if text.startswith("-----BEGIN"):
        raise _bare_pem(text)
    if text.startswith("```"):
        raise KeyRefused(
            "code_fence",
            "The key is wrapped in a code block.",
            "Remove the lines with the three back-ticks and paste again.",
        )
    _refuse_other_secrets(text)
    _refuse_configuration(text)
    _refuse_base64(text)


def _bare_pem(text: str) -> KeyRefused:
    if text.startswith("-----BEGIN CERTIFICATE"):
        return KeyRefused(
            "bare_certificate",
            "This is a certificate. It does not hold a key to sign in with.",
            FRESH_KEY,
        )
    return KeyRefused(
        "bare_pem",
        "This is only the private_key part. The account it belongs to is missing.",
        WHOLE_FILE,
    )


def _refuse_other_secrets(text: str) -> None:
    if _API_KEY.fullmatch(text):
        raise KeyRefused(
            "api_key",
            "This is a Google API key. BigQuery needs the key of a service account.",
            FRESH_KEY,
        )
    if _ACCESS_TOKEN.fullmatch(text):
        raise KeyRefused(
            "access_token",
            "This is an access token. It ends within the hour and cannot be used here.",
            FRESH_KEY,
        )


def _refuse_configuration(text: str) -> None:
    if _PATH.fullmatch(text):
        raise KeyRefused(
            "file_path",
            "This is the path of a file on your machine, not what is in it.",
            "Open that file and paste what it contains, or upload it.",
        )
    if _ASSIGNMENT.match(text):
        raise KeyRefused(
            "env_line",
            "This is a line for an environment or .env file.",
            "Paste only the JSON that stands behind the equals sign.",
        )
    if _YAML.match(text):
        raise KeyRefused("yaml", "This is YAML. A key is JSON.", WHOLE_FILE)


def _refuse_base64(text: str) -> None:
    if not _BASE64.fullmatch(text):
        return
    packed = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        inner = base64.b64decode(packed + "=" * (-len(packed) % 4))
    except binascii.Error:
        return
    if inner.lstrip().startswith(b"{"):
        raise KeyRefused(
            "base64_of_json",
            "This is the key in base64, as secret stores keep it.",
            "Decode it first (`base64 --decode`) and paste the JSON.",
        )
    if _PKCS12.match(inner):
        raise KeyRefused(
            "base64_of_pkcs12",
            "This is a P12 key in base64. Only JSON keys can be used.",
            "Create a new key of the same service account and choose JSON as its type.",
        )
    if inner.startswith(b"\x30\x82"):
        raise _bare_pem(text)
