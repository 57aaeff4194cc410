"""A question to BigQuery that a page waits for: which datasets, tables, columns, rows.

Answers may hold customers' rows, which are taken out again soon.
"""

import json
import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from connections import encryption
from connections.encryption import SealContext
from connections.models.connection import Connection
from connections.models.key import StoredKey
from connections.models.question import Question, QuestionQuerySet, answered_or_failed
from connections.secret import Secret

# The code of a failure that only another SQL cures.
FAULT_OF_SQL = "invalid_query"


class LookupQuerySet(QuestionQuerySet["Lookup"]):
    def asked_or_failed_since(self, *, asked: datetime, failed: datetime) -> Self:
        """Open or answered, and asked lately; or failed even more lately.

        A fault in the SQL stays one, so it counts as an answer.
        """
        return self.filter(
            Q(failure_sentence="", requested_at__gt=asked)
            | Q(failure_code=FAULT_OF_SQL, requested_at__gt=asked)
            | Q(finished_at__gt=failed) & ~Q(failure_sentence="")
        )

    def answered(self) -> Self:
        return self.filter(answer__isnull=False)

    def with_preview(self) -> Self:
        return self.filter(has_preview=True)


class Lookup(Question):
    """What is asked of one project with one key."""

    class Kind(models.TextChoices):
        DATASETS = "datasets", "Datasets of a project"
        TABLES = "tables", "Tables of a dataset"
        TABLE = "table", "Columns and first rows of a table"
        QUERY = "query", "Dry run of a query"
        ROWS = "rows", "First rows of a table, view or query"

    kind = models.CharField(max_length=16, choices=Kind)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, related_name="lookups"
    )
    key = models.ForeignKey(StoredKey, on_delete=models.CASCADE, related_name="lookups")
    project_id = models.CharField(max_length=128)
    dataset_id = models.CharField(max_length=1024, blank=True)
    table_id = models.CharField(max_length=1024, blank=True)
    sql = models.TextField(blank=True)
    # What the first rows of a query may be billed for at most.
    bytes_cap = models.BigIntegerField(null=True)
    has_preview = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=64, blank=True)
    # Where in the SQL, both from 1.
    failure_line = models.PositiveIntegerField(null=True)
    failure_column = models.PositiveIntegerField(null=True)

    objects = LookupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            answered_or_failed("lookup_answered_or_failed_when_finished"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "kind", "-requested_at"], name="lookup_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} lookup {self.pk}"

    # Transitions

    def answered(self, answer: Any) -> bool:
        """Store the answer, once; customers' rows (``preview``) are sealed on their way in."""
        has_preview = isinstance(answer, dict) and bool(answer.get("preview"))
        if has_preview:
            rows = Secret(json.dumps(answer["preview"]))
            answer = {**answer, "preview": encryption.seal(rows, self.seal_context(self.pk))}
        return self._finish(answer=answer, has_preview=has_preview)

    def drop_preview(self) -> None:
        """Take the customers' rows out of the answer; the columns stay."""
        if self.answer is not None:
            answer = {**self.answer, "preview": []}
            Lookup.objects.filter(pk=self.pk).update(answer=answer, has_preview=False)

    def failed(
        self, sentence: str, *, code: str = "", place: tuple[int, int] | None = None
    ) -> bool:
        """Store why there is no answer, once; ``place`` is line and column in the SQL."""
        line, column = place or (None, None)
        return self._finish(
            failure_sentence=sentence,
            failure_code=code,
            failure_line=line,
            failure_column=column,
        )

    # Properties

    @classmethod
    def seal_context(cls, row_id: uuid.UUID) -> SealContext:
        """What binds sealed rows to their question. They live for an hour, so they are not
        a sealed column: no rotation of the ring waits for them."""
        return SealContext(table=cls._meta.db_table, column="preview", row=str(row_id))

    def preview_rows(self) -> list[list[Any]]:
        """The first rows, cells as REST gives them; none if they are gone or cannot be opened."""
        sealed = self.answer.get("preview") if isinstance(self.answer, dict) else None
        if not isinstance(sealed, str):
            return sealed or []  # stored before rows were sealed
        try:
            opened = encryption.open_sealed(sealed, self.seal_context(self.pk))
        except encryption.CannotOpen:
            return []
        rows: list[list[Any]] = json.loads(opened.reveal())
        return rows
