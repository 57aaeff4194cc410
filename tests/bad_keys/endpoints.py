"""Classes 36 to 54: another kind of Google file, or addresses that lead elsewhere."""

import base64
import json

from tests.bad_keys.case import BadKey
from tests.factories_keys import key_body, key_document, key_json


def of_type(kind: object, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def external(**source: object) -> str:
    return of_type(
        "external_account",
        audience="//iam.googleapis.com/x",
        token_url="https://sts.googleapis.com/v1/token",
        credential_source=source,
    )


def oauth_client(kind: str) -> str:
    return json.dumps({kind: {"client_id": "1", "client_secret": "s", "project_id": "p"}})


def token_uri(number: int, name: str, code: str, address: str) -> BadKey:
    return BadKey(number, f"token_uri {name}", code, lambda: key_json(token_uri=address))


CASES = [
    BadKey(36, "type missing", "type_missing", lambda: key_json(type=...)),
    BadKey(36, "type null", "type_not_text", lambda: key_json(type=None)),
    BadKey(36, "type misspelt", "type_misspelt", lambda: key_json(type="Service_Account ")),
    BadKey(36, "type unknown", "type_unknown", lambda: key_json(type="robot")),
    BadKey(37, "authorized_user", "authorized_user", lambda: of_type(
        "authorized_user", client_id="1", client_secret="s", refresh_token="r")),
    BadKey(38, "external account with url", "external_account_url", lambda: external(
        url="http://169.254.169.254/")),
    BadKey(39, "external account with file", "external_account_file", lambda: external(
        file="/etc/passwd")),
    BadKey(40, "external account with executable", "external_account_executable",
           lambda: external(executable={"command": "/bin/sh"})),
    BadKey(40, "external account without source", "external_account",
           lambda: of_type("external_account")),
    BadKey(40, "external account of a person", "external_account_user",
           lambda: of_type("external_account_authorized_user", refresh_token="r")),
    BadKey(41, "impersonated", "impersonated_service_account", lambda: of_type(
        "impersonated_service_account", source_credentials={"type": "authorized_user"})),
    BadKey(42, "GDCH", "gdch_service_account", lambda: of_type(
        "gdch_service_account", private_key=key_body(), ca_cert_path="/etc/ssl/ca.pem")),
    BadKey(43, "OAuth client, installed", "oauth_client", lambda: oauth_client("installed")),
    BadKey(43, "OAuth client, web", "oauth_client", lambda: oauth_client("web")),
    BadKey(44, "Firebase web configuration", "firebase_web_config", lambda: json.dumps(
        {"apiKey": "AIza", "authDomain": "x.firebaseapp.com", "projectId": "my-shop"})),
    BadKey(44, "Firebase app configuration", "firebase_app_config", lambda: json.dumps(
        {"project_info": {"project_id": "my-shop"}, "client": []})),
    token_uri(45, "over http", "token_uri_http", "http://oauth2.googleapis.com/token"),
    token_uri(45, "over ftp", "token_uri_scheme", "ftp://oauth2.googleapis.com/token"),
    token_uri(45, "from a file", "token_uri_scheme", "file:///etc/passwd"),
    token_uri(45, "without a scheme", "token_uri_scheme", "oauth2.googleapis.com/token"),
    token_uri(46, "other host", "token_uri_host", "https://evil.example/token"),
    token_uri(46, "upper-case host", "token_uri_path", "https://OAUTH2.googleapis.com/token"),
    token_uri(46, "other path", "token_uri_path", "https://oauth2.googleapis.com/token/../x"),
    token_uri(46, "query", "token_uri_path", "https://oauth2.googleapis.com/token?x=1"),
    token_uri(47, "look-alike suffix", "token_uri_lookalike",
              "https://oauth2.googleapis.com.evil.example/token"),
    token_uri(47, "look-alike prefix", "token_uri_lookalike",
              "https://evil-oauth2.googleapis.com/token"),
    token_uri(47, "look-alike letters", "token_uri_lookalike",
              "https://oauth2.g\u043e\u043egleapis.com/token"),
    token_uri(47, "punycode", "token_uri_lookalike", "https://xn--gogleapis-6ze.com/token"),
    token_uri(48, "user-info trick", "token_uri_userinfo",
              "https://oauth2.googleapis.com@evil.example/token"),
    token_uri(48, "backslash trick", "token_uri_userinfo",
              "https://evil.example\\@oauth2.googleapis.com/token"),
    token_uri(49, "other port", "token_uri_port", "https://oauth2.googleapis.com:8443/token"),
    token_uri(49, "default port written", "token_uri_port",
              "https://oauth2.googleapis.com:443/token"),
    token_uri(49, "port out of range", "token_uri_port",
              "https://oauth2.googleapis.com:99999/token"),
    token_uri(50, "loopback", "token_uri_address", "http://127.0.0.1:8001/token"),
    token_uri(50, "localhost", "token_uri_address", "http://localhost/token"),
    token_uri(50, "metadata address", "token_uri_address", "http://169.254.169.254/token"),
    token_uri(50, "metadata name", "token_uri_address", "http://metadata.google.internal/token"),
    token_uri(50, "IPv6", "token_uri_address", "https://[::1]/token"),
    token_uri(50, "broken IPv6", "token_uri_address", "https://[::1/token"),
    token_uri(50, "decimal address", "token_uri_address", "https://2130706433/token"),
    token_uri(50, "hexadecimal address", "token_uri_address", "https://0x7f.1/token"),
    token_uri(51, "trailing newline", "token_uri_whitespace",
              "https://oauth2.googleapis.com/token\n"),
    token_uri(51, "CRLF inside", "token_uri_whitespace",
              "https://oauth2.googleapis.com/token\r\nHost: evil.example"),
    BadKey(52, "other universe", "universe_domain", lambda: key_json(
        universe_domain="evil.example")),
    BadKey(52, "universe not a text", "universe_domain", lambda: key_json(universe_domain=None)),
    BadKey(0, "key inside another object", "wrapped", lambda: json.dumps(
        {"credentials": key_document()})),
    BadKey(0, "answer of Google's API", "api_response", lambda: json.dumps(
        {"name": "keys/1", "privateKeyData": base64.b64encode(key_json().encode()).decode()})),
]  # fmt: skip
