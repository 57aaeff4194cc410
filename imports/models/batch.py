"""What was sent, and what CleverTap answered."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections.encryption import SealContext
from connections.fields import SealedTextField
from imports.models import batch_statements
from imports.models.run import Run


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> Self:
        """Sent, or about to be, without a recorded answer."""
        return self.filter(state=Batch.State.SENDING)

    def recorded(self) -> Self:
        """What became of it is written down: answered, or given up as unknown."""
        return self.exclude(state=Batch.State.SENDING)

    def unknown(self) -> Self:
        return self.filter(state=Batch.State.UNKNOWN)

    def answered(self) -> Self:
        """CleverTap said of each record what became of it."""
        return self.filter(state=Batch.State.ANSWERED, record_count__gte=1)

    def refused_alone(self) -> Self:
        """Of one record, which CleverTap refused: mostly what was left of a larger one."""
        return self.filter(state=Batch.State.ANSWERED, record_count=1, refused_count__gte=1)

    def without_records(self) -> Self:
        """For whoever only looks: the records of a batch can be megabytes."""
        return self.defer("sealed_records")

    def undecided(self) -> Self:
        """Of unknown outcome, and nobody has said what is to become of it."""
        return self.unknown().filter(decision="")

    def intend_all(self, batches: Sequence["Batch"]) -> None:
        """Insert new ones, as ``bulk_create`` would, at a part of its cost (ADR 30, 40)."""
        batch_statements.insert(batches)
        for batch in batches:
            batch._state.adding = False

    def record_all(self, batches: Sequence["Batch"]) -> None:
        """Write what became of them: they are there already, by their id."""
        batch_statements.update(batches)


class Batch(models.Model):
    """One upload request: the rows ``first_row`` up to, without, ``end_row``.

    Its intent is committed before the request leaves, its answer after: a batch that
    is still *sending* when its owner is gone has an unknown outcome.
    """

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        ANSWERED = "answered", "Answered"
        UNKNOWN = "unknown", "Outcome unknown"

    class Decision(models.TextChoices):
        RESENT = "resent", "Sent again"
        ACCEPTED = "accepted", "Counted as accepted"
        REFUSED = "refused", "Counted as refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    first_row = models.BigIntegerField()
    end_row = models.BigIntegerField()
    record_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.SENDING)
    attempts = models.PositiveIntegerField(default=1)
    accepted_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)

    # What was in it, kept only while its outcome is unknown and undecided (ADR 26).
    sealed_records = SealedTextField(null=True)
    decision = models.CharField(max_length=16, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resent_in = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, related_name="resent_batches"
    )

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "first_row"], name="batch_once_per_run"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | Q(~Q(decision=""), state="unknown", decided_at__isnull=False),
                name="batch_decided_only_when_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"rows {self.first_row} to {self.end_row} of run {self.run_id}"

    @classmethod
    def intent(cls, **values: Any) -> Self:
        """A new one, not written yet; ``values`` by the names of ``batch_statements.INTENT``.

        All values in their places, as Django makes what it has read: ``Batch(...)`` by names costs
        four times as much, for each request.
        """
        known = {"id": uuid.uuid4(), "sent_at": timezone.now(), **values}
        return cls(*(known.get(name, default) for name, default in _defaults()))

    # Transitions

    def decide(self, decision: str, *, by: Any, now: datetime, **values: Any) -> bool:
        """Say what is to become of it. False: somebody was quicker, or its outcome is known."""
        changed = (
            Batch.objects.undecided()
            .filter(pk=self.pk)
            .update(decision=decision, decided_by=by, decided_at=now, **values)
        )
        return bool(changed)

    # Properties

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds the sealed records to their batch."""
        return SealContext(table=cls._meta.db_table, column="sealed_records", row=str(row_id))


@cache
def _defaults() -> tuple[tuple[str, Any], ...]:
    """Names and defaults of all columns in their order; those that are made each time are given."""
    return tuple((field.attname, field.get_default()) for field in Batch._meta.concrete_fields)
