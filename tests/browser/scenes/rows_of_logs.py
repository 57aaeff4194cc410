"""The log of a run that was in trouble for a while."""

from imports.models import LogLine


def with_a_trouble(run):
    trouble = {"sentence": "CleverTap did not answer.", "seconds": 2, "tries": 1}
    LogLine.note(run, LogLine.What.JOB_SUBMITTED, location="EU")
    LogLine.note(run, LogLine.What.TROUBLE, **trouble)
    run.log.update(at=run.queued_at)
