"""One Test Connection: its steps and its verdict."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections.models.connection import Access, Connection
from connections.models.key import StoredKey


class ConnectionTestQuerySet(models.QuerySet["ConnectionTest"]):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def unattended(self) -> Self:
        """Asked for by the clock or by a failed run, not by a person."""
        return self.exclude(trigger=ConnectionTest.Trigger.MANUAL)

    def newest_first(self) -> Self:
        return self.order_by("-requested_at", "-id")


class ConnectionTest(models.Model):
    """One Test Connection: what was tested, when, and the verdict.

    The verdict belongs to ``fingerprint`` (key, project, dataset, access): after an
    edit the fingerprints differ and the connection reads as not verified.
    """

    class Verdict(models.TextChoices):
        VERIFIED = "verified", "Verified"
        FAILED = "failed", "Failed"
        INCONCLUSIVE = "inconclusive", "Inconclusive"

    class Trigger(models.TextChoices):
        MANUAL = "manual", "By hand"
        DAILY = "daily", "Daily"
        FAILED_RUN = "failed_run", "After a failed run"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, related_name="tests"
    )
    # An edit that is not saved yet is tested without speaking for the connection.
    candidate_for = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, related_name="candidate_tests"
    )
    key = models.ForeignKey(StoredKey, on_delete=models.CASCADE, related_name="tests")
    project_id = models.CharField(max_length=128)
    dataset_id = models.CharField(max_length=1024)
    access = models.CharField(max_length=16, choices=Access)
    fingerprint = models.CharField(max_length=64, db_index=True)
    trigger = models.CharField(max_length=16, choices=Trigger, default=Trigger.MANUAL)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    # Why it did not pass: the code of the first check that failed, or could not tell.
    reason = models.CharField(max_length=64, blank=True)
    location = models.CharField(max_length=64, blank=True)
    # What the key may do beyond its task, as codes of ``connections.privileges``.
    excess = models.JSONField(default=list)

    objects = ConnectionTestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verdict="", finished_at__isnull=True)
                | (~Q(verdict="") & Q(finished_at__isnull=False)),
                name="test_has_verdict_exactly_when_finished",
            ),
            models.CheckConstraint(
                condition=~Q(trigger="manual") | Q(requested_by__isnull=False),
                name="test_by_hand_has_a_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "-requested_at"], name="test_newest_first"),
        ]

    def __str__(self) -> str:
        return f"test {self.pk} of {self.project_id}.{self.dataset_id}"

    # Transitions

    def claim(self) -> bool:
        """Start once: a message delivered twice finds the test taken."""
        changed = ConnectionTest.objects.filter(pk=self.pk, started_at__isnull=True).update(
            started_at=timezone.now()
        )
        return bool(changed)

    def finish(self, *, verdict: str, reason: str = "", location: str = "") -> bool:
        """Record the verdict, once."""
        changed = ConnectionTest.objects.filter(pk=self.pk, finished_at__isnull=True).update(
            verdict=verdict, reason=reason, location=location, finished_at=timezone.now()
        )
        return bool(changed)

    # Properties

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class ConnectionTestStep(models.Model):
    """One check of a test and how it ended, in our own words."""

    class Result(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Checking"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Could not tell"
        NOT_NEEDED = "not_needed", "Not needed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    test = models.ForeignKey(ConnectionTest, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=32)
    title = models.CharField(max_length=100)
    result = models.CharField(max_length=16, choices=Result, default=Result.WAITING)
    reason = models.CharField(max_length=64, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    cure = models.JSONField(default=dict)
    milliseconds = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["test", "position"], name="test_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.result} ({self.pk})"
