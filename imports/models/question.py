"""A question about a cursor that a page waits for: what a query would cost, and its answer.

Answers hold numbers and values of the cursor column, never rows.
"""

from typing import Any, ClassVar

from django.db import models

from connections.models import Question, QuestionQuerySet, answered_or_failed
from imports.models.definition import Import


class CursorQuestion(Question):
    """What is asked about one import's cursor, or a column that could be one."""

    class Kind(models.TextChoices):
        COST = "cost", "What looking at a column would scan"
        ADVICE = "advice", "What a column holds"
        RESEND = "resend", "How many rows would be sent again"

    kind = models.CharField(max_length=16, choices=Kind)
    parent = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="cursor_questions")
    # Which column, how it is read, and from which value on: as it was asked.
    asked = models.JSONField(default=dict)

    objects = QuestionQuerySet["CursorQuestion"].as_manager()

    class Meta:
        constraints: ClassVar = [
            answered_or_failed("cursor_question_answered_or_failed_when_finished"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["parent", "kind", "-requested_at"], name="question_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} question {self.pk}"

    # Transitions

    def answered(self, answer: dict[str, Any]) -> bool:
        """Store the answer, once."""
        return self._finish(answer=answer)

    def failed(self, sentence: str) -> bool:
        """Store why there is no answer, once."""
        return self._finish(failure_sentence=sentence)
