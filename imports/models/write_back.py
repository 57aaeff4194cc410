"""What becomes of a run's end in the customer's own dataset: its summary and refused rows.

Never a part of the run: a run is final before this begins, and stays as it ended (ADR 31).
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from connections.models import Connection
from imports.models.definition import Import
from imports.models.run import Run

RUNS_TABLE: Final = "clevertap_bq_runs"
REFUSED_TABLE: Final = "clevertap_bq_refused_rows"

# Longer than any one call of a worker's, which asks for it anew before each of them.
LEASE_SECONDS: Final = 120
# A connection that is being deleted waits so long for what its last runs have to write.
SECONDS_OF_GRACE: Final = 60


class WriteBackQuerySet(models.QuerySet["WriteBack"]):
    def waiting(self) -> Self:
        return self.filter(state=WriteBack.State.WAITING)

    def free(self) -> Self:
        """Nobody's, or of somebody whose lease has ended."""
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))

    def claimable(self) -> Self:
        """Free, due, and of a connection that is not leaving, or only just."""
        due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
        grace = timezone.now() - timedelta(seconds=SECONDS_OF_GRACE)
        is_active = Q(run__connection__state=Connection.State.ACTIVE)
        is_leaving = Q(run__connection__state=Connection.State.DELETING, asked_at__gte=grace)
        return self.waiting().free().filter(due, is_active | is_leaving)

    def of_connection(self, connection: Connection) -> Self:
        return self.filter(run__connection=connection)

    def owned(self, *, fence: int) -> Self:
        return self.filter(state=WriteBack.State.WAITING, fence=fence)


class WriteBack(models.Model):
    """One run to be written; its load jobs are named after the run and ``serial``.

    ``serial`` is committed before a job is submitted, and grows only when a job was seen to
    have failed, with no row written: the same rows are never loaded twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Not done"

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, related_name="write_back"
    )
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)

    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    # Since it was asked for, by the run's end or by somebody.
    attempts = models.PositiveIntegerField(default=0)

    serial = models.PositiveIntegerField(default=0)
    # Where the jobs run: committed with the first of them, which could not be found elsewhere.
    location = models.CharField(max_length=64, blank=True)
    # Refused rows that are in their table; None until they are. The run follows after them.
    rows_written = models.PositiveIntegerField(null=True)

    # Why it waits, failed or was dropped.
    code = models.CharField(max_length=64, blank=True)
    sentence = models.CharField(max_length=500, blank=True)

    objects = WriteBackQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True)
                | (~Q(state="waiting") & Q(finished_at__isnull=False)),
                name="write_back_finished_exactly_when_over",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["asked_at"], condition=Q(state="waiting"), name="write_back_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"write-back of run {self.run_id} ({self.state})"

    # Transitions

    @classmethod
    def ask_for(cls, run: Run) -> bool:
        """Note that a run is to be written, if its import says so.

        Call it in the transaction that makes the run final.
        """
        if not Import.objects.filter(pk=run.parent_id, write_back=True).exists():
            return False
        cls.objects.get_or_create(run=run)
        return True

    def claim(self) -> bool:
        """Take it if nobody holds it; ``fence`` is then this owner's number."""
        # The fence stands in the row itself: two that have seen it free cannot both have it.
        changed = (
            WriteBack.objects.owned(fence=self.fence)
            .filter(pk__in=WriteBack.objects.claimable().filter(pk=self.pk).values("pk"))
            .update(
                fence=F("fence") + 1,
                attempts=F("attempts") + 1,
                lease_until=_lease_end(),
                not_before=None,
            )
        )
        if changed:
            self.refresh_from_db()
        return bool(changed)

    def record(self, **values: Any) -> bool:
        """Write as the owner, and stay it for another while. False: it is somebody else's."""
        changed = (
            WriteBack.objects.owned(fence=self.fence)
            .filter(pk=self.pk)
            .update(lease_until=_lease_end(), **values)
        )
        if changed:
            for name, value in values.items():
                setattr(self, name, value)
        return bool(changed)

    def hand_back(self, *, wait: timedelta, code: str = "", sentence: str = "") -> bool:
        """Let anybody take it after ``wait``."""
        changed = (
            WriteBack.objects.owned(fence=self.fence)
            .filter(pk=self.pk)
            .update(
                lease_until=None,
                not_before=timezone.now() + wait,
                code=code,
                sentence=sentence[:500],
            )
        )
        return bool(changed)

    def finish(self, state: str, *, code: str = "", sentence: str = "") -> bool:
        """WAITING to one of the others, as the owner."""
        changed = (
            WriteBack.objects.owned(fence=self.fence)
            .filter(pk=self.pk)
            .update(
                state=state,
                finished_at=timezone.now(),
                lease_until=None,
                not_before=None,
                code=code,
                sentence=sentence[:500],
            )
        )
        return bool(changed)

    def ask_again(self, *, now: datetime) -> bool:
        """FAILED to WAITING, because somebody has put right what stood in the way."""
        changed = WriteBack.objects.filter(pk=self.pk, state=self.State.FAILED).update(
            state=self.State.WAITING,
            asked_at=now,
            rung_at=now,
            finished_at=None,
            attempts=0,
            code="",
            sentence="",
        )
        return bool(changed)

    @classmethod
    def drop_left(cls, connection: Connection, *, now: datetime, sentence: str) -> bool:
        """Give up what a leaving connection has waited for long enough.

        Returns whether nothing waits any more: then nobody holds its key to write with.
        """
        theirs = cls.objects.of_connection(connection).waiting()
        late = now - timedelta(seconds=SECONDS_OF_GRACE)
        for found in list(theirs.free().filter(asked_at__lt=late)):
            found.finish(cls.State.DROPPED, code="connection_deleted", sentence=sentence)
        return not theirs.exists()

    # Properties

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def job_id(self, table: str) -> str:
        """The id of the job that loads into this table."""
        return f"clevertap_bq_write_back_{self.run_id.hex}_{self.serial}_{table}"


def _lease_end() -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=LEASE_SECONDS), output_field=DateTimeField())
