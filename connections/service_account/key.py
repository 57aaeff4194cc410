"""A service-account key that passed every check, and its two written forms."""

import json
from dataclasses import dataclass
from typing import Final, Self

from connections.secret import Secret
from connections.service_account.refusal import KeyRefused
from connections.service_account.rsa_key import public_fingerprint

_STORED: Final = (
    "type",
    "project_id",
    "private_key_id",
    "client_email",
    "google",
    "private_key",
)


@dataclass(frozen=True)
class ServiceAccountKey:
    """A usable key. ``google`` names a row of the endpoint table, never an address."""

    project_id: str
    private_key_id: str
    client_email: str
    google: str
    private_key: Secret
    repairs: tuple[str, ...] = ()

    @property
    def short_id(self) -> str:
        """The first 8 digits of the key's id, as pages show it."""
        return self.private_key_id[:8]

    @property
    def public_fingerprint(self) -> str:
        """SHA-256 of the public half, in hex: equal for the same key pair only."""
        return public_fingerprint(self.private_key.reveal())

    def project_warning(self, project_id: str) -> str | None:
        """What to say when a form names another project. Allowed: reading across is normal."""
        if project_id == self.project_id:
            return None
        return (
            "This key’s account lives in another project. That is allowed: the account "
            "then needs its roles in the project that is read."
        )

    def info(self, token_uri: str) -> dict[str, str]:
        """A fresh dict of six fields for Google's loader, with ``token_uri`` of our own table.

        Holds the private key in clear: make it as late as possible and keep it local.
        """
        return {
            "type": "service_account",
            "project_id": self.project_id,
            "private_key_id": self.private_key_id,
            "private_key": self.private_key.reveal(),
            "client_email": self.client_email,
            "token_uri": token_uri,
        }

    def to_secret(self) -> Secret:
        """The form that is sealed and stored: canonical JSON of six fields, no address."""
        fields = {
            "type": "service_account",
            "project_id": self.project_id,
            "private_key_id": self.private_key_id,
            "client_email": self.client_email,
            "google": self.google,
            "private_key": self.private_key.reveal(),
        }
        return Secret(json.dumps(fields, sort_keys=True, separators=(",", ":")))

    @classmethod
    def from_secret(cls, secret: Secret) -> Self:
        """Read what ``to_secret`` wrote. Raises: KeyRefused (code stored_key_unreadable)."""
        fields = _stored_fields(secret)
        if fields is None:
            raise KeyRefused(
                "stored_key_unreadable",
                "The stored key is not in the form that this program writes.",
                "Replace the key: upload it again on the connection’s page.",
            )
        return cls(
            project_id=fields["project_id"],
            private_key_id=fields["private_key_id"],
            client_email=fields["client_email"],
            google=fields["google"],
            private_key=Secret(fields["private_key"]),
        )


def _stored_fields(secret: Secret) -> dict[str, str] | None:
    try:
        fields = json.loads(secret.reveal())
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or set(fields) != set(_STORED):
        return None
    texts = all(isinstance(value, str) for value in fields.values())
    return fields if texts and fields["type"] == "service_account" else None
