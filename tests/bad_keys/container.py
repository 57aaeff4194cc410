"""Classes 1 to 17: the file is not text, or the text is not JSON."""

import base64
import gzip
import io
import zipfile

from tests.bad_keys.case import BadKey
from tests.factories_keys import (
    certificate_pem,
    key_body,
    key_document,
    key_json,
    pem,
    pkcs12_file,
    rsa_key,
)


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("key.json", key_json())
    return buffer.getvalue()


def one_line() -> str:
    return key_json().strip().replace("\n", "")


CASES = [
    BadKey(1, "empty file", "empty", lambda: b""),
    BadKey(1, "empty paste", "empty", lambda: ""),
    BadKey(2, "white space only", "blank", lambda: b" \r\n\t \n"),
    BadKey(2, "byte-order mark only", "blank", lambda: b"\xef\xbb\xbf"),
    BadKey(3, "over 64 KiB", "too_large", lambda: key_json() + " " * 65536),
    BadKey(3, "over 64 KiB as a file", "too_large", lambda: b"{" + b" " * 65536),
    BadKey(3, "over 64 KiB only in bytes", "too_large", lambda: "é" * 40_000),
    BadKey(5, "UTF-16 with its mark", "utf16", lambda: key_json().encode("utf-16")),
    BadKey(5, "UTF-16 without a mark", "utf16", lambda: key_json().encode("utf-16-be")),
    BadKey(5, "UTF-32", "utf16", lambda: key_json().encode("utf-32-le")),
    BadKey(6, "invalid UTF-8", "not_utf8", lambda: key_json().encode() + b"\xff"),
    BadKey(6, "Latin-1", "not_utf8", lambda: b'{"note": "caf\xe9"}'),
    BadKey(7, "raw NUL", "nul_byte", lambda: key_json().replace("my-shop", "my\x00shop")),
    BadKey(8, "zip archive", "zip_archive", zip_file),
    BadKey(8, "gzip archive", "gzip_archive", lambda: gzip.compress(key_json().encode())),
    BadKey(9, "PDF", "pdf", lambda: b"%PDF-1.7\n%\xe2\xe3"),
    BadKey(9, "PNG picture", "image", lambda: b"\x89PNG\r\n\x1a\n\x00\x00"),
    BadKey(9, "JPEG picture", "image", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    BadKey(10, "PKCS#12 file", "pkcs12", pkcs12_file),
    BadKey(11, "HTML page", "html", lambda: "<!DOCTYPE html><html>Sign in</html>"),
    BadKey(11, "XML answer", "html", lambda: "<?xml version='1.0'?><Error/>"),
    BadKey(12, "bare private key", "bare_pem", lambda: pem(rsa_key())),
    BadKey(12, "bare certificate", "bare_certificate", certificate_pem),
    BadKey(13, "base64 of the JSON", "base64_of_json", lambda: base64.b64encode(
        key_json().encode()).decode()),
    BadKey(13, "base64 in lines", "base64_of_json", lambda: base64.encodebytes(
        key_json().encode())),
    BadKey(13, "base64 of a P12", "base64_of_pkcs12", lambda: base64.b64encode(pkcs12_file())),
    BadKey(14, "two documents", "two_documents", lambda: key_json() * 2),
    BadKey(14, "text after the JSON", "text_after_json", lambda: key_json() + "thanks!"),
    BadKey(15, "line comment", "comment", lambda: key_json().replace("{", "{ // key", 1)),
    BadKey(15, "hash comment", "comment", lambda: key_json().replace("{", "{ # key\n", 1)),
    BadKey(15, "trailing comma", "trailing_comma", lambda: one_line()[:-1] + ",}"),
    BadKey(16, "single quotes", "single_quotes", lambda: str(key_document())),
    BadKey(17, "smart quotes", "smart_quotes", lambda: key_json().replace('"', "\u201d")),
    BadKey(17, "zero-width space", "invisible_characters", lambda: key_json().replace(
        ": ", ":\u200b ")),
    BadKey(17, "no-break spaces", "invisible_characters", lambda: key_json().replace(
        "  ", "\u00a0\u00a0")),
    BadKey(0, "half a character pasted", "broken_text", lambda: key_json() + "\ud800"),
    BadKey(0, "cut off in the key", "cut_off", lambda: key_json()[:900]),
    BadKey(0, "cut off after a field", "cut_off", lambda: '{"type": "service_account"'),
    BadKey(0, "names without quotes", "unquoted_names", lambda: '{type: "service_account"}'),
    BadKey(0, "bad escape", "bad_escape", lambda: key_json().replace("\\n", "\\q")),
    BadKey(0, "missing comma", "broken_json", lambda: key_json().replace(",", "", 1)),
    BadKey(0, "no JSON at all", "not_json", lambda: "hello there"),
    BadKey(12, "key body alone", "bare_pem", key_body),
    BadKey(0, "code block", "code_fence", lambda: f"```json\n{key_json()}```"),
    BadKey(0, "path of a file", "file_path", lambda: "/home/ada/keys/my-shop.json"),
    BadKey(0, "path on Windows", "file_path", lambda: r"C:\Users\ada\my-shop.json"),
    BadKey(0, "environment line", "env_line", lambda: f"GOOGLE_KEY='{one_line()}'"),
    BadKey(0, "YAML", "yaml", lambda: "type: service_account\nproject_id: my-shop"),
    BadKey(0, "API key", "api_key", lambda: "AIza" + "x" * 35),
    BadKey(0, "access token", "access_token", lambda: "ya29." + "x" * 60),
    BadKey(0, "Java key store", "java_keystore", lambda: b"\xfe\xed\xfe\xed\x00\x00"),
]  # fmt: skip
