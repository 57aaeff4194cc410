"""Which kind of Google file a JSON object is. Only a service-account key passes.

The wrong kinds are named for what they are; the dangerous ones (a file that makes a
Google library fetch an address, read a file or run a program) never reach a library.
"""

from typing import Final

from connections.service_account.document import Document
from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE, KeyRefused

_ANOTHER: Final = "Use the JSON key of a service account. " + FRESH_KEY

_BY_TYPE: Final[dict[str, tuple[str, str]]] = {
    "authorized_user": (
        "authorized_user",
        "These are a person’s own credentials, as gcloud stores them, not a service account’s.",
    ),
    "external_account_authorized_user": (
        "external_account_user",
        "These are a person’s credentials from another identity provider.",
    ),
    "impersonated_service_account": (
        "impersonated_service_account",
        "This file lets a person act as a service account. It is not the account’s own key.",
    ),
    "gdch_service_account": (
        "gdch_service_account",
        "This key belongs to Google Distributed Cloud, an installation without BigQuery.",
    ),
}
_BY_FIELDS: Final[tuple[tuple[frozenset[str], str, str], ...]] = (
    (
        frozenset({"installed"}),
        "oauth_client",
        "This is an OAuth client file for an app that people sign in to.",
    ),
    (
        frozenset({"web"}),
        "oauth_client",
        "This is an OAuth client file for an app that people sign in to.",
    ),
    (
        frozenset({"apiKey", "projectId"}),
        "firebase_web_config",
        "This is a Firebase web configuration. It is public and opens nothing in BigQuery.",
    ),
    (
        frozenset({"project_info", "client"}),
        "firebase_app_config",
        "This is google-services.json, the Firebase configuration of an app.",
    ),
)
_BY_SOURCE: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "executable",
        "external_account_executable",
        "This is an external account that runs a program to sign in. That is never done here.",
    ),
    (
        "url",
        "external_account_url",
        "This is an external account that fetches an address to sign in. That is never done here.",
    ),
    (
        "file",
        "external_account_file",
        "This is an external account that reads a file of this server. That is never done here.",
    ),
)


def check_kind(document: Document) -> None:
    """Raises: KeyRefused, unless the object says that it is a service-account key."""
    if not document:
        raise KeyRefused("empty_object", "The JSON object is empty.", WHOLE_FILE)
    kind = document.get("type")
    if kind == "service_account":
        return
    for fields, code, sentence in _BY_FIELDS:
        if fields <= document.keys() and "private_key" not in document:
            raise KeyRefused(code, sentence, _ANOTHER)
    if kind == "external_account":
        raise _external(document)
    if isinstance(kind, str) and kind in _BY_TYPE:
        raise KeyRefused(*_BY_TYPE[kind], _ANOTHER)
    _refuse_wrapped(document)
    raise _without_type(document, kind)


def _external(document: Document) -> KeyRefused:
    source = document.get("credential_source")
    if isinstance(source, dict):
        for field, code, sentence in _BY_SOURCE:
            if field in source:
                return KeyRefused(code, sentence, _ANOTHER)
    return KeyRefused(
        "external_account",
        "This is an external account (workload identity federation), not a key.",
        _ANOTHER,
    )


def _refuse_wrapped(document: Document) -> None:
    if "privateKeyData" in document:
        raise KeyRefused(
            "api_response",
            "This is the answer of Google’s API, with the key in base64 inside.",
            "Decode the text of privateKeyData (`base64 --decode`) and paste the JSON it gives.",
        )
    for inner in document.values():
        if isinstance(inner, dict) and inner.get("type") == "service_account":
            raise KeyRefused(
                "wrapped",
                "The key stands inside another JSON object.",
                "Paste only the inner object, from its own { to its own }.",
            )


def _without_type(document: Document, kind: object) -> KeyRefused:
    if "type" not in document:
        return KeyRefused(
            "type_missing",
            "The field type is missing. In a service-account key it says service_account.",
            WHOLE_FILE,
        )
    if not isinstance(kind, str):
        return KeyRefused("type_not_text", "The field type is not a text.", WHOLE_FILE)
    if kind.strip().casefold() == "service_account":
        return KeyRefused(
            "type_misspelt",
            "The field type must be service_account, in lower case and without spaces.",
            WHOLE_FILE,
        )
    return KeyRefused(
        "type_unknown", "The field type names something else than a service account.", _ANOTHER
    )
