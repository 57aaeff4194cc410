"""Asking BigQuery something on behalf of a page."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.permissions import by_admin, by_creator
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
ROWS_FRESH_FOR = timedelta(minutes=10)
PREVIEW_KEPT_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
_WITH_COLUMNS = (Lookup.Kind.TABLE, Lookup.Kind.QUERY, Lookup.Kind.ROWS)


@by_creator
def ask(
    *,
    connection: Connection,
    kind: str,
    by: User,
    now: datetime,
    table_id: str = "",
) -> Lookup:
    """The question as a row: a recent one of the same connection, or a new one."""
    return _asked(by=by, now=now, kind=kind, **_place(connection), table_id=table_id)


@by_creator
def ask_query(
    *, connection: Connection, table_id: str, sql: str, by: User, now: datetime
) -> Lookup:
    """What reading the table or query would cost, and its columns: a dry run, at no cost."""
    question = {"table_id": table_id, "sql": sql}
    return _asked(by=by, now=now, kind=Lookup.Kind.QUERY, **_place(connection), **question)


@by_creator
def ask_rows(
    *, connection: Connection, table_id: str, sql: str, bytes_cap: int, by: User, now: datetime
) -> Lookup:
    """The first rows of a table, view or query, billed for ``bytes_cap`` at most."""
    question = {"table_id": table_id, "sql": sql, "bytes_cap": bytes_cap}
    return _asked(by=by, now=now, kind=Lookup.Kind.ROWS, **_place(connection), **question)


def rows_known(*, connection: Connection, table_id: str, sql: str, now: datetime) -> Lookup | None:
    """A recent answer that has the first rows of the table, view or query."""
    question = {"kind": Lookup.Kind.ROWS, "table_id": table_id, "sql": sql, **_place(connection)}
    since = now - ROWS_FRESH_FOR
    found = Lookup.objects.answered().filter(requested_at__gt=since, **question)
    return found.newest_first().first()


def of_page(*, lookup_id: str, kind: str) -> Lookup | None:
    """The question that a page waits for, by the id that it was given."""
    try:
        wanted = UUID(lookup_id)
    except ValueError:
        return None
    return Lookup.objects.select_related("connection").filter(pk=wanted, kind=kind).first()


@by_admin
def ask_datasets(*, key: StoredKey, project_id: str, by: User, now: datetime) -> Lookup:
    """Which datasets of the project the key can see; the key may still be a draft."""
    return _asked(by=by, now=now, key=key, kind=Lookup.Kind.DATASETS, project_id=project_id)


def _place(connection: Connection) -> dict[str, Any]:
    return {
        "connection": connection,
        "key": connection.key,
        "project_id": connection.project_id,
        "dataset_id": connection.dataset_id,
    }


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


def answered_lookup(
    *, connection: Connection, lookup_id: str, table: str, sql: str = ""
) -> Lookup | None:
    """The connection's own answered question about the table or query, if the id names it."""
    try:
        wanted = UUID(lookup_id)
    except ValueError:
        return None
    answered = Lookup.objects.answered().filter(connection=connection, kind__in=_WITH_COLUMNS)
    return answered.filter(pk=wanted, table_id=table, sql=sql).first()


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
