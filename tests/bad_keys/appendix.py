"""The 93 classes by number, in the order and the words of the appendix of reliability-security."""

_CONTAINER = """
empty; white space only; over 64 KiB; BOM (accepted); UTF-16; invalid UTF-8; raw NUL; zip/gzip;
PDF or image; PKCS#12 file; HTML page; bare PEM; base64 of the JSON; two documents;
comments or trailing comma; single-quoted Python form; smart quotes or zero-width characters
"""
_SHAPE = """
array; string; number; null; depth 5; depth 5,000; depth 200,000; duplicate key, same value;
duplicate key, other value; keys differing by case; NaN; Infinity; 1e400; 5,000-digit integer;
100,000 keys; lone surrogate; escaped NUL; unknown extra keys (accepted, dropped)
"""
_ENDPOINTS = """
type missing; authorized_user; external_account with url; external_account with file;
external_account with executable; impersonated_service_account; gdch_service_account;
OAuth client file; Firebase web configuration; token_uri over http; token_uri other host;
token_uri look-alike suffix/prefix host; token_uri user-info trick; token_uri other port;
token_uri loopback, metadata, IPv6 or decimal address; token_uri trailing newline/CRLF;
other universe_domain; hostile auth/x509 URLs (never fetched);
injected quota_project_id or trust_boundary (dropped)
"""
_MEMBERS = """
private_key number; private_key list; private_key object; private_key null; client_email number;
client_email object; each required field missing; each required field empty
"""
_PEM = """
doubly escaped newlines (repaired); newlines as spaces; CRLF; no final newline; truncated;
garbage base64; empty body; encrypted PKCS#8; legacy encrypted; public key; certificate;
OPENSSH key; EC; Ed25519; DSA; RSA 1024; RSA 16384; exponent not 65537; two blocks; junk before;
junk after; PKCS#1 (accepted); masked placeholder
"""
_IDENTITY = """
e-mail of another domain; path characters in e-mail; newline in e-mail; look-alike letters;
over-long; private_key_id not hex; malformed project_id in the key;
project differs from the form (warning only)
"""
SIZES = (17, 18, 19, 8, 23, 8)
_SECTIONS = (_CONTAINER, _SHAPE, _ENDPOINTS, _MEMBERS, _PEM, _IDENTITY)


def classes() -> dict[int, str]:
    """Number, from 1, and words of each class."""
    names = [" ".join(name.split()) for text in _SECTIONS for name in text.split(";")]
    return dict(enumerate(names, start=1))


def sizes() -> tuple[int, ...]:
    """How many classes each section has."""
    return tuple(len(text.split(";")) for text in _SECTIONS)
