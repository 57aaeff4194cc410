"""What happened to a run and when, for its page. Nothing goes by it: the run's row is the truth."""

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.utils import timezone

from imports.models.run import Run

MOST_LINES: Final = 200  # of one run; a bad day is told by its beginning


class LogLineQuerySet(models.QuerySet["LogLine"]):
    def in_order(self) -> Self:
        return self.order_by("at", "pk")


class LogLine(models.Model):
    """One thing that happened, and its figures; ``imports.run_log`` has the words."""

    class What(models.TextChoices):
        JOB_SUBMITTED = "job_submitted", "Query submitted"
        JOB_DONE = "job_done", "Query done"
        JOB_SETTLED = "job_settled", "Query ended early"
        READER = "reader", "Reader chosen"
        READER_LOST = "reader_lost", "Fast reads lost"
        QUERY_AGAIN = "query_again", "Query repeated"
        CUT = "cut", "Cut into shards"
        TAKEN_OVER = "taken_over", "Taken over"
        HANDED_BACK = "handed_back", "Handed back"
        TROUBLE = "trouble", "Trouble"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=16, choices=What)
    facts = models.JSONField(default=dict)

    objects = LogLineQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "at"], name="log_of_run")]

    def __str__(self) -> str:
        return f"{self.what} of run {self.run_id}"

    @classmethod
    def note(cls, run: Run, what: str, **facts: Any) -> None:
        """Write it down, unless so much is written of this run already."""
        if cls.objects.filter(run=run.pk).count() < MOST_LINES:
            cls.objects.create(run=run, what=what, facts=facts)
