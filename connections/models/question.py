"""What a page asks a worker: taken up once, answered or failed once.

No web request waits on Google: the page asks, a worker answers into the row, the page shows it.
"""

import uuid
from datetime import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

Row = TypeVar("Row", bound="Question")


class QuestionQuerySet(models.QuerySet[Row]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(requested_at__lt=moment)

    def newest_first(self) -> Self:
        return self.order_by("-requested_at", "-id")


class Question(models.Model):
    """One question, and its answer or the sentence that says why there is none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    failure_sentence = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    # Transitions

    def claim(self) -> bool:
        """Start once: a message delivered twice finds the question taken."""
        open_ones = self._rows().filter(started_at__isnull=True)
        return bool(open_ones.update(started_at=timezone.now()))

    def _finish(self, **values: Any) -> bool:
        """Store what became of it, once."""
        open_ones = self._rows().filter(finished_at__isnull=True)
        return bool(open_ones.update(finished_at=timezone.now(), **values))

    def _rows(self) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk=self.pk)

    # Properties

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


def answered_or_failed(name: str) -> models.CheckConstraint:
    """Nothing is said before the end, and something at the end."""
    return models.CheckConstraint(
        condition=Q(finished_at__isnull=True, answer__isnull=True, failure_sentence="")
        | (Q(finished_at__isnull=False) & (Q(answer__isnull=False) | ~Q(failure_sentence=""))),
        name=name,
    )
