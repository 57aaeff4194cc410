"""What a connection's badge says, from its newest test and its own fingerprint.

The badge is what the verdict means for the user, not which exception was raised. A
verdict counts only for the fingerprint it was made for: after an edit it reads
"Not verified". One list of rules is read twice: over a row in memory (``badge_of``), and
by the database over all rows (``with_badge``), so that a filter finds what a badge says.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, F, Func, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from connections.models import Connection, ConnectionTest
from connections.models.connection import ConnectionQuerySet


class FingerprintInDatabase(Func):
    """``fingerprint``, as each database writes it; the columns are in the same order."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        joiner = " || CHAR(10) || "
        return self.as_sql(
            compiler, connection, template="SHA256(%(expressions)s)", arg_joiner=joiner, **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "ENCODE(SHA256(CONVERT_TO(%(expressions)s, 'UTF8')), 'hex')"
        joiner = " || CHR(10) || "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **more)


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
VERIFIED = Badge("verified", "Verified", "Every check that imports need passed.")
FAILED = Badge("failed", "Failed", "A check failed: the test says which, and what to do.")
INCONCLUSIVE = Badge(
    "inconclusive",
    "Inconclusive",
    "Some checks could not be carried out. This says nothing about the key: test again.",
)
# What the list can be narrowed to; an unreadable key counts as failed.
LISTED = (VERIFIED, FAILED, INCONCLUSIVE, UNTESTED, TESTING, DELETING)
# What ends by itself, so a page that shows it asks again.
PASSING = (TESTING, DELETING)

Facts = Mapping[str, str | bool]
# The first rule of which every fact holds gives the badge. The facts are named in
# ``_facts_of``, and once more, for the database, in ``_facts_in_database``.
_RULES: tuple[tuple[Facts, Badge], ...] = (
    ({"state": Connection.State.DELETING}, DELETING),
    ({"state": Connection.State.DELETED}, DELETED),
    ({"is_about_now": False}, UNTESTED),
    ({"is_finished": False}, TESTING),
    ({"reason": KEY_UNREADABLE_REASON}, KEY_UNREADABLE),
    ({"verdict": ConnectionTest.Verdict.VERIFIED}, VERIFIED),
    ({"verdict": ConnectionTest.Verdict.FAILED}, FAILED),
    ({"verdict": ConnectionTest.Verdict.INCONCLUSIVE}, INCONCLUSIVE),
)


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
    facts = _facts_of(connection)
    return next(badge for rule, badge in _RULES if rule.items() <= facts.items())


def with_badge(connections: ConnectionQuerySet) -> ConnectionQuerySet:
    """Lets the rows be sorted by ``badge``, the value of ``badge_of``, and be ``shown_as``."""
    rules = (When(_holds(rule), then=Value(badge.value)) for rule, badge in _RULES)
    facts = {f"fact_{name}": fact for name, fact in _facts_in_database().items()}
    return connections.alias(**facts).alias(badge=Case(*rules, output_field=CharField()))


def shown_as(badge: Badge) -> Q:
    """Over ``with_badge``: the connections with this badge.

    That one of the badge's own rules holds follows already. It is said for PostgreSQL,
    which then works out the fingerprints of the few rows with such a verdict only.
    """
    own = (rule for rule, one in _RULES if one.value == badge.value and "is_about_now" not in rule)
    return Q(badge=badge.value) & reduce(or_, map(_holds, own), Q())


def _holds(rule: Facts) -> Q:
    return Q(**{f"fact_{name}": value for name, value in rule.items()})


def _facts_of(connection: Connection) -> Facts:
    test = connection.latest_test
    return {
        "state": connection.state,
        "is_about_now": test is not None and test.fingerprint == fingerprint_of(connection),
        "is_finished": test is not None and test.is_finished,
        "reason": test.reason if test else "",
        "verdict": test.verdict if test else "",
    }


def _facts_in_database() -> dict[str, Combinable]:
    fingerprint_now = FingerprintInDatabase(
        "key__public_fingerprint", "project_id", "dataset_id", "access"
    )
    return {
        "state": F("state"),
        "is_about_now": Coalesce(Q(latest_test__fingerprint=fingerprint_now), Value(False)),
        "is_finished": Coalesce(Q(latest_test__finished_at__isnull=False), Value(False)),
        "reason": F("latest_test__reason"),
        "verdict": F("latest_test__verdict"),
    }
