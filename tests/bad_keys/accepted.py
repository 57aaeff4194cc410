"""The classes that are accepted: as they are, or repaired and said so."""

import json

from tests.bad_keys.case import GoodKey
from tests.factories_keys import another_rsa_key, key_document, key_json, pem, pkcs1_pem, rsa_key

_MARK, _WHITE = "byte-order mark", "White space"
_TWICE, _LOST, _WINDOWS = "escaped twice", "had been lost", "Windows line breaks"


def _with_pem(old: str, new: str) -> str:
    return key_json(private_key=pem(rsa_key()).replace(old, new))


def _one_line(**changes: object) -> str:
    return json.dumps(key_document(**changes), separators=(",", ":"))


CASES = [
    GoodKey(0, "as Google makes it", "", key_json),
    GoodKey(0, "as bytes", "", lambda: key_json().encode()),
    GoodKey(0, "on one line", "", _one_line),
    GoodKey(0, "with CRLF between the fields", "", lambda: key_json().replace("\n", "\r\n")),
    GoodKey(0, "exactly 64 KiB", "", lambda: _padded(65_536)),
    GoodKey(0, "3072 bits", "", lambda: key_json(private_key=pem(rsa_key(3072)))),
    GoodKey(0, "4096 bits", "", lambda: key_json(private_key=pem(rsa_key(4096)))),
    GoodKey(0, "another key pair", "", lambda: key_json(private_key=pem(another_rsa_key()))),
    GoodKey(0, "the former address of Google", "", lambda: key_json(
        token_uri="https://accounts.google.com/o/oauth2/token")),
    GoodKey(0, "without universe_domain", "", lambda: key_json(universe_domain=...)),
    GoodKey(0, "depth 4", "", lambda: key_json(x=[[[1]]])),
    GoodKey(0, "white space around", _WHITE, lambda: f"\n\n  {key_json()}  \n"),
    GoodKey(0, "real line breaks in the key", "inside a value", lambda: key_json().replace(
        "\\n", "\n")),
    GoodKey(4, "BOM in a file", _MARK, lambda: b"\xef\xbb\xbf" + key_json().encode()),
    GoodKey(4, "BOM in a paste", _MARK, lambda: "\ufeff" + key_json()),
    GoodKey(35, "unknown extra keys", "", lambda: key_json(unknown="field", more=[1, {"a": None}])),
    GoodKey(53, "hostile auth and x509 addresses", "", lambda: key_json(
        auth_uri="http://169.254.169.254/", client_x509_cert_url="file:///etc/passwd",
        auth_provider_x509_cert_url="http://127.0.0.1:1/")),
    GoodKey(53, "hostile credential source", "", lambda: key_json(
        credential_source={"url": "http://169.254.169.254/", "executable": {"command": "true"}})),
    GoodKey(54, "quota project and trust boundary", "", lambda: key_json(
        quota_project_id="evil-project", trust_boundary={"locations": ["evil"]})),
    GoodKey(63, "escaped twice", _TWICE, lambda: _with_pem("\n", "\\n")),
    GoodKey(63, "escaped thrice", _TWICE, lambda: _with_pem("\n", "\\\\n")),
    GoodKey(63, "CRLF escaped twice", _TWICE, lambda: _with_pem("\n", "\\r\\n")),
    GoodKey(64, "newlines as spaces", _LOST, lambda: _with_pem("\n", " ")),
    GoodKey(64, "newlines removed", _LOST, lambda: _with_pem("\n", "")),
    GoodKey(65, "CRLF", _WINDOWS, lambda: _with_pem("\n", "\r\n")),
    GoodKey(66, "no final newline", "missing line break at the end", lambda: key_json(
        private_key=pem(rsa_key()).rstrip())),
    GoodKey(84, "PKCS#1", "", lambda: key_json(private_key=pkcs1_pem())),
    GoodKey(93, "project differs from the form", "", lambda: key_json(project_id="other-4711")),
]  # fmt: skip


def _padded(size: int) -> str:
    start = key_json().rstrip()[:-1].rstrip() + ', "note": "'
    return start + "x" * (size - len(start) - 2) + '"}'
