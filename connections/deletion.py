"""Worker half of deleting a connection: wait for its runs, then destroy the key.

Every step is a conditional UPDATE, so it can be begun again by anybody at any time: a
worker killed in the middle changes nothing about the outcome. The key goes last, because
BigQuery jobs are cancelled with it, and runs that are let finish read with it; former keys
go with it. The choice of the admin is no matter here: it was carried out with the mark.
"""

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts import trail
from connections.models import Connection, StoredKey
from imports.models import Run, WriteBack

logger = structlog.get_logger(__name__)


LOOK_AGAIN_SECONDS = 1.0
DROPPED = "The connection was deleted before it was done."


def work_on(*, connection_id: UUID) -> float | None:
    """``finish_deletion``; the seconds after which to come back.

    None: it is over, or somebody else comes back already.
    """
    if finish_deletion(connection_id=connection_id):
        return None
    connection = Connection.objects.filter(pk=connection_id).first()
    is_next = connection is not None and connection.take_turn_to_ring(now=timezone.now())
    return LOOK_AGAIN_SECONDS if is_next else None


def finish_deletion(*, connection_id: UUID) -> bool:
    """Destroy the keys and close the connection if none of its runs is at work any more,
    and what those have to write has been written or given up.

    Returns whether there is nothing left to do; False asks to be called again.
    """
    connection = Connection.objects.select_related("key").filter(pk=connection_id).first()
    if connection is None or connection.state != Connection.State.DELETING:
        return True
    keys = _keys_of(connection)
    active = Run.objects.active()
    if active.bound_to(connection).exists() or active.reading_with(keys).exists():
        return False
    if not WriteBack.drop_left(connection, now=timezone.now(), sentence=DROPPED):
        return False
    with transaction.atomic():
        destroyed = [key.short_id for key in keys if key.destroy()]
        if connection.finish_deletion():
            _record(connection, destroyed)
    logger.info("connection deleted", connection=str(connection_id))
    return True


def _keys_of(connection: Connection) -> list[StoredKey]:
    """The key in force and the former ones that are kept: all that still open something."""
    former = connection.former_keys.kept().select_related("key")
    return [connection.key, *(found.key for found in former)]


def _record(connection: Connection, destroyed: list[str]) -> None:
    trail.record(
        by=None,
        action="deletion finished",
        kind="connection",
        object_id=connection.pk,
        name=connection.name,
        after={"destroyed_key_ids": destroyed},
    )
