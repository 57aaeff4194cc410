"""How a key is refused: a stable code, one sentence, one cure. Nothing of the key itself."""

from typing import Final

FRESH_KEY: Final = (
    "In Google Cloud open IAM & Admin, Service Accounts, your account, Keys, "
    "Add key, JSON, and use the file that is downloaded."
)
WHOLE_FILE: Final = "Use the downloaded JSON file unchanged, from its first { to its last }."

# The only field names that a text may repeat: whatever else a document calls a field
# was chosen by whoever wrote it, and may be a piece of the key.
_KNOWN_FIELDS: Final = frozenset(
    {
        "type",
        "project_id",
        "private_key_id",
        "private_key",
        "client_email",
        "client_id",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
    }
)


class KeyRefused(Exception):
    """An upload that is not a usable service-account key, told in words fit for people."""

    def __init__(self, code: str, sentence: str, cure: str) -> None:
        super().__init__(code, sentence, cure)
        self.code = code
        self.sentence = sentence
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.sentence} {self.cure}"

    def bare(self) -> "KeyRefused":
        """The same refusal without the traceback and causes that still hold the document."""
        return KeyRefused(self.code, self.sentence, self.cure)


def shown_field(name: str) -> str:
    """How a text may call a field: by name if it is one of Google's, else not at all."""
    return name if name in _KNOWN_FIELDS else "a field"
