"""Asking BigQuery something on behalf of a page."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from connections import tasks
from connections.bell import ring_on_commit
from connections.models import Connection, Lookup, StoredKey

NO_WORKER = (
    "No worker answered in time. Ask the operator whether the probe worker runs, then try again."
)
FRESH_FOR = timedelta(minutes=2)
# Longer than a page waits until it looks again, or it would never see why there is no
# answer; short, so that "Try again" does.
FAILURE_FRESH_FOR = timedelta(seconds=10)
PREVIEW_KEPT_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


def ask(
    *,
    connection: Connection,
    kind: str,
    by: User,
    now: datetime,
    table_id: str = "",
) -> Lookup:
    """The question as a row: a recent one of the same connection, or a new one."""
    return _asked(
        by=by,
        now=now,
        connection=connection,
        key=connection.key,
        kind=kind,
        project_id=connection.project_id,
        dataset_id=connection.dataset_id,
        table_id=table_id,
    )


def ask_datasets(*, key: StoredKey, project_id: str, by: User, now: datetime) -> Lookup:
    """Which datasets of the project the key can see; the key may still be a draft."""
    return _asked(by=by, now=now, key=key, kind=Lookup.Kind.DATASETS, project_id=project_id)


def _asked(*, by: User, now: datetime, **question: Any) -> Lookup:
    recent = Lookup.objects.filter(**question).asked_or_failed_since(
        asked=now - FRESH_FOR, failed=now - FAILURE_FRESH_FOR
    )
    found = recent.newest_first().first()
    if found is not None:
        return found
    with transaction.atomic():
        lookup = Lookup.objects.create(requested_by=by, requested_at=now, **question)
        ring_on_commit(tasks.answer_lookup, lookup_id=lookup.pk)
    return lookup


def answered_lookup(*, connection: Connection, lookup_id: str, table: str) -> Lookup | None:
    """The connection's own answered question about the table, if that is what the id names."""
    try:
        wanted = UUID(lookup_id)
    except ValueError:
        return None
    answered = Lookup.objects.filter(connection=connection, answer__isnull=False)
    return answered.filter(pk=wanted, kind=Lookup.Kind.TABLE, table_id=table).first()


def settle_overdue(*, lookup: Lookup, now: datetime) -> bool:
    """End a question that nobody answered in time. Returns whether this call ended it."""
    deadline = lookup.requested_at + timedelta(seconds=3 * settings.TEST_DEADLINE_SECONDS)
    if lookup.is_finished or now < deadline:
        return False
    return lookup.failed(NO_WORKER)


def forget_old(*, now: datetime) -> None:
    """Take customers' rows out of answers after an hour; forget whole answers after a day."""
    Lookup.objects.older_than(now - KEPT_FOR).delete()
    for lookup in Lookup.objects.older_than(now - PREVIEW_KEPT_FOR).with_preview():
        lookup.drop_preview()
