"""A service-account key as a row: sealed, described, never shown again."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from connections.encryption import SealContext
from connections.fields import SealedTextField


class StoredKeyQuerySet(models.QuerySet["StoredKey"]):
    def drafts(self) -> Self:
        return self.filter(expires_at__isnull=False, destroyed_at__isnull=True)

    def expired(self, *, now: datetime) -> Self:
        return self.drafts().filter(expires_at__lte=now)


class StoredKey(models.Model):
    """One uploaded service-account key: sealed, described, and never shown again.

    A draft while ``expires_at`` is set; a connection's key once that is cleared. The
    sealed value is bound to this row, so saving a connection needs no decryption.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed_key = SealedTextField(null=True)
    client_email = models.CharField(max_length=254)
    project_id = models.CharField(max_length=128)
    private_key_id = models.CharField(max_length=64)
    public_fingerprint = models.CharField(max_length=64, db_index=True)
    google = models.CharField(max_length=16, default="google")
    repairs = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    objects = StoredKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sealed_key__isnull=False, destroyed_at__isnull=True)
                | Q(sealed_key__isnull=True, destroyed_at__isnull=False),
                name="stored_key_gone_exactly_when_destroyed",
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.private_key_id[:8]} of {self.client_email} ({self.pk})"

    # Transitions

    def attach(self) -> bool:
        """Turn this draft into a connection's key. False if it expired or was used."""
        changed = (
            StoredKey.objects.drafts()
            .filter(pk=self.pk, expires_at__gt=timezone.now())
            .update(expires_at=None)
        )
        return bool(changed)

    def destroy(self) -> bool:
        """Overwrite the sealed value. False if that was done before."""
        changed = StoredKey.objects.filter(pk=self.pk, destroyed_at__isnull=True).update(
            sealed_key=None, expires_at=None, destroyed_at=timezone.now()
        )
        return bool(changed)

    # Properties

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds a sealed key to its row."""
        return SealContext(table=cls._meta.db_table, column="sealed_key", row=str(row_id))

    @property
    def short_id(self) -> str:
        return self.private_key_id[:8]

    @property
    def is_sandbox(self) -> bool:
        return self.google == "sandbox"

    def is_of_same_account(self, other: "StoredKey") -> bool:
        """Whether Google takes both keys for the same caller."""
        return (self.google, self.client_email) == (other.google, other.client_email)
