"""What a deletion did, as the page of the connection shows it: live first, then for ever.

Reads only. A job counts as seen done because the worker writes its final state only after
BigQuery has said DONE (ADR 3); what could not be confirmed is said to be so.
"""

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from connections.models import Connection, DeletionChoice
from connections.quantities import bytes_in_words
from imports.models import Move, Run
from imports.progress import Outcome, outcome_of

SHOWN = 200
_JOB_WORDS = {
    Run.JobState.SUBMITTING: "Being submitted",
    Run.JobState.RUNNING: "Running",
    Run.JobState.DONE: "Seen done",
    Run.JobState.CANCELLED: "Cancelled, seen done",
    Run.JobState.FAILED: "Failed, seen done",
    Run.JobState.UNKNOWN: "Could not be confirmed",
}


@dataclass(frozen=True)
class Line:
    """One run that was at work when the connection was deleted."""

    run: Run
    outcome: Outcome
    job: str
    billed: str


@dataclass(frozen=True)
class Evidence:
    """The state of a deletion in words, its runs, and the imports that were moved."""

    connection: Connection
    lines: list[Line]
    run_count: int
    going_on: int
    stopping: int
    unconfirmed: list[str]
    moves: list[Move]

    @property
    def is_over(self) -> bool:
        return self.connection.state == Connection.State.DELETED

    @property
    def tone(self) -> str:
        if not self.is_over or self.unconfirmed:
            return "warn"
        return "quiet"

    @property
    def title(self) -> str:
        return self.connection.get_state_display()

    @property
    def sentence(self) -> str:
        """What goes on, or how it ended."""
        if self.is_over:
            return self._end()
        if self.going_on:
            return (
                f"Nothing new can start. {_count(self.going_on)} to the end; "
                "then the key is destroyed."
            )
        if self.stopping:
            return "Nothing new can start. Its runs are being stopped; then the key is destroyed."
        return "Nothing new can start. No run is at work; the key is destroyed next."

    @property
    def caption(self) -> str:
        stops = self.connection.deletion_choice == DeletionChoice.STOP
        return "Runs that were stopped" if stops else "Runs that were at work"

    @property
    def ended(self) -> str:
        """How many of the runs have come to their end."""
        if not self.run_count:
            return "No run was at work"
        return f"{self.run_count - self.going_on - self.stopping:,} of {self.run_count:,}"

    @property
    def seconds_between_looks(self) -> int:
        """Runs that are let finish may take hours; a stop takes seconds."""
        return 5 if self.going_on else 1

    def _end(self) -> str:
        if self.unconfirmed:
            jobs = ", ".join(self.unconfirmed)
            return (
                "Every run has ended and the key is destroyed. Whether these BigQuery jobs are "
                f"done could not be confirmed; look at them in Google Cloud: {jobs}."
            )
        if self.connection.deletion_choice == DeletionChoice.STOP:
            return "Every run is stopped, every BigQuery job is done, and the key is destroyed."
        return "Every run has ended, every BigQuery job is done, and the key is destroyed."


def evidence_of(connection: Connection) -> Evidence | None:
    """The evidence, from the first second on; None for a connection that nobody deleted."""
    since = connection.deletion_requested_at
    if since is None:
        return None
    runs = Run.objects.bound_to(connection).at_work_since(since)
    unconfirmed = runs.filter(job_state=Run.JobState.UNKNOWN).order_by("queued_at", "id")
    moves = Move.objects.filter(from_connection=connection)
    return Evidence(
        connection=connection,
        lines=[_line(run) for run in _at_work_first(runs)[:SHOWN]],
        **_counted(runs),
        unconfirmed=list(unconfirmed.values_list("job_id", flat=True)[:SHOWN]),
        moves=list(moves.select_related("parent", "to_connection").order_by("parent__nickname")),
    )


def _counted(runs: QuerySet[Run]) -> dict[str, int]:
    """By one question: a run that ends between two would be counted wrong."""
    active = Q(state__in=Run.State.active())
    asked = Q(stop_requested_at__isnull=False)
    return runs.aggregate(
        run_count=Count("pk"),
        going_on=Count("pk", filter=active & ~asked),
        stopping=Count("pk", filter=active & asked),
    )


def _at_work_first(runs: QuerySet[Run]) -> QuerySet[Run]:
    final = Case(
        When(finished_at__isnull=True, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return runs.select_related("parent").order_by(final, "queued_at", "id")


def _line(run: Run) -> Line:
    billed = "" if run.bytes_billed is None else bytes_in_words(run.bytes_billed)
    return Line(run, outcome_of(run), _job_words(run), billed)


def _job_words(run: Run) -> str:
    if not run.job_id:
        return "No job was started"
    if run.job_state == Run.JobState.NONE:
        return "Never reached BigQuery"
    if run.is_stopping and not run.job_is_settled:
        return "Being cancelled"
    return _JOB_WORDS[Run.JobState(run.job_state)]


def _count(runs: int) -> str:
    return "1 run goes on" if runs == 1 else f"{runs:,} runs go on"
