"""A key that a connection used before it was replaced: restorable for a while, then gone."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections.models.connection import Connection
from connections.models.key import StoredKey


class FormerKeyQuerySet(models.QuerySet["FormerKey"]):
    def kept(self) -> Self:
        """Still sealed here, and not in force."""
        return self.filter(restored_at__isnull=True, key__destroyed_at__isnull=True)

    def restorable(self, *, now: datetime) -> Self:
        return self.kept().filter(restorable_until__gt=now)

    def overdue(self, *, now: datetime) -> Self:
        return self.kept().filter(restorable_until__lte=now)

    def newest_first(self) -> Self:
        return self.order_by("-replaced_at", "-id")


class FormerKey(models.Model):
    """One key that was put out of force: when, by whom, and until when it can come back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="former_keys")
    key = models.ForeignKey(StoredKey, on_delete=models.PROTECT, related_name="former_uses")
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    restorable_until = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    objects = FormerKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(restored_at__isnull=True),
                name="former_key_out_of_force_once",
            ),
        ]

    def __str__(self) -> str:
        return f"former key {self.key_id} of {self.connection_id}"

    # Transitions

    def restore(self, *, now: datetime) -> bool:
        """Mark it as brought back. False: its time is over, or somebody was quicker."""
        changed = FormerKey.objects.restorable(now=now).filter(pk=self.pk).update(restored_at=now)
        return bool(changed)
