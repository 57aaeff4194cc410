"""A shard of a large run: some of its rows, which one worker at a time sends (ADR 35).

It is claimed, fenced and handed back as a run is; what it counts is counted in its run, in the
same transaction. Locks are always taken in the order account, shard, run.
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from imports.models.account import CleverTapAccount
from imports.models.leases import is_due, is_free, lease_end

if TYPE_CHECKING:
    from imports.models.batch import BatchQuerySet

# What a shard writes for itself; all else is told by its run, of troubles the last of any shard.
_OWN: Final = frozenset({"next_row", "owner", "lease_until", "slots", "troubles", "not_before"})
_OF_BOTH: Final = frozenset({"troubles"})


class ShardQuerySet(models.QuerySet["Shard"]):
    def unfinished(self) -> Self:
        return self.filter(next_row__lt=F("end_row"))

    def at_work(self) -> Self:
        return self.filter(lease_until__gte=Now())

    def claimable(self) -> Self:
        """Nobody's now, with rows to send, of a run that goes on."""
        return self.unfinished().filter(is_free(), is_due(), _goes_on())

    def owned(self, *, fence: int) -> Self:
        """Ending a run moves the fence of each of its shards: nobody owns one after that."""
        return self.filter(fence=fence)

    def sending_to(self, account: CleverTapAccount) -> Self:
        """At work for this CleverTap account, whichever row names it."""
        return self.at_work().filter(
            run__parent__account__region=account.region,
            run__parent__account__account_id=account.account_id,
        )

    def locked(self) -> Self:
        """Nobody else claims, extends or writes to them until the transaction ends."""
        return self.select_for_update(no_key=True).order_by("pk")


class Shard(models.Model):
    """The rows ``first_row`` up to, without, ``end_row`` of a run's result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey("imports.Run", on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveSmallIntegerField()
    first_row = models.BigIntegerField()
    end_row = models.BigIntegerField()
    next_row = models.BigIntegerField()

    rung_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    slots = models.PositiveSmallIntegerField(default=0)
    troubles = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    objects = ShardQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="shard_once_per_run"),
            models.CheckConstraint(
                condition=Q(next_row__gte=F("first_row"), next_row__lte=F("end_row")),
                name="shard_position_in_its_rows",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["lease_until"], name="shard_by_lease")]

    def __str__(self) -> str:
        return f"shard {self.number} of run {self.run_id}"

    # Transitions

    def claim(self, *, owner: str) -> bool:
        """Take the shard if nobody holds it and its run goes on.

        The row is locked first: an UPDATE that has waited for somebody who ended the run would
        judge the run by what it was before.
        """
        with transaction.atomic():
            list(Shard.objects.locked().filter(pk=self.pk).values_list("pk"))
            claimable = Shard.objects.claimable().filter(pk=self.pk)
            is_left = claimable.filter(lease_until__isnull=False).exists()
            changed = claimable.update(
                fence=F("fence") + 1,
                owner=owner,
                lease_until=lease_end(),
                claimed_at=Now(),
                slots=0,
            )
            if changed and is_left:
                self._run_row().update(takeovers=F("takeovers") + 1)
        if changed:
            own = [field.name for field in self._meta.concrete_fields if not field.is_relation]
            self.refresh_from_db(fields=own)
        return bool(changed) and self.owner == owner

    def extend_lease(self, **values: Any) -> bool:
        """I am at work. False: the shard is no longer mine, or its run is to end."""
        mine = Shard.objects.owned(fence=self.fence).filter(_goes_on(), pk=self.pk)
        return self._write(mine, lease_until=lease_end(), **values)

    def hand_back(
        self, *, wait: timedelta | None = None, troubled: bool = False, **why: str
    ) -> bool:
        """Let anybody take the shard, after ``wait`` if given; ``why`` is told by its run."""
        return self.record(
            lease_until=None,
            owner="",
            slots=0,
            not_before=None if wait is None else timezone.now() + wait,
            **({"troubles": self.troubles + 1} if troubled else {}),
            **why,
        )

    def record(self, **values: Any) -> bool:
        """Write as the owner, sums into the run. False: it is another's; nothing was written."""
        return self._write(Shard.objects.owned(fence=self.fence).filter(pk=self.pk), **values)

    def note_failure(self, *, code: str, sentence: str) -> bool:
        """Say as the owner why the run has to end, unless another shard has said so before.

        No shard sends anything once this is committed and it has looked again. Who is the last
        to leave ends the run with this reason.
        """
        with transaction.atomic():
            if not self.record():
                return False
            unnoted = self._run_row().filter(failure_code="")
            unnoted.update(failure_code=code, failure_sentence=sentence)
        return True

    def is_to_stop(self) -> bool:
        """It is mine still, and its run is to end."""
        mine = Shard.objects.owned(fence=self.fence).filter(pk=self.pk)
        return mine.exclude(_goes_on()).exists()

    # Properties

    @property
    def batches(self) -> "BatchQuerySet":
        """Of its rows only: no batch crosses the border of a shard."""
        found: BatchQuerySet = self.run.batches.filter(
            first_row__gte=self.first_row, first_row__lt=self.end_row
        )
        return found

    def _write(self, mine: ShardQuerySet, **values: Any) -> bool:
        own = {name: value for name, value in values.items() if name in _OWN}
        of_run = {name: value for name, value in values.items() if name not in _OWN - _OF_BOTH}
        with transaction.atomic():
            if not mine.update(**(own or {"fence": self.fence})):
                return False
            if of_run and not self._run_row().update(**of_run):
                transaction.set_rollback(True)
                return False
        for name, value in own.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return True

    def _run_row(self) -> "models.QuerySet[Any]":
        return _runs().filter(pk=self.run_id, state="running")


def _runs() -> "models.QuerySet[Any]":
    return apps.get_model("imports", "Run")._default_manager.all()


def _goes_on() -> Exists:
    """Its run is at work, and neither a stop nor a failure says that it must end."""
    return Exists(
        _runs().filter(
            pk=OuterRef("run"),
            state="running",
            stop_requested_at__isnull=True,
            failure_code="",
        )
    )
