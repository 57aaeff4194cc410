"""Pure: what a connection's badge says, from its newest test and its own fingerprint.

The badge is what the verdict means for the user, not which exception was raised. A
verdict counts only for the fingerprint it was made for: after an edit it reads
"Not verified".
"""

import hashlib
from dataclasses import dataclass

from connections.models import Connection, ConnectionTest


@dataclass(frozen=True)
class Badge:
    """A status value (also its CSS modifier), its word, and one sentence."""

    value: str
    word: str
    sentence: str


UNTESTED = Badge("untested", "Not verified", "This connection has not been tested as it is now.")
TESTING = Badge("testing", "Testing", "A test is at work.")
DELETING = Badge(
    "deleting", "Deleting", "Its imports are being stopped; then the key is destroyed."
)
DELETED = Badge("deleted", "Deleted", "The key is destroyed. The history stays readable.")
KEY_UNREADABLE_REASON = "key_unreadable"
KEY_UNREADABLE = Badge(
    "failed",
    "Key unreadable",
    "The stored key cannot be opened here: restore the credential ring, or replace the key.",
)
_VERDICTS = {
    ConnectionTest.Verdict.VERIFIED: Badge("verified", "Verified", "Every check passed."),
    ConnectionTest.Verdict.FAILED: Badge(
        "failed", "Failed", "A check failed: the test says which, and what to do."
    ),
    ConnectionTest.Verdict.INCONCLUSIVE: Badge(
        "inconclusive",
        "Inconclusive",
        "Some checks could not be carried out. This says nothing about the key: test again.",
    ),
}


def fingerprint(*, public_key: str, project_id: str, dataset_id: str, access: str) -> str:
    """What a verdict belongs to: SHA-256 over key, project, dataset and access."""
    text = "\n".join((public_key, project_id, dataset_id, access))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of(connection: Connection) -> str:
    """The fingerprint of the connection as it is now; ``connection.key`` must be loaded."""
    return fingerprint(
        public_key=connection.key.public_fingerprint,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        access=connection.access,
    )


def badge_of(connection: Connection) -> Badge:
    """The badge of the connection; its ``key`` and ``latest_test`` must be loaded."""
    newest = connection.latest_test
    if connection.state == Connection.State.DELETING:
        return DELETING
    if connection.state == Connection.State.DELETED:
        return DELETED
    if newest is None or newest.fingerprint != fingerprint_of(connection):
        return UNTESTED
    if not newest.is_finished:
        return TESTING
    if newest.reason == KEY_UNREADABLE_REASON:
        return KEY_UNREADABLE
    return _VERDICTS[ConnectionTest.Verdict(newest.verdict)]
