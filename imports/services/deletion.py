"""Deleting an import: its run stops first, its history stays, its nickname is free again.

The import leaves every list at once. A run that is at work is asked to stop in the same
transaction; it stays on its own page until a worker has ended it, with the import's page
as the evidence. So there is nothing that has to be finished later.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from imports.models import Import, Run
from imports.services import runs
from imports.services.locking import lock


class ReviewOutdated(Exception):
    """Something changed since the question was shown; the message is fit for the user."""


class AlreadyDeleted(Exception):
    """Somebody else deleted it first; the message is fit for the user."""


@dataclass(frozen=True)
class Review:
    """What the deletion would stop and keep. ``token`` changes when that does."""

    active: Run | None
    run_count: int
    token: str


def review_deletion(subject: Import) -> Review:
    """Its run at work, if there is one, and how many runs stay readable."""
    active = Run.objects.active().filter(parent=subject).first()
    facts = f"{subject.pk}:{subject.version}:{active.pk if active else ''}"
    token = hashlib.sha256(facts.encode()).hexdigest()
    return Review(active, subject.runs.count(), token)


@by_creator
def delete_import(*, subject: Import, token: str, by: User, now: datetime) -> None:
    """Stop its run, take it off every list, and free its nickname, in one transaction.

    Raises:
        AlreadyDeleted: nothing was changed.
        ReviewOutdated: a run began or ended, or the import was edited, since ``token``.
    """
    with transaction.atomic():
        _, locked = lock(subject)
        if locked.is_deleted:
            raise AlreadyDeleted(f"“{locked.nickname}” is already deleted.")
        review = review_deletion(locked)
        if review.token != token:
            raise ReviewOutdated(
                "This import changed since the question was shown. Look again and confirm again."
            )
        if review.active is not None:
            reason = f"Import “{locked.nickname}” was deleted"[:200]
            runs.ask_to_stop(review.active, by=by, reason=reason, now=now)
        locked.delete_for_good(by_id=by.pk, now=now)
        trail.record(
            by=by,
            action="import deleted",
            kind="import",
            object_id=locked.pk,
            name=locked.nickname,
            before={
                "runs": review.run_count,
                "stopped": str(review.active.pk) if review.active else None,
            },
        )
