"""A question about a cursor that a page waits for: what a query would cost, and its answer.

No web request waits on Google: the page asks, a worker answers into this row, the page
shows it. Answers hold numbers and values of the cursor column, never rows.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from imports.models.definition import Import


class CursorQuestionQuerySet(models.QuerySet["CursorQuestion"]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(requested_at__lt=moment)

    def newest_first(self) -> Self:
        return self.order_by("-requested_at", "-id")


class CursorQuestion(models.Model):
    """One question, and its answer or the sentence that says why there is none."""

    class Kind(models.TextChoices):
        COST = "cost", "What looking at a column would scan"
        ADVICE = "advice", "What a column holds"
        RESEND = "resend", "How many rows would be sent again"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="cursor_questions")
    # Which column, how it is read, and from which value on: as it was asked.
    asked = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    failure_sentence = models.CharField(max_length=500, blank=True)

    objects = CursorQuestionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, answer__isnull=True, failure_sentence="")
                | (
                    Q(finished_at__isnull=False)
                    & (Q(answer__isnull=False) | ~Q(failure_sentence=""))
                ),
                name="cursor_question_answered_or_failed_when_finished",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["parent", "kind", "-requested_at"], name="question_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} question {self.pk}"

    # Transitions

    def claim(self) -> bool:
        """Start once: a message delivered twice finds the question taken."""
        open_ones = CursorQuestion.objects.filter(pk=self.pk, started_at__isnull=True)
        return bool(open_ones.update(started_at=timezone.now()))

    def answered(self, answer: dict[str, Any]) -> bool:
        """Store the answer, once."""
        return self._finish(answer=answer)

    def failed(self, sentence: str) -> bool:
        """Store why there is no answer, once."""
        return self._finish(failure_sentence=sentence)

    def _finish(self, **values: Any) -> bool:
        open_ones = CursorQuestion.objects.filter(pk=self.pk, finished_at__isnull=True)
        return bool(open_ones.update(finished_at=timezone.now(), **values))

    # Properties

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None
