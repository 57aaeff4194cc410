"""What an import's badge says: *Running* while a run is at work, else its own status.

Said twice, as for connections: over a row in memory, and by the database for filters and
the order, over ``with_activity``.
"""

from dataclasses import dataclass

from django.db.models import Q

from imports.models import Import


@dataclass(frozen=True)
class Badge:
    """A status value (also its CSS modifier) and its word."""

    value: str
    word: str


RUNNING = Badge("running", "Running")
LISTED = (RUNNING, *(Badge(status.value, status.label) for status in Import.Status))


def badge_of(found: Import, *, is_running: bool) -> Badge:
    """The badge of the import."""
    if is_running:
        return RUNNING
    return Badge(found.status, Import.Status(found.status).label)


def shown_as(badge: Badge) -> Q:
    """Over ``with_activity``: the imports with this badge."""
    if badge == RUNNING:
        return Q(is_running=True)
    return Q(is_running=False, status=badge.value)
