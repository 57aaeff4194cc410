"""A CleverTap account: where rows go, and the passcode that opens it."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from connections.encryption import SealContext
from connections.fields import SealedTextField

PASSCODE_NEEDED = (
    "The stored passcode belongs to the region and Account ID of before. "
    "Enter the passcode of the new ones."
)


class CleverTapAccountQuerySet(models.QuerySet["CleverTapAccount"]):
    def listed(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def with_people(self) -> Self:
        return self.select_related("created_by")


class CleverTapAccount(models.Model):
    """One account (CleverTap also says project) in one region. The passcode is write-only."""

    class Verdict(models.TextChoices):
        UNTESTED = "untested", "Not tested"
        TESTING = "testing", "Testing"
        VERIFIED = "verified", "Verified"
        FAILED = "failed", "Failed"
        INCONCLUSIVE = "inconclusive", "Inconclusive"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=400, editable=False)
    region = models.CharField(max_length=16)
    account_id = models.CharField(max_length=64)
    sealed_passcode = SealedTextField(null=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.UNTESTED)
    verdict_sentence = models.CharField(max_length=500, blank=True)
    test_requested_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    objects = CleverTapAccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=Q(removed_at__isnull=True),
                name="account_name_unique_while_listed",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, sealed_passcode__isnull=False)
                | Q(removed_at__isnull=False, sealed_passcode__isnull=True),
                name="account_passcode_gone_exactly_when_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("imports:account_detail", args=[self.pk])

    # Transitions

    def request_test(self) -> None:
        """Mark the account as being tested; the verdict of before no longer counts."""
        CleverTapAccount.objects.filter(pk=self.pk).update(
            verdict=self.Verdict.TESTING, verdict_sentence="", test_requested_at=timezone.now()
        )

    def record_test(self, *, verdict: str, sentence: str) -> bool:
        """Store the verdict of the test that runs on this row as it was read.

        False if that test is over, or another was asked for since: of another passcode, maybe.
        """
        asked = CleverTapAccount.objects.filter(
            pk=self.pk, verdict=self.Verdict.TESTING, test_requested_at=self.test_requested_at
        )
        changed = asked.update(verdict=verdict, verdict_sentence=sentence, tested_at=timezone.now())
        return bool(changed)

    def note_refusal(self, *, sentence: str) -> bool:
        """CleverTap refused a run that used the account as this row was read.

        False: a test is under way, or the account was changed since; nothing was written.
        """
        same = CleverTapAccount.objects.filter(pk=self.pk, updated_at=self.updated_at)
        changed = same.exclude(verdict=self.Verdict.TESTING).update(
            verdict=self.Verdict.FAILED, verdict_sentence=sentence, tested_at=timezone.now()
        )
        return bool(changed)

    # Properties

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds a sealed passcode to its row."""
        return SealContext(table=cls._meta.db_table, column="sealed_passcode", row=str(row_id))

    def is_at(self, *, region: str, account_id: str) -> bool:
        """Whether this is the CleverTap project that the stored passcode belongs to."""
        return (self.region, self.account_id) == (region, account_id)

    @property
    def is_sandbox(self) -> bool:
        return self.region == "sandbox"

    @property
    def region_in_words(self) -> str:
        """What it was chosen by; its code where this installation knows it no more."""
        region = settings.CLEVERTAP_REGIONS.get(self.region)
        return region["label"] if region else self.region
