"""Reads an uploaded or pasted key: the table of contents of the lint.

Pure: no Django, no network, no Google library. Nothing of the document leaves but the
six fields of the key.
"""

from collections.abc import Mapping

from connections.secret import Secret
from connections.service_account.container import text_of
from connections.service_account.document import object_of
from connections.service_account.endpoints import check_universe, google_of
from connections.service_account.identity import check_identity
from connections.service_account.key import ServiceAccountKey
from connections.service_account.kind import check_kind
from connections.service_account.members import members_of
from connections.service_account.pem import private_key_of
from connections.service_account.refusal import KeyRefused


def read_key(raw: bytes | str, *, token_uris: Mapping[str, str]) -> ServiceAccountKey:
    """Read a key of at most 64 KiB; ``token_uris`` maps accepted addresses to a Google's name.

    Raises: KeyRefused, one code for each kind of fault. It carries no traceback and no
    cause, because those would hold the document.
    """
    try:
        return _read(raw, token_uris)
    except KeyRefused as found:
        refused = found.bare()
    del raw
    raise refused


def _read(raw: bytes | str, token_uris: Mapping[str, str]) -> ServiceAccountKey:
    text, trimmed = text_of(raw)
    document, rejoined = object_of(text)
    check_kind(document)
    check_universe(document)
    members = members_of(document)
    google = google_of(members.token_uri, token_uris)
    check_identity(members)
    private_key, mended = private_key_of(members.private_key)
    return ServiceAccountKey(
        project_id=members.project_id,
        private_key_id=members.private_key_id,
        client_email=members.client_email,
        google=google,
        private_key=Secret(private_key),
        repairs=trimmed + rejoined + mended,
    )
