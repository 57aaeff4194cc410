"""An import: what is read, how it is mapped, where it goes."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from imports.models.account import CleverTapAccount

LEAST_LIMIT, MOST_LIMIT = 1, 99  # percent of rows that are refused


class ImportQuerySet(models.QuerySet["Import"]):
    def listed(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def of_connection(self, connection: Connection) -> Self:
        return self.filter(connection=connection)

    def tables(self) -> list[str]:
        """The tables that are read, each once, by name; of stopped imports none."""
        read = self.exclude(status=Import.Status.STOPPED).exclude(table_id="")
        return list(read.order_by("table_id").values_list("table_id", flat=True).distinct())

    def with_people(self) -> Self:
        return self.select_related(
            "connection", "account", "created_by", "updated_by", "deleted_by"
        )

    def due(self, *, now: datetime) -> Self:
        """Scheduled for ``now`` or before, and nothing of theirs is at work: first the oldest."""
        runs = self.model._meta.apps.get_model("imports", "Run").objects.active()
        return (
            self.listed()
            .filter(status=Import.Status.SCHEDULED, next_slot_at__lte=now)
            .filter(connection__state=Connection.State.ACTIVE)
            .exclude(Exists(runs.filter(parent=OuterRef("pk"))))
            .order_by("next_slot_at", "pk")
        )

    def with_activity(self) -> Self:
        """Annotates ``is_running``: whether a run of the import is not final yet."""
        active = self.model._meta.apps.get_model("imports", "Run").objects.active()
        return self.annotate(is_running=Exists(active.filter(parent=OuterRef("pk"))))


class Import(models.Model):
    """One copy of a table's rows into CleverTap, as often as it is run."""

    class Kind(models.TextChoices):
        PROFILE = "profile", "User Profile Data"
        EVENT = "event", "Event Data"

    class QueryType(models.TextChoices):
        TABLE = "table", "Table"
        SQL = "sql", "SQL"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        READY = "ready", "Ready"
        SCHEDULED = "scheduled", "Scheduled"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    class UnknownPolicy(models.TextChoices):
        RESEND = "resend", "Send again (may count twice)"
        HOLD = "hold", "Hold for review (may be missing until then)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nickname = models.CharField(max_length=100)
    nickname_key = models.CharField(max_length=400, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="imports")
    account = models.ForeignKey(CleverTapAccount, on_delete=models.PROTECT, related_name="imports")
    query_type = models.CharField(
        max_length=8, choices=QueryType, default=QueryType.TABLE, db_default=QueryType.TABLE
    )
    # One of the two, as the query type says.
    table_id = models.CharField(max_length=1024, blank=True)
    sql = models.TextField(blank=True, db_default="")
    # The bytes that one run may be billed for; None: as many as it takes.
    bytes_cap = models.BigIntegerField(null=True)
    # What the last dry run said: {"bytes": …, "tables": …}; empty where none was made.
    estimate = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PROFILE)
    mapping = models.JSONField(default=dict)
    # By kind: a mapping as it was left, unsaved, also with faults. No run reads it.
    kept_mappings = models.JSONField(default=dict)
    unknown_policy = models.CharField(
        max_length=16, choices=UnknownPolicy, default=UnknownPolicy.RESEND
    )
    # In percent of the rows read: a run with more refused rows ends. None: they never stop one.
    refused_limit = models.PositiveSmallIntegerField(null=True)
    # Whether the end of each run is written into tables of the connection's dataset (ADR 31).
    write_back = models.BooleanField(default=False, db_default=False)
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    # As ``imports.schedule`` writes it; empty: started by hand only.
    schedule = models.JSONField(default=dict)
    # The next start, or the one that is due: it moves on when its run is made, not before.
    next_slot_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["nickname_key"],
                condition=Q(deleted_at__isnull=True),
                name="import_nickname_unique_while_listed",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True)
                | Q(deleted_at__isnull=False),
                name="import_deleted_by_only_when_deleted",
            ),
            models.CheckConstraint(
                condition=Q(query_type="table", sql="") | Q(query_type="sql", table_id=""),
                name="import_reads_a_table_or_a_query",
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(next_slot_at__isnull=False),
                name="import_scheduled_has_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(refused_limit__isnull=True)
                | Q(refused_limit__gte=LEAST_LIMIT, refused_limit__lte=MOST_LIMIT),
                name="import_refused_limit_in_percent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "id"], name="import_newest_first"),
            models.Index(
                fields=["next_slot_at"],
                condition=Q(status="scheduled"),
                name="import_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nickname} ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("imports:import_detail", args=[self.pk])

    # Transitions

    def delete_for_good(self, *, by_id: uuid.UUID, now: datetime) -> bool:
        """Take it off every list and free its nickname. False if that was done before."""
        changed = (
            Import.objects.listed()
            .filter(pk=self.pk)
            .update(
                status=self.Status.STOPPED,
                version=F("version") + 1,
                deleted_at=now,
                deleted_by_id=by_id,
            )
        )
        return bool(changed)

    def move_slot(self, *, due: datetime, following: datetime | None) -> bool:
        """Go on to the next start, or to *Ready* after the last. False: another tick did."""
        status = self.Status.SCHEDULED if following else self.Status.READY
        changed = (
            Import.objects.listed()
            .filter(pk=self.pk, status=self.Status.SCHEDULED, next_slot_at=due)
            .update(next_slot_at=following, status=status)
        )
        return bool(changed)

    # Properties

    @property
    def is_query(self) -> bool:
        """Whether it reads the rows of a query rather than those of a table."""
        return self.query_type == self.QueryType.SQL

    @property
    def source_name(self) -> str:
        """What it reads, for a line of text; a query is shown whole elsewhere."""
        return "SQL query" if self.is_query else f"table {self.table_id}"

    @property
    def refused_rule(self) -> str:
        """When refused rows stop a run, for a line of text; empty: never."""
        return f"At more than {self.refused_limit:,} %" if self.refused_limit else ""

    @property
    def read(self) -> dict[str, str]:
        """Where its rows are: what a run of now would read."""
        return {
            "project_id": self.connection.project_id,
            "dataset_id": self.connection.dataset_id,
            "table_id": self.table_id,
            "sql": self.sql,
        }

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    def mapping_of(self, kind: str, *, saved_only: bool = False) -> dict[str, Any]:
        """The mapping of that kind of data as it was left; empty while there is none."""
        kept: dict[str, Any] = {} if saved_only else self.kept_mappings.get(kind, {})
        saved: dict[str, Any] = self.mapping if self.kind == kind else {}
        return kept or saved

    def is_kept_apart(self, kind: str) -> bool:
        """Whether what was left differs from the saved mapping, which runs go by."""
        kept = self.kept_mappings.get(kind)
        return bool(self.mapping and kept) and (self.kind, self.mapping) != (kind, kept)

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def can_run(self) -> bool:
        """Mapped, and nobody has stopped it."""
        return self.status in {self.Status.READY, self.Status.SCHEDULED, self.Status.PAUSED}

    @property
    def may_resume(self) -> bool:
        """Paused, or stopped under a connection that is still there."""
        is_held = self.status in {self.Status.PAUSED, self.Status.STOPPED}
        return is_held and not self.is_deleted and self.connection.is_active

    @property
    def why_fixed(self) -> str:
        """Why nothing of it can be changed, with what to do; empty where it can."""
        if self.status != self.Status.STOPPED:
            return ""
        cure = "Resume it before you change it." if self.may_resume else "It can no longer change."
        return f"This import is stopped. {cure}"
