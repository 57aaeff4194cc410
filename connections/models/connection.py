"""A place we can read from."""

import unicodedata
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from connections.models.key import StoredKey

if TYPE_CHECKING:
    from connections.models.test import ConnectionTest


def folded(name: str) -> str:
    """The form in which two names are the same name: trimmed, one case, one spelling."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


class Access(models.TextChoices):
    """What the key must be able to do in the dataset (product §2)."""

    READ_WRITE = "read_write", "Read and write"
    READ_ONLY = "read_only", "Read only"


class DeletionChoice(models.TextChoices):
    """What becomes of imports and runs when their connection is deleted (ADR 14)."""

    STOP = "stop", "Stop them now"
    FINISH = "finish", "Let current runs finish"
    MOVE = "move", "Move the imports to another connection"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def active(self) -> Self:
        return self.filter(state=Connection.State.ACTIVE)

    def listed(self) -> Self:
        """What Import Connections shows: all but the deleted."""
        return self.exclude(state=Connection.State.DELETED)

    def named(self, name: str) -> Self:
        return self.listed().filter(name_key=folded(name))

    def with_people(self) -> Self:
        return self.select_related("created_by", "key", "latest_test__key")

    def with_deletion(self) -> Self:
        """What the evidence of a deletion names."""
        return self.with_people().select_related("deletion_requested_by", "moved_to")

    def due_for_test(self, *, now: datetime) -> Self:
        return self.active().filter(next_test_at__lte=now)


class Connection(models.Model):
    """A dataset in BigQuery that imports may read from."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        DELETING = "deleting", "Deleting"
        DELETED = "deleted", "Deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=400, editable=False)
    project_id = models.CharField(max_length=128)
    dataset_id = models.CharField(max_length=1024)
    location = models.CharField(max_length=64, blank=True)
    access = models.CharField(max_length=16, choices=Access, default=Access.READ_WRITE)
    key = models.ForeignKey(StoredKey, on_delete=models.PROTECT, related_name="connections")
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    # The test that speaks for the connection as it is now; an edit of what it was about
    # leaves none. Older ones, and those of other keys and places, are its history.
    latest_test = models.ForeignKey(
        "connections.ConnectionTest", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    next_test_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)
    deletion_requested_at = models.DateTimeField(null=True)
    deletion_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    deletion_choice = models.CharField(max_length=8, choices=DeletionChoice, blank=True)
    moved_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True)
    finish_rung_at = models.DateTimeField(null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=~Q(state="deleted"),
                name="connection_name_unique_while_listed",
            ),
            models.CheckConstraint(
                condition=Q(state="active", deletion_requested_at__isnull=True)
                | Q(state__in=["deleting", "deleted"], deletion_requested_at__isnull=False),
                name="connection_deletion_requested_exactly_when_leaving",
            ),
            models.CheckConstraint(
                condition=Q(state="deleted", deleted_at__isnull=False)
                | (~Q(state="deleted") & Q(deleted_at__isnull=True)),
                name="connection_deleted_at_exactly_when_deleted",
            ),
            models.CheckConstraint(
                condition=Q(deletion_choice="move", moved_to__isnull=False)
                | (~Q(deletion_choice="move") & Q(moved_to__isnull=True)),
                name="connection_moved_to_exactly_when_moved",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "id"], name="connection_newest_first"),
            models.Index(fields=["created_by", "-created_at"], name="connection_by_person"),
            models.Index(
                fields=["next_test_at"],
                condition=Q(state="active"),
                name="connection_next_test",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("connections:detail", args=[self.pk])

    # Transitions

    def speak_by(self, test: "ConnectionTest") -> bool:
        """Let the test's verdict be the connection's, if it was not edited meanwhile."""
        changed = (
            Connection.objects.active()
            .filter(pk=self.pk, version=self.version)
            .update(latest_test=test)
        )
        return bool(changed)

    def move_next_test(self, *, to: datetime) -> bool:
        """Take the turn to ask for the due test. False: another tick has taken it."""
        changed = (
            Connection.objects.active()
            .filter(pk=self.pk, next_test_at=self.next_test_at)
            .update(next_test_at=to)
        )
        return bool(changed)

    def test_soon(self) -> None:
        """Ask the next tick for a test, whenever the daily one is due."""
        Connection.objects.active().filter(pk=self.pk).update(next_test_at=timezone.now())

    def begin_deletion(
        self,
        *,
        by_id: uuid.UUID,
        version: int,
        now: datetime,
        choice: str = DeletionChoice.STOP,
        moved_to: "Connection | None" = None,
    ) -> bool:
        """ACTIVE to DELETING, if nobody changed the connection since ``version``."""
        changed = (
            Connection.objects.active()
            .filter(pk=self.pk, version=version)
            .update(
                state=self.State.DELETING,
                version=F("version") + 1,
                deletion_requested_at=now,
                deletion_requested_by_id=by_id,
                deletion_choice=choice,
                moved_to=moved_to,
                updated_at=now,
            )
        )
        return bool(changed)

    def take_turn_to_ring(self, *, now: datetime) -> bool:
        """Whether this caller may ring again for the deletion: one may in nine tenths of a second.

        Each tick rings too; without turns each of its bells would go on ringing for ever.
        """
        silent = Q(finish_rung_at__isnull=True) | Q(finish_rung_at__lt=now - timedelta(seconds=0.9))
        leaving = Connection.objects.filter(silent, pk=self.pk, state=self.State.DELETING)
        return bool(leaving.update(finish_rung_at=now))

    def finish_deletion(self) -> bool:
        """DELETING to DELETED. False if it is not being deleted."""
        now = timezone.now()
        changed = Connection.objects.filter(pk=self.pk, state=self.State.DELETING).update(
            state=self.State.DELETED, deleted_at=now, updated_at=now
        )
        return bool(changed)

    # Properties

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def is_deleting(self) -> bool:
        return self.state == self.State.DELETING

    @property
    def dataset_reference(self) -> str:
        return f"{self.project_id}.{self.dataset_id}"
