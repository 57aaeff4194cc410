"""How far an import has come by its Updated On column, and what it sent at that edge.

The value moves with a run that has succeeded, in the transaction that ends the run, and in
no other way (ADR 23). People move it back or take it away; nobody moves it forward.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from imports.cursor_values import Scale
from imports.models.definition import Import
from imports.models.run import Run
from imports.sql_text import sense

LOOK_BACK_SECONDS = 3_600


class Cursor(models.Model):
    """One import's cursor, with the settings that a run takes along when it is made.

    ``value``: every row up to it was read by ``moved_by_run`` or before, but for rows that
    came later. ``edge_low``: from here to ``value`` that run remembers what was sent.
    ``resend_from``: somebody moved the cursor back to here; the next run begins here.
    """

    class Nulls(models.TextChoices):
        EACH_RUN = "each_run", "Send them in every run"
        NEVER = "never", "Never send them"

    parent = models.OneToOneField(
        Import, on_delete=models.CASCADE, primary_key=True, related_name="cursor"
    )
    column = models.CharField(max_length=300)
    column_type = models.CharField(max_length=16)
    unit = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    kind = models.CharField(max_length=16, choices=Import.Kind)
    look_back_seconds = models.PositiveIntegerField(default=LOOK_BACK_SECONDS)
    nulls = models.CharField(max_length=16, choices=Nulls, default=Nulls.EACH_RUN)
    newest_only = models.BooleanField(default=False)

    # What the value speaks of, as ``source_of`` names it: of anything else it says nothing.
    source = models.CharField(max_length=1024, blank=True)
    value = models.CharField(max_length=64, blank=True)
    edge_low = models.CharField(max_length=64, blank=True)
    resend_from = models.CharField(max_length=64, blank=True)
    moved_at = models.DateTimeField(null=True)
    moved_by_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Grows with every change by a person: a page, and a run, that knew another one is too late.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(value="", edge_low="", moved_by_run__isnull=True, moved_at__isnull=True)
                | (
                    ~Q(value="")
                    & ~Q(edge_low="")
                    & Q(moved_by_run__isnull=False, moved_at__isnull=False)
                ),
                name="cursor_has_a_value_exactly_from_a_run",
            ),
            models.CheckConstraint(
                condition=Q(resend_from="") | ~Q(value=""),
                name="cursor_goes_back_from_a_value",
            ),
        ]

    def __str__(self) -> str:
        return f"cursor of import {self.parent_id}: {self.value or 'none'}"

    # Transitions

    def change(self, *, by: Any, now: datetime, version: int, **values: Any) -> bool:
        """What a person does to it. False: it is not as that person has seen it."""
        changed = Cursor.objects.filter(pk=self.pk, version=version).update(
            version=F("version") + 1, changed_at=now, changed_by=by, **values
        )
        return bool(changed)

    @classmethod
    def move(cls, run: Run, *, value: str, edge_low: str, version: int, now: datetime) -> bool:
        """Where the run has come to. False: somebody changed the cursor since the run began.

        Call it in the transaction that ends the run as succeeded.
        """
        changed = cls.objects.filter(parent_id=run.parent_id, version=version).update(
            source=source_of(run.snapshot),
            value=value,
            edge_low=edge_low,
            resend_from="",
            moved_at=now,
            moved_by_run=run,
        )
        return bool(changed)

    # Properties

    @property
    def settings(self) -> dict[str, Any]:
        """What a run takes along: how the column is read, and which of its rows are sent."""
        return {
            "column": self.column,
            "type": self.column_type,
            "unit": self.unit,
            "time_zone": self.time_zone,
            "kind": self.kind,
            "look_back_seconds": self.look_back_seconds,
            "nulls": self.nulls,
            "newest_only": self.newest_only,
        }

    def counts_as(self, asked: dict[str, Any]) -> bool:
        """Whether its value speaks of the same rows, read and sent the same way."""
        return all(
            self.settings[name] == asked[name] for name in ("column", "type", "unit", "kind")
        )

    @property
    def scale(self) -> Scale:
        return Scale(self.column_type, self.unit, self.time_zone)

    @property
    def begins_at(self) -> str:
        """What people call the cursor: where it stands, or was moved back to."""
        return self.resend_from or self.value

    @property
    def shown(self) -> str:
        return self.scale.words(self.begins_at)


def source_of(read: dict[str, Any]) -> str:
    """What is read, in 64 characters: the dataset, and its table or the sense of the query.

    ``read``: a run's snapshot, or what ``Import.read`` says (ADR 32).
    """
    place = [read.get(name) or "" for name in ("project_id", "dataset_id", "table_id")]
    told = json.dumps([*place, sense(read.get("sql") or "")])
    return hashlib.sha256(told.encode()).hexdigest()


class EdgePart(models.Model):
    """Rows of one batch that lie in the look-back of the run after: 16 bytes for each.

    Written with the batch's answer. Those of the run that moved the cursor are what the
    next run does not send again; all others are forgotten.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="edge_parts")
    first_row = models.BigIntegerField()
    row_count = models.PositiveIntegerField()
    keys = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "first_row"], name="edge_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row_count:,} rows at the edge of run {self.run_id}"
