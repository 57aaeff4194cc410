"""A shard of a large run: some of its rows, which one worker at a time sends (ADR 35).

It is claimed, fenced and handed back as a run is. What it counts is counted in its own row, and
moved into the sums of its run about twice a second, so that shards do not wait for each other
(ADR 37). Locks are always taken in the order account, shard, run.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from imports.models import written_at_once
from imports.models.account import CleverTapAccount
from imports.models.leases import is_due, is_free, lease_end
from imports.models.owned_update import update_owned
from imports.models.written_at_once import Batches

if TYPE_CHECKING:
    from imports.models.batch import BatchQuerySet

MOVE_SECONDS: Final = 0.5  # so long a living shard keeps to itself what it has counted
SUMS: Final = (
    "read_count",
    "accepted_count",
    "refused_count",
    "skipped_count",
    "unknown_count",
    "request_count",
    "retry_count",
)
# What a shard writes for itself; all else is told by its run, of troubles the last of any shard.
_OWN: Final = frozenset(
    {"next_row", "owner", "lease_until", "slots", "troubles", "not_before", *SUMS}
)
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

    def take_sums(self) -> dict[str, int]:
        """What they have counted, and hold no more: for the run, in the same transaction.

        Their rows must be locked: what is counted in between would be lost.
        """
        sums: dict[str, int] = self.aggregate(**{name: Coalesce(Sum(name), 0) for name in SUMS})
        if any(sums.values()):
            self.update(**dict.fromkeys(SUMS, 0))
        return sums


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

    # What was counted here and is not in the sums of the run yet (ADR 37).
    read_count = models.BigIntegerField(default=0, db_default=0)
    accepted_count = models.BigIntegerField(default=0, db_default=0)
    refused_count = models.BigIntegerField(default=0, db_default=0)
    skipped_count = models.BigIntegerField(default=0, db_default=0)
    unknown_count = models.BigIntegerField(default=0, db_default=0)
    request_count = models.BigIntegerField(default=0, db_default=0)
    retry_count = models.BigIntegerField(default=0, db_default=0)
    _moved_at = 0.0

    objects = ShardQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="shard_once_per_run"),
            models.CheckConstraint(
                condition=Q(next_row__gte=F("first_row"), next_row__lte=F("end_row")),
                name="shard_position_in_its_rows",
            ),
            models.CheckConstraint(
                condition=Q(
                    read_count=F("accepted_count")
                    + F("refused_count")
                    + F("skipped_count")
                    + F("unknown_count")
                ),
                name="shard_counts_agree",
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
            row = Shard.objects.locked().filter(pk=self.pk)
            is_left = any(row.values_list("lease_until", flat=True))
            changed = (
                Shard.objects.claimable()
                .filter(pk=self.pk)
                .update(
                    fence=F("fence") + 1,
                    owner=owner,
                    lease_until=lease_end(),
                    claimed_at=Now(),
                    slots=0,
                )
            )
            if changed and is_left:
                self._run_row().update(takeovers=F("takeovers") + 1)
        if changed:
            own = [field.name for field in self._meta.concrete_fields if not field.is_relation]
            self.refresh_from_db(fields=own)
        return bool(changed) and self.owner == owner

    def extend_lease(self, **values: Any) -> bool:
        """I am at work. False: the shard is no longer mine, or its run is to end."""
        return self._write(values, extends=True, moves=self._moves_now)

    def hand_back(
        self, *, wait: timedelta | None = None, troubled: bool = False, **why: str
    ) -> bool:
        """Let anybody take the shard, after ``wait`` if given; ``why`` is told by its run."""
        values = {
            "lease_until": None,
            "owner": "",
            "slots": 0,
            "not_before": None if wait is None else timezone.now() + wait,
            **({"troubles": self.troubles + 1} if troubled else {}),
            **why,
        }
        return self._write(values, moves=True)

    def record(self, **values: Any) -> bool:
        """Write as the owner. False: it is another's; nothing was written.

        A trouble is told by the run at once; that it is over, with the sums.
        """
        return self._write(values)

    def write_with(
        self, answered: Batches, begun: Batches, *, extends: bool, **values: Any
    ) -> bool | None:
        """As ``Run.write_with``."""
        own, of_run = _parted(values)
        if of_run or (extends and self._moves_now):
            return None
        done = written_at_once.write(self, own, answered=answered, begun=begun, extends=extends)
        return self._took(own) if done else done

    def note_failure(self, *, code: str, sentence: str) -> bool:
        """Say as the owner why the run has to end, unless another shard has said so before.

        No shard sends anything once this is committed and it has looked again. Who is the last
        to leave ends the run with this reason.
        """
        with transaction.atomic():
            if not self._write({}, moves=True):
                return False
            unnoted = self._run_row().filter(failure_code="")
            unnoted.update(failure_code=code, failure_sentence=sentence)
        return True

    def is_to_stop(self) -> bool:
        """It is mine still, and its run is to end."""
        return self._mine(~_goes_on()).exists()

    # Properties

    @property
    def batches(self) -> "BatchQuerySet":
        """Of its rows only: no batch crosses the border of a shard."""
        found: BatchQuerySet = self.run.batches.filter(
            first_row__gte=self.first_row, first_row__lt=self.end_row
        )
        return found

    def _mine(self, condition: Combinable) -> ShardQuerySet:
        return Shard.objects.owned(fence=self.fence).filter(condition, pk=self.pk)

    @property
    def _moves_now(self) -> bool:
        return time.monotonic() - self._moved_at >= MOVE_SECONDS

    def _write(
        self, values: Mapping[str, Any], *, extends: bool = False, moves: bool = False
    ) -> bool:
        own, of_run = _parted(values)
        done = None
        if not (of_run or moves):  # the row of the run is left alone: others write there
            done = update_owned(self, own, extends=extends, unless_stopping=extends)
        if done is None:
            mine = self._mine(_goes_on() if extends else _is_running())
            lease = {"lease_until": lease_end()} if extends else {}
            done = self._write_both(mine, {**own, **lease}, of_run, moves=moves)
        return self._took(own) if done else False

    def _took(self, values: Mapping[str, Any]) -> bool:
        """They are written: what this owner knows of its shard is the same."""
        for name, value in values.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return True

    def _write_both(
        self,
        mine: ShardQuerySet,
        own: Mapping[str, Any],
        of_run: Mapping[str, Any],
        *,
        moves: bool,
    ) -> bool:
        """The sums go along: what the run is told now comes after what was counted before."""
        with transaction.atomic(savepoint=False):
            if not mine.update(**(own or {"fence": self.fence})):
                return False
            if not (of_run or moves):
                return True
            changes = {**added(Shard.objects.filter(pk=self.pk).take_sums()), **of_run}
            if changes and not self._run_row().update(**changes):
                transaction.set_rollback(True)
                return False
        self._moved_at = time.monotonic()
        return True

    def _run_row(self) -> "models.QuerySet[Any]":
        return _runs().filter(pk=self.run_id, state="running")


def _parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a shard writes for itself, and what its run is told."""
    own = {name: value for name, value in values.items() if name in _OWN}
    of_run = {name: value for name, value in values.items() if name not in _OWN - _OF_BOTH}
    return own, {} if of_run.get("trouble_code") == "" else of_run


def added(sums: Mapping[str, int]) -> dict[str, Any]:
    """What a run is told of sums of its shards; a recorded answer ends what troubled it."""
    changes: dict[str, Any] = {name: F(name) + count for name, count in sums.items() if count}
    if sums["read_count"] > sums["unknown_count"]:
        changes |= {"troubles": 0, "trouble_code": "", "trouble_sentence": ""}
    return changes


def _runs() -> "models.QuerySet[Any]":
    return apps.get_model("imports", "Run")._default_manager.all()


def _is_running() -> Exists:
    return Exists(_runs().filter(pk=OuterRef("run"), state="running"))


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
