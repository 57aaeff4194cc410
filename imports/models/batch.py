"""What was sent, what CleverTap answered, and the rows that were refused."""

import uuid
from collections.abc import Sequence
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

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

    def record_all(self, batches: Sequence["Batch"]) -> None:
        """Write what became of them, in one statement: they are there already, by their id."""
        self.bulk_create(
            batches,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[
                "state",
                "accepted_count",
                "refused_count",
                "milliseconds",
                "answered_at",
            ],
        )


class Batch(models.Model):
    """One upload request: the rows ``first_row`` up to, without, ``end_row``.

    Its intent is committed before the request leaves, its answer after: a batch that
    is still *sending* when its owner is gone has an unknown outcome.
    """

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        ANSWERED = "answered", "Answered"
        UNKNOWN = "unknown", "Outcome unknown"

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
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "first_row"], name="batch_once_per_run"),
        ]

    def __str__(self) -> str:
        return f"rows {self.first_row} to {self.end_row} of run {self.run_id}"


class RefusedRow(models.Model):
    """A row that our rules or CleverTap refused: which, why, and what it held."""

    class By(models.TextChoices):
        RULES = "rules", "Our rules"
        CLEVERTAP = "clevertap", "CleverTap"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="refused_rows")
    row_number = models.BigIntegerField()
    refused_by = models.CharField(max_length=16, choices=By)
    code = models.CharField(max_length=64)
    column = models.CharField(max_length=300, blank=True)
    identity = models.CharField(max_length=1024, blank=True)
    sentence = models.CharField(max_length=500)
    record = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "row_number"], name="refused_row_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "code"], name="refused_by_reason"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number} of run {self.run_id}: {self.code}"
