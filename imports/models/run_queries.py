"""Which runs: at work, waiting for a worker, sending to an account, to be ended."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from connections.models import Connection, StoredKey
from imports.models.account import CleverTapAccount
from imports.models.failures import SOURCE_FAILURES
from imports.models.leases import is_due, is_free
from imports.models.shard import Shard

if TYPE_CHECKING:
    from imports.models.run import Run  # noqa: F401 - named in a text below


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> Self:
        """Queued or running: everything that is not final."""
        return self.filter(state__in=self.model.State.active())

    def of_connection(self, connection: Connection) -> Self:
        """Those that read from it, also of imports that were moved away since."""
        return self.filter(connection=connection)

    def bound_to(self, connection: Connection) -> Self:
        """Those that read from it, and those of imports that have been moved to it."""
        return self.filter(Q(connection=connection) | Q(parent__connection=connection))

    def reading_with(self, keys: Iterable[StoredKey]) -> Self:
        return self.filter(key__in=keys)

    def at_work_since(self, moment: datetime) -> Self:
        """Not final then: at work still, or ended or stopped since."""
        return self.filter(
            Q(finished_at__isnull=True)
            | Q(finished_at__gte=moment)
            | Q(stop_requested_at__gte=moment)
        )

    def claimable(self) -> Self:
        """Nobody's, or of somebody whose lease has ended; and not waiting for its time.

        A run that is to stop does not wait for anything. One that was cut is taken as a whole
        to be ended only, when none of its shards has an owner.
        """
        is_whole = Q(shard_count=0)
        due = is_due() | Q(stop_requested_at__isnull=False)
        return self.active().filter(is_free(), due, is_whole | _is_to_end() & ~_has_owner())

    def sending_to(self, account: CleverTapAccount) -> Self:
        """At work, with a result to send to this CleverTap account, whichever row names it."""
        return self.filter(
            state=self.model.State.RUNNING,
            job_state=self.model.JobState.DONE,
            lease_until__gte=Now(),
            parent__account__region=account.region,
            parent__account__account_id=account.account_id,
        )

    def left_stopping(self, *, since: datetime) -> Self:
        """To be stopped since before ``since``, and nobody is at it: no worker came."""
        return self.claimable().filter(stop_requested_at__lt=since)

    def owned(self, *, fence: int, **more: Any) -> Self:
        """``more``: other conditions, as each call of filter copies the query of before."""
        return self.filter(state=self.model.State.RUNNING, fence=fence, **more)

    def failed_on_the_source(self) -> Self:
        """Failed on key, roles or dataset: what a Test Connection can explain."""
        return self.filter(state=self.model.State.FAILED, failure_code__in=SOURCE_FAILURES)

    def newest_first(self) -> Self:
        return self.order_by("-queued_at", "-id")


def _is_to_end() -> Combinable | Q:
    """Of a run that was cut: nothing is sent any more, because it is over, stopped or failed."""
    unfinished = Shard.objects.unfinished().filter(run=OuterRef("pk"))
    return Q(stop_requested_at__isnull=False) | ~Q(failure_code="") | ~Exists(unfinished)


def _has_owner() -> Exists:
    return Exists(Shard.objects.at_work().filter(run=OuterRef("pk")))
