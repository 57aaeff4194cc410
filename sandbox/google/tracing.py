"""Notes in the ledger which job, and so which run, a request is about."""

from collections.abc import Mapping
from typing import Any

from sandbox.google.jobs import Job
from sandbox.google.serving import Ask
from sandbox.ledger import note

# The labels that name the run a job belongs to; the first found counts.
_RUN_LABELS = ("run", "run_id", "clevertap-bq-run")


def remember(ask: Ask, job: Job) -> None:
    """Note the job, its labels and its run."""
    is_dry = bool(job.configuration.get("dryRun"))
    note(ask.request, **facts_of(job), dry_run=True if is_dry else None)


def facts_of(job: Job) -> dict[str, Any]:
    """The job, its labels and its run; None for what it has not."""
    return {"job_id": job.id, "labels": job.labels or None, "run": run_of(job.labels)}


def run_of(labels: Mapping[str, str]) -> str | None:
    """The run that the labels name."""
    return next((labels[name] for name in _RUN_LABELS if name in labels), None)
