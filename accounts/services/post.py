"""Asks a worker to mail a link: it makes the link itself, so that a message holds ids only.

A bell that cannot be rung is lost: who waits for the mail asks again, or asks an admin.
"""

from functools import partial
from uuid import UUID, uuid4

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from accounts.permissions import by_admin
from accounts.tasks import mail_invitation, mail_reset

logger = structlog.get_logger(__name__)


@by_admin
def invitation_on_commit(*, user: User, by: User) -> None:
    """Have an invitation mailed once the transaction is committed; never raises."""
    _on_commit(mail_invitation, user_id=user.pk, by_id=by.pk)


def reset_on_commit(*, user: User | None) -> None:
    """Have a reset link mailed; never raises.

    Nobody gets one too, as far as the time goes: an answer's delay tells nobody who is here.
    """
    _on_commit(mail_reset, user_id=user.pk if user else uuid4())


def _on_commit(task: Task, **ids: UUID) -> None:
    transaction.on_commit(partial(_ring, task, {name: str(value) for name, value in ids.items()}))


def _ring(task: Task, ids: dict[str, str]) -> None:
    try:
        task.apply_async(kwargs=ids, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("bell not rung: the broker is away", task=task.name)
