"""The log of a run in words. Pure: what its row says of itself, and the lines between."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connections.quantities import bytes_in_words
from imports.durations import in_words
from imports.endings import rows
from imports.models import LogLine, Run
from imports.phases import TRIES
from imports.progress import judged_count, outcome_of

_READERS: Final = {
    Run.Reader.STORAGE: "Rows are read by the Storage Read API.",
    Run.Reader.REST: "Rows are read in pages, by BigQuery’s REST API.",
}
_SETTLED: Final = {
    Run.JobState.CANCELLED: "The BigQuery job was cancelled, and was seen to have ended.",
    Run.JobState.DONE: "The BigQuery job had ended before it could be cancelled.",
    Run.JobState.NONE: "The BigQuery job had never been started.",
}


@dataclass(frozen=True)
class Line:
    """A moment and what happened then; ``is_bad``: something was not as it should be."""

    at: datetime
    words: str
    is_bad: bool = False


def lines_of(run: Run, stored: Iterable[LogLine]) -> list[Line]:
    """From the start to the end, or to now."""
    found = [*_of_the_run(run), *(_told(line) for line in stored)]
    # What happened in the same moment stays in the order in which it is written here.
    return sorted(found, key=lambda line: line.at)


def _of_the_run(run: Run) -> Iterator[Line]:
    yield Line(run.queued_at, _asked_for(run))
    if run.started_at:
        yield Line(run.started_at, "Taken up by an import worker.")
    if run.stop_requested_at:
        by = f" by {run.stop_requested_by.email}" if run.stop_requested_by else ""
        yield Line(run.stop_requested_at, f"Told to stop{by}. No further request is sent.")
    if run.finished_at:
        yield Line(run.finished_at, _ended(run), run.state == Run.State.FAILED)


def _asked_for(run: Run) -> str:
    if run.trigger == Run.Trigger.SCHEDULE:
        return "Queued by its schedule."
    by = f" by {run.requested_by.email}" if run.requested_by else ""
    again = ", to send rows of an earlier run again" if run.is_replay else ""
    return f"Queued{by}{again}."


def _ended(run: Run) -> str:
    word = outcome_of(run).word
    why = f" {run.failure_sentence}" if run.failure_sentence else ""
    judged = judged_count(run)
    came = f" CleverTap accepted {run.accepted_count:,} of {rows(judged)}." if judged else ""
    return f"{word}.{why}{came}"


def _told(line: LogLine) -> Line:
    words = _WORDS[LogLine.What(line.what)](line.facts)
    return Line(line.at, words, line.what in _BAD)


def _submitted(facts: dict[str, Any]) -> str:
    where = f" in {facts['location']}" if facts.get("location") else ""
    if facts.get("is_bounds"):
        return f"BigQuery was asked{where} up to which Updated On there are rows."
    return f"The query was given to BigQuery{where}."


def _done(facts: dict[str, Any]) -> str:
    billed = facts.get("bytes_billed")
    cost = "" if billed is None else f", {bytes_in_words(billed)} billed"
    return f"The query has ended: {rows(facts['rows'])}{cost}."


def _settled(facts: dict[str, Any]) -> str:
    return _SETTLED.get(facts.get("state", ""), "How the BigQuery job ended is not known.")


def _taken_over(facts: dict[str, Any]) -> str:
    return f"Its worker had fallen silent. Another one took over, behind {rows(facts['row'])}."


def _trouble(facts: dict[str, Any]) -> str:
    wait = in_words(max(1, facts["seconds"]))
    return f"{facts['sentence']} Trying again in {wait} (try {facts['tries'] + 1} of {TRIES})."


_BAD: Final = {LogLine.What.TROUBLE, LogLine.What.TAKEN_OVER}
_WORDS: Final[dict[LogLine.What, Callable[[dict[str, Any]], str]]] = {
    LogLine.What.JOB_SUBMITTED: _submitted,
    LogLine.What.JOB_DONE: _done,
    LogLine.What.JOB_SETTLED: _settled,
    LogLine.What.READER: lambda facts: _READERS[Run.Reader(facts["reader"])],
    LogLine.What.READER_LOST: lambda facts: (
        "Fast reads were lost. It goes on in pages, once their order is proved to be the same."
    ),
    LogLine.What.QUERY_AGAIN: lambda facts: (
        "The result had expired before anything was sent. The query runs again."
    ),
    LogLine.What.CUT: lambda facts: f"Cut into {facts['shards']} parts, for several workers.",
    LogLine.What.TAKEN_OVER: _taken_over,
    LogLine.What.HANDED_BACK: lambda facts: "Its worker was told to leave, and handed it back.",
    LogLine.What.TROUBLE: _trouble,
}
