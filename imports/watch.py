"""Everything that the page of one run says, read in a fixed number of queries.

Reads only, and never what a refused row held: that has a page of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.db.models import Count, Max

from connections.quantities import bytes_in_words
from imports import progress
from imports.durations import in_words
from imports.endings import Ending, ending_of, rows
from imports.mapping.drift import Drift
from imports.models import Batch, Heartbeat, RefusedRow, Run
from imports.phases import Phase, is_troubled, phase_of, phases_of
from imports.progress import Outcome
from imports.reasons import official_code
from imports.run_log import Line, lines_of
from imports.written import Written, written_of

RECENT = 20
MOST_REASONS = 50


@dataclass(frozen=True)
class Reason:
    """Why rows were refused, and how many of those that were kept."""

    sentence: str
    code: str
    refused_by: str
    rows: int

    @property
    def by_in_words(self) -> str:
        official = official_code(refused_by=self.refused_by, code=self.code)
        return f"{RefusedRow.By(self.refused_by).label}{f', code {official}' if official else ''}"


@dataclass(frozen=True)
class Watch:
    """The page of a run at this moment; ``ending`` is None while it is at work."""

    run: Run
    outcome: Outcome
    health: Outcome
    agrees: bool
    phases: list[Phase]
    sentence: str
    is_troubled: bool
    counted: str
    figures: str
    ending: Ending | None
    seconds_between_looks: int
    reasons: list[Reason]
    can_run_again: bool
    doubtful_batches: int
    written: Written | None
    log: list[Line]

    @property
    def is_live(self) -> bool:
        """Whether something of it can still change by itself."""
        return not self.run.is_final or (self.written is not None and self.written.is_waiting)

    @property
    def drift(self) -> Drift:
        """How the table differed from what was mapped."""
        return Drift.from_json(self.run.drift)

    @property
    def span(self) -> str:
        return progress.span_of(self.run)

    @property
    def took(self) -> str:
        """From its start to its end, once it has one."""
        run = self.run
        if run.started_at is None or run.finished_at is None:
            return ""
        return in_words((run.finished_at - run.started_at).total_seconds())

    @property
    def billed(self) -> str:
        return "" if self.run.bytes_billed is None else bytes_in_words(self.run.bytes_billed)

    @property
    def job_url(self) -> str:
        """The job in Google's console, for jobs that are there."""
        run = self.run
        if not run.job_id or run.key_in_use.is_sandbox:
            return ""
        job = quote(f"bq:{run.job_location}:{run.job_id}", safe=":")
        project = quote(run.project_id, safe="")
        return (
            f"https://console.cloud.google.com/bigquery?project={project}&j={job}&page=queryresults"
        )

    @property
    def flag(self) -> str:
        """What does not agree; rows that nobody read are in no sum."""
        run = self.run
        if self.agrees or run.rows_total in {None, run.read_count}:
            return ""
        return f"The sums do not agree: the query gave {run.rows_total:,} rows, {run.read_count:,} were read."

    @property
    def aloud(self) -> str:
        """What is read out when it changes: phases and the end, never a number that ticks."""
        if self.ending:
            return f"{self.outcome.word}. {self.ending.title}."
        at = next((phase.title for phase in self.phases if phase.state == "current"), "")
        return f"{self.outcome.word}: {'delayed' if self.is_troubled else at.lower()}"

    @property
    def refused_in_words(self) -> str:
        of = f"{self.run.refused_count:,} of {rows(self.run.read_count)}"
        return f"{of} {'was' if self.run.refused_count == 1 else 'were'} refused."


def watch(*, run: Run, now: datetime) -> Watch:
    """Read it all; ``run`` comes with its people, keys and account loaded."""
    seen = Heartbeat.last_seen().get(Heartbeat.Part.IMPORT)
    workers_seen = Heartbeat.is_recent(seen, now=now)
    # Several workers send rows of several places at a time.
    newest = "-sent_at" if run.shard_count else "-first_row"
    recent = list(run.batches.without_records().order_by(newest)[:RECENT])
    troubled = is_troubled(run, now=now, workers_seen=workers_seen)
    return Watch(
        run=run,
        outcome=progress.outcome_of(run),
        health=progress.health_of(run),
        agrees=progress.sums_agree(run),
        phases=phases_of(run, first=_first(run, recent), last=_newest(recent), now=now),
        sentence=phase_of(run, now=now, workers_seen=workers_seen),
        is_troubled=troubled,
        counted=progress.progress_of(run),
        figures="" if troubled else progress.figures_of(run, progress.pace_of(recent)),
        ending=ending_of(run),
        seconds_between_looks=progress.seconds_between_looks(run, now=now),
        reasons=_reasons(run),
        can_run_again=_can_run_again(run),
        doubtful_batches=_doubtful_batches(run),
        written=written_of(run),
        log=lines_of(run, run.log.in_order()),
    )


def _newest(recent: list[Batch]) -> Batch | None:
    return recent[0] if recent else None


def _first(run: Run, recent: list[Batch]) -> Batch | None:
    if len(recent) < RECENT:
        return recent[-1] if recent else None
    return run.batches.without_records().order_by("first_row").first()


def _can_run_again(run: Run) -> bool:
    parent = run.parent
    ready = run.is_final and parent.can_run and not parent.is_deleted
    if not ready or not parent.connection.is_active:
        return False
    return not Run.objects.active().filter(parent=parent).exists()


def _reasons(run: Run) -> list[Reason]:
    found = (
        run.refused_rows.values("code", "refused_by")
        .annotate(rows=Count("id"), sentence=Max("sentence"))
        .order_by("-rows", "code")[:MOST_REASONS]
    )
    return [Reason(**one) for one in found] if run.refused_count else []


def _doubtful_batches(run: Run) -> int:
    """How many await somebody's decision; none while the run is at work."""
    if not run.unknown_count or not run.is_final:
        return 0
    return run.batches.undecided().filter(record_count__gt=0).count()
