"""One run of an import: who works on it, how far it is, how it ended.

Every transition is one conditional UPDATE that says whether it happened. The
database's clock decides about leases, never a worker's (ADR 3).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Max, Q, When
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection, StoredKey
from imports.models import written_at_once
from imports.models.definition import Import
from imports.models.leases import lease_end
from imports.models.owned_update import update_owned
from imports.models.run_queries import RunQuerySet
from imports.models.shard import Shard, added
from imports.models.written_at_once import Batches

# The trouble_code of a run that is in no trouble: its account has no slot free (ADR 16).
WAITS_FOR_SLOTS = "account_full"


class Run(models.Model):
    """Rows from one BigQuery result to one CleverTap account, once."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

        @classmethod
        def active(cls) -> list[str]:
            return [cls.QUEUED.value, cls.RUNNING.value]

        @classmethod
        def final(cls) -> list[str]:
            return [cls.SUCCEEDED.value, cls.FAILED.value, cls.STOPPED.value]

    class Trigger(models.TextChoices):
        MANUAL = "manual", "By hand"
        SCHEDULE = "schedule", "By schedule"

    class Source(models.TextChoices):
        """Where its rows come from: a query, or what an earlier run kept (ADR 25, 26)."""

        QUERY = "query", "A query"
        REFUSED = "refused", "Refused rows of an earlier run"
        HELD = "held", "Rows of an earlier run whose outcome was unknown"

    class JobState(models.TextChoices):
        NONE = "none", "Not started"
        SUBMITTING = "submitting", "Submitting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Could not be confirmed"

    class Reader(models.TextChoices):
        REST = "rest", "Pages of the REST API"
        STORAGE = "storage", "Storage Read API"
        PROVING = "proving", "REST, as soon as its order is proved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="runs")
    # Where it reads from: an import that is moved leaves the runs that have begun behind.
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    trigger = models.CharField(max_length=16, choices=Trigger, default=Trigger.MANUAL)
    scheduled_for = models.DateTimeField(null=True)
    source = models.CharField(
        max_length=16, choices=Source, default=Source.QUERY, db_default=Source.QUERY
    )
    # The run whose rows it sends again, where it reads none itself.
    replay_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replays"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The key that this run's job belongs to: another account could not read its result.
    key = models.ForeignKey(StoredKey, on_delete=models.PROTECT, null=True, related_name="+")
    # What is run is what was there at the start: a later edit changes the next run.
    snapshot = models.JSONField(default=dict)
    # Which rows it asks for, fixed before its job is submitted; empty: all (ADR 23).
    bounds = models.JSONField(default=dict)

    queued_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    fence = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    # When somebody last took it up, and how many requests its owner may have under way:
    # what the runs of one CleverTap account share (ADR 16).
    claimed_at = models.DateTimeField(null=True)
    slots = models.PositiveSmallIntegerField(default=0, db_default=0)
    takeovers = models.PositiveIntegerField(default=0)
    troubles = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    # Why it waits: the last trouble, until a batch gets through.
    trouble_code = models.CharField(max_length=64, blank=True)
    trouble_sentence = models.CharField(max_length=500, blank=True)

    stop_requested_at = models.DateTimeField(null=True)
    stop_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stop_reason = models.CharField(max_length=200, blank=True)

    job_id = models.CharField(max_length=128, blank=True)
    job_location = models.CharField(max_length=64, blank=True)
    job_state = models.CharField(max_length=16, choices=JobState, default=JobState.NONE)
    bytes_billed = models.BigIntegerField(null=True)
    rows_total = models.BigIntegerField(null=True)
    # How the result is read, and by which stream: a row number means a place in it (ADR 24).
    reader = models.CharField(max_length=16, choices=Reader, blank=True, default="", db_default="")
    read_stream = models.CharField(max_length=500, blank=True, default="", db_default="")

    # Into so many shards it was cut, each with its own owner; 0: it was not (ADR 35).
    shard_count = models.PositiveSmallIntegerField(default=0, db_default=0)

    next_row = models.BigIntegerField(default=0)
    read_count = models.BigIntegerField(default=0)
    accepted_count = models.BigIntegerField(default=0)
    refused_count = models.BigIntegerField(default=0)
    skipped_count = models.BigIntegerField(default=0)
    unknown_count = models.BigIntegerField(default=0)
    request_count = models.BigIntegerField(default=0)
    retry_count = models.BigIntegerField(default=0)

    failure_code = models.CharField(max_length=64, blank=True)
    failure_sentence = models.CharField(max_length=500, blank=True)
    # How the table differs from what was mapped, as ``imports.mapping.drift`` writes it.
    drift = models.JSONField(default=dict)
    # Since when its batches and refused rows are not kept any more; its sums are for ever.
    forgotten_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"],
                condition=Q(state__in=["queued", "running"]),
                name="run_one_active_per_import",
            ),
            models.UniqueConstraint(
                fields=["parent", "scheduled_for"],
                condition=Q(scheduled_for__isnull=False),
                name="run_one_per_slot",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | Q(state__in=["succeeded", "failed", "stopped"], finished_at__isnull=False),
                name="run_finished_exactly_when_final",
            ),
            models.CheckConstraint(
                condition=Q(
                    read_count=F("accepted_count")
                    + F("refused_count")
                    + F("skipped_count")
                    + F("unknown_count")
                ),
                name="run_counts_agree",
            ),
            models.CheckConstraint(
                condition=Q(
                    accepted_count__gte=0,
                    refused_count__gte=0,
                    skipped_count__gte=0,
                    unknown_count__gte=0,
                ),
                name="run_counts_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["parent", "-queued_at"], name="run_newest_of_import"),
            models.Index(fields=["state", "lease_until"], name="run_by_lease"),
            models.Index(
                fields=["finished_at"], condition=Q(forgotten_at__isnull=True), name="run_to_forget"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("imports:run_detail", args=[self.pk])

    # Transitions

    def claim(self, *, owner: str) -> bool:
        """Take the run if nobody holds it; ``fence`` is then this owner's number.

        Whoever takes a run that was cut is the only one to send or write from then on: its
        shards are locked first, and none of them has the owner that it had.
        """
        with transaction.atomic():
            shards = Shard.objects.filter(run=self.pk)
            list(shards.locked().values_list("pk"))
            changed = (
                Run.objects.claimable()
                .filter(pk=self.pk)
                .update(
                    state=self.State.RUNNING,
                    fence=F("fence") + 1,
                    owner=owner,
                    lease_until=lease_end(),
                    claimed_at=Now(),
                    slots=0,
                    started_at=Coalesce("started_at", Now()),
                    takeovers=F("takeovers")
                    + Case(When(lease_until__isnull=True, then=0), default=1),
                )
            )
            if changed and shards.update(fence=F("fence") + 1, owner="", lease_until=None, slots=0):
                counted = added(shards.take_sums())
                Run.objects.filter(pk=self.pk).update(**counted or {"fence": F("fence")})
        if changed:
            own = [field.name for field in self._meta.concrete_fields if not field.is_relation]
            self.refresh_from_db(fields=own)
        return bool(changed) and self.owner == owner

    def extend_lease(self, **values: Any) -> bool:
        """I am at work. False: the run is no longer mine, or should stop; nothing was written."""
        changed = update_owned(self, values, extends=True, unless_stopping=True)
        if changed is None:
            mine = Run.objects.owned(fence=self.fence, pk=self.pk, stop_requested_at__isnull=True)
            changed = bool(mine.update(lease_until=lease_end(), **values))
        return self._took(values) if changed else False

    def hold_lease(self) -> bool:
        """As ``extend_lease``, also while a stop is being carried out."""
        changed = (
            Run.objects.owned(fence=self.fence).filter(pk=self.pk).update(lease_until=lease_end())
        )
        return bool(changed)

    def hand_back(
        self, *, wait: timedelta | None = None, troubled: bool = False, **why: str
    ) -> bool:
        """Let anybody take the run, after ``wait`` if given; ``why`` are trouble_ columns."""
        changed = (
            Run.objects.owned(fence=self.fence)
            .filter(pk=self.pk)
            .update(
                lease_until=None,
                owner="",
                slots=0,
                not_before=None if wait is None else timezone.now() + wait,
                troubles=F("troubles") + int(troubled),
                **why,
            )
        )
        return bool(changed)

    def record(self, **values: Any) -> bool:
        """Write as the owner. False: somebody else is the owner now; nothing was written."""
        changed = update_owned(self, values)
        if changed is None:
            changed = bool(Run.objects.owned(fence=self.fence, pk=self.pk).update(**values))
        return self._took(values) if changed else False

    def write_with(
        self, answered: Batches, begun: Batches, *, extends: bool, **values: Any
    ) -> bool | None:
        """``record``, or ``extend_lease``, and what became of batches, and new ones: in one statement.

        None: that is not possible here; nothing was written.
        """
        done = written_at_once.write(self, values, answered=answered, begun=begun, extends=extends)
        return self._took(values) if done else done

    def finish(self, state: str, **values: Any) -> bool:
        """RUNNING to a final state, as the owner. Final states never change again."""
        return self.record(
            state=state, finished_at=timezone.now(), lease_until=None, owner="", slots=0, **values
        )

    def is_to_stop(self) -> bool:
        """It is mine still, and a stop was requested."""
        mine = Run.objects.owned(fence=self.fence).filter(pk=self.pk)
        return mine.filter(stop_requested_at__isnull=False).exists()

    def cut(self, ranges: Sequence[tuple[int, int]]) -> bool:
        """As the owner, let others take the rows by these ranges, and hold it no more."""
        with transaction.atomic():
            values = {"shard_count": len(ranges), "lease_until": None, "owner": "", "slots": 0}
            if not self.record(**values):
                return False
            Shard.objects.bulk_create(
                Shard(run=self, number=number, first_row=first, end_row=end, next_row=first)
                for number, (first, end) in enumerate(ranges)
            )
        return True

    def stop_if_queued(self, **values: Any) -> bool:
        """QUEUED to STOPPED: nobody had started on it. ``values`` are written with it."""
        now = timezone.now()
        changed = Run.objects.filter(
            pk=self.pk, state=self.State.QUEUED, lease_until__isnull=True
        ).update(state=self.State.STOPPED, finished_at=now, **values)
        return bool(changed)

    def redirect_if_queued(self, *, to: Connection, snapshot: dict[str, Any]) -> bool:
        """Read from another connection, unless a worker has begun already."""
        changed = Run.objects.filter(
            pk=self.pk, state=self.State.QUEUED, lease_until__isnull=True
        ).update(connection=to, snapshot=snapshot)
        return bool(changed)

    def _took(self, values: dict[str, Any]) -> bool:
        """They are written: what this owner knows of its run is the same."""
        for name, value in values.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return True

    # Properties

    @property
    def is_final(self) -> bool:
        return self.state in self.State.final()

    @property
    def is_stopping(self) -> bool:
        return self.stop_requested_at is not None and not self.is_final

    @property
    def end_row(self) -> int:
        """Behind its last row."""
        return self.rows_total or 0

    @property
    def held_until(self) -> datetime | None:
        """How long its owner holds it, or the last of its shards' owners; None: nobody."""
        if not self.shard_count or self.lease_until is not None:
            return self.lease_until
        held: datetime | None = self.shards.aggregate(at=Max("lease_until"))["at"]
        return held

    @property
    def owner_count(self) -> int:
        """Workers that hold it, or shards of it."""
        return self.shards.at_work().count() if self.shard_count else int(bool(self.owner))

    @property
    def is_replay(self) -> bool:
        """It sends what an earlier run kept, and has no BigQuery job."""
        return self.source != self.Source.QUERY

    @property
    def job_is_settled(self) -> bool:
        """No BigQuery job of this run can still be at work."""
        return self.job_state not in {self.JobState.SUBMITTING, self.JobState.RUNNING}

    @property
    def key_in_use(self) -> StoredKey:
        """The key to read with: the connection's, unless the job is another account's.

        A result can be read only by the account that made it; another key of the same
        account will do, so that a rotated key takes over at once.
        """
        current = self.connection.key
        if self.key is None or self.key.is_of_same_account(current):
            return current
        return self.key

    @property
    def project_id(self) -> str:
        """Where its job runs: as it was at the start, whatever was edited since."""
        return str(self.snapshot.get("project_id") or self.connection.project_id)

    @property
    def dataset_id(self) -> str:
        """Where its table lies, as it was at the start."""
        return str(self.snapshot.get("dataset_id") or self.connection.dataset_id)

    @property
    def sent_count(self) -> int:
        return self.accepted_count + self.unknown_count
