"""Rows that were refused: which and why, and, sealed apart from that, what they held (ADR 25)."""

import uuid
from typing import ClassVar, Self

from django.db import models

from connections.encryption import SealContext
from connections.fields import SealedTextField
from imports.models.run import Run


class KeptRows(models.Model):
    """The contents of some refused rows of one run, sealed together; see ``imports.contents``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="kept_rows")
    sealed_contents = SealedTextField()

    class Meta:
        verbose_name_plural = "kept rows"

    def __str__(self) -> str:
        return f"kept rows {self.pk} of run {self.run_id}"

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds the sealed contents to their row."""
        return SealContext(table=cls._meta.db_table, column="sealed_contents", row=str(row_id))


class RefusedRowQuerySet(models.QuerySet["RefusedRow"]):
    def replayable(self) -> Self:
        """Kept whole, and in no run that sends them again."""
        return self.filter(is_whole=True, kept__isnull=False, replayed_in__isnull=True)

    def of_reason(self, *, refused_by: str, code: str) -> Self:
        return self.filter(refused_by=refused_by, code=code)

    def in_order(self) -> Self:
        return self.order_by("row_number", "id")


class RefusedRow(models.Model):
    """A row that our rules or CleverTap refused: which, and why. Holds nothing of the row."""

    class By(models.TextChoices):
        RULES = "rules", "Our rules"
        CLEVERTAP = "clevertap", "CleverTap"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="refused_rows")
    row_number = models.BigIntegerField()
    refused_by = models.CharField(max_length=16, choices=By)
    code = models.CharField(max_length=64)
    column = models.CharField(max_length=300, blank=True)
    sentence = models.CharField(max_length=500)
    # Where its contents are: the ``place``-th of these kept rows.
    kept = models.ForeignKey(KeptRows, on_delete=models.CASCADE, null=True, related_name="rows")
    place = models.PositiveIntegerField(default=0)
    # Nothing of it was cut, so that it can be sent again through another mapping.
    is_whole = models.BooleanField(default=False)
    replayed_in = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, related_name="replayed_rows"
    )

    objects = RefusedRowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "row_number"], name="refused_row_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "code"], name="refused_by_reason"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number} of run {self.run_id}: {self.code}"
