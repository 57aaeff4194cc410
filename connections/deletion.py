"""Worker half of deleting a connection: wait for its runs, then destroy the key.

Every step is a conditional UPDATE, so it can be begun again by anybody at any time: a
worker killed in the middle changes nothing about the outcome. The key goes last,
because BigQuery jobs are cancelled with it; former keys go with it.
"""

from uuid import UUID

import structlog
from django.db import transaction

from connections.models import Connection
from imports.models import Run

logger = structlog.get_logger(__name__)


def finish_deletion(*, connection_id: UUID) -> bool:
    """Destroy the key and close the connection if none of its runs is at work any more.

    Returns whether there is nothing left to do; False asks to be called again.
    """
    connection = Connection.objects.select_related("key").filter(pk=connection_id).first()
    if connection is None or connection.state != Connection.State.DELETING:
        return True
    if Run.objects.active().of_connection(connection).exists():
        return False
    with transaction.atomic():
        connection.key.destroy()
        for former in connection.former_keys.kept().select_related("key"):
            former.key.destroy()
        connection.finish_deletion()
    logger.info("connection deleted", connection=str(connection_id))
    return True
