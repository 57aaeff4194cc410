"""What the tick does for connections: finish what a lost bell or a dead worker left."""

from datetime import datetime

from connections import tasks
from connections.bell import ring
from connections.services import deletion, editing, keys, lookups, retests, tests


def sweep(*, now: datetime) -> None:
    """End overdue tests, ask for due ones, forget what is over, wake unfinished deletions."""
    tests.settle_all_overdue(now=now)
    retests.request_due_tests(now=now)
    keys.destroy_expired_drafts(now=now)
    editing.retire_former_keys(now=now)
    lookups.forget_old(now=now)
    deletion.ring_unfinished_deletions()
    ring(tasks.beat)
