"""From a stored key to an open gateway: the one place where a key is decrypted for use.

Only workers call it. Which Google is asked follows from the server's own table in
``settings.GOOGLE_ENDPOINTS``, never from an address in the key (ADR 5).
"""

from django.conf import settings

from connections import encryption
from connections.bigquery import BigQuery, Endpoints
from connections.models import StoredKey
from connections.service_account import KeyRefused, ServiceAccountKey


class SourceUnavailable(Exception):
    """The stored key cannot be used here; the message is fit for the user."""


def open_key(key: StoredKey) -> ServiceAccountKey:
    """Decrypt the key, as late as possible.

    Raises:
        SourceUnavailable: the key was destroyed, the credential ring cannot open it, or
            what it opens is not a key as this program writes it.
    """
    if not key.sealed_key:
        raise SourceUnavailable("The key of this connection has been destroyed. Upload it again.")
    try:
        secret = encryption.open_sealed(key.sealed_key, StoredKey.seal_context(key.pk))
    except encryption.CannotOpen:
        raise SourceUnavailable(
            "The stored key cannot be opened with this installation’s credential ring. "
            "Ask the operator to restore the ring, or replace the key."
        ) from None
    try:
        return ServiceAccountKey.from_secret(secret)
    except KeyRefused:
        raise SourceUnavailable(
            "The stored key is not in the form that this program writes. Replace the key: "
            "upload it again under Edit."
        ) from None


def open_bigquery(key: StoredKey, *, project: str) -> BigQuery:
    """A gateway that speaks for the key's service account; close it after use.

    Raises:
        SourceUnavailable: as ``open_key``, or the key is one of a sandbox that is off.
    """
    return BigQuery(open_key(key), project=project, endpoints=endpoints_of(key.google))


def endpoints_of(google: str) -> Endpoints:
    """The addresses of the named Google: ours, never the key's.

    Raises:
        SourceUnavailable: this installation does not know that Google (any more).
    """
    row = settings.GOOGLE_ENDPOINTS.get(google)
    if row is None:
        raise SourceUnavailable(
            "This key belongs to the sandbox, and the sandbox is not part of this "
            "installation. Use a key from Google Cloud."
        )
    return Endpoints(
        token_uri=row["token_uri"],
        api_endpoint=row["api_endpoint"],
        storage_endpoint=row["storage_endpoint"],
        is_google=google == "google",
    )
