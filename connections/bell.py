"""Rings the bell of a worker, after the commit, with ids only.

The database holds the truth, so a bell that cannot be rung is no failure of the request:
it is logged, and the tick rings again (ADR 3).
"""

from functools import partial
from uuid import UUID

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)


def ring_on_commit(task: Task, *, wait_seconds: float = 0, **ids: UUID | str) -> None:
    """Send the task its ids once the transaction is committed; never raises."""
    transaction.on_commit(partial(ring, task, wait_seconds=wait_seconds, **ids))


def ring(task: Task, *, wait_seconds: float = 0, **ids: UUID | str) -> bool:
    """Send the task its ids now. False if the broker is away: the tick rings again."""
    message = {name: str(value) for name, value in ids.items()}
    try:
        task.apply_async(kwargs=message, countdown=wait_seconds or None, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("bell not rung: the broker is away", task=task.name, **message)
        return False
    return True
