"""A dry run: a sample of rows through a mapping, judged, with nothing stored at CleverTap."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from connections.encryption import SealContext
from connections.fields import SealedTextField
from imports.models.definition import Import


class DryRunQuerySet(models.QuerySet["DryRun"]):
    def with_places(self) -> Self:
        return self.select_related("parent__account", "parent__connection__key")

    def older_than(self, moment: datetime) -> Self:
        return self.filter(requested_at__lt=moment)

    def with_result(self) -> Self:
        return self.filter(sealed_result__isnull=False)

    def at_work_on(self, parent: Import, **question: Any) -> Self:
        """Asked for already, and not answered yet."""
        return self.filter(parent=parent, finished_at__isnull=True, **question)


class DryRun(models.Model):
    """One sample, asked for by a page and judged by a worker. Its result holds customers'
    values: it is sealed, and taken out again within the hour."""

    class Scope(models.TextChoices):
        SAMPLE = "sample", "A sample, also judged by CleverTap"
        WHOLE = "whole", "All rows, judged by our rules in one query"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=16, choices=Scope, default=Scope.SAMPLE)
    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="dry_runs")
    mapping = models.JSONField()
    sample_rows = models.PositiveIntegerField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Of all rows only: what it would read, and that somebody agreed to it.
    estimated_bytes = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    bytes_billed = models.BigIntegerField(null=True)
    sealed_result = SealedTextField(null=True)
    failure_sentence = models.CharField(max_length=500, blank=True)

    objects = DryRunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=False)
                | Q(sealed_result__isnull=True, failure_sentence=""),
                name="dry_run_says_nothing_before_it_is_finished",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["requested_at"], name="dry_run_oldest")]

    def __str__(self) -> str:
        return f"dry run {self.pk} of import {self.parent_id}"

    def get_absolute_url(self) -> str:
        return reverse("imports:dry_run", args=[self.pk])

    # Transitions

    def claim(self) -> bool:
        """Start once: a message delivered twice finds it taken."""
        waiting = DryRun.objects.filter(pk=self.pk, started_at__isnull=True, finished_at=None)
        return bool(waiting.update(started_at=timezone.now()))

    def told_the_cost(self, estimated_bytes: int) -> bool:
        """What it would read; it waits now until somebody agrees to that."""
        changed = DryRun.objects.filter(pk=self.pk, finished_at=None, confirmed_at=None).update(
            estimated_bytes=estimated_bytes, started_at=None
        )
        return bool(changed)

    def confirm(self, *, now: datetime) -> bool:
        """Agree to the cost, once."""
        waiting = DryRun.objects.filter(
            pk=self.pk, estimated_bytes__isnull=False, confirmed_at=None, finished_at=None
        )
        return bool(waiting.update(confirmed_at=now, started_at=None))

    def answered(self, sealed_result: str, *, bytes_billed: int) -> bool:
        """Store the result, once."""
        changed = DryRun.objects.filter(pk=self.pk, finished_at__isnull=True).update(
            sealed_result=sealed_result, bytes_billed=bytes_billed, finished_at=timezone.now()
        )
        return bool(changed)

    def failed(self, sentence: str) -> bool:
        """Store why there is no result, once."""
        changed = DryRun.objects.filter(pk=self.pk, finished_at__isnull=True).update(
            failure_sentence=sentence[:500], finished_at=timezone.now()
        )
        return bool(changed)

    # Properties

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds a sealed result to its row."""
        return SealContext(table=cls._meta.db_table, column="sealed_result", row=str(row_id))

    @property
    def is_whole(self) -> bool:
        return self.scope == self.Scope.WHOLE

    @property
    def waits_for_consent(self) -> bool:
        """The cost is known, and nobody has agreed to it yet."""
        is_open = self.finished_at is None and self.confirmed_at is None
        return is_open and self.estimated_bytes is not None

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None
