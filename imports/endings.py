"""Pure: how a run ended, in words: what became of the rows, and what to do next."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from imports.durations import in_words
from imports.models import SOURCE_FAILURES, Run
from imports.progress import SCHEMA_CHANGED, judged_count

# Reasons that speak of the account at CleverTap; the others of the query or the mapping.
_OF_THE_ACCOUNT: Final = {"credentials", "account_unreadable"}
_OF_THE_MAPPING: Final = {
    *("mapping_faulty", "table_not_found", "invalid_query", "malformed", "too_many_refused"),
}
_TITLES: Final = {
    SCHEMA_CHANGED: "The mapping does not fit the table any more",
    "too_many_held": "Too many rows are in doubt",
    "too_many_refused": "Too many rows were refused",
}


@dataclass(frozen=True)
class Ending:
    """What stands where the progress was: tone of the notice, words, and one way on."""

    tone: str
    title: str
    text: str
    url: str = ""
    label: str = ""


def ending_of(run: Run) -> Ending | None:
    """The ending, or None while the run is at work."""
    if run.state == Run.State.SUCCEEDED:
        return _success(run)
    if run.state == Run.State.FAILED:
        return _failure(run)
    return _stop(run) if run.state == Run.State.STOPPED else None


def rows(count: int) -> str:
    """A number of rows: ``1 row``, ``1,200 rows``."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _success(run: Run) -> Ending:
    if not judged_count(run):
        return Ending("quiet", "Nothing new", f"{_nothing(run)}{_ahead(run)}{_time(run)}")
    if not run.refused_count and not run.unknown_count:
        text = f"CleverTap accepted every row.{_skipped(run)}{_ahead(run)}{_time(run)}"
        return Ending("ok", f"{_capital(rows(run.accepted_count))} accepted", text)
    parts = f"CleverTap accepted {run.accepted_count:,} of {rows(judged_count(run))}"
    if run.refused_count:
        parts += f"; {run.refused_count:,} {_was(run.refused_count)} refused, for reasons below"
    title = "Some rows did not arrive" if run.refused_count else "Some rows are in doubt"
    return Ending("warn", title, f"{parts}.{_doubt(run)}{_skipped(run)}{_ahead(run)}{_time(run)}")


def _nothing(run: Run) -> str:
    if not run.skipped_count:
        return "The query gave no rows."
    return f"No row was added or changed.{_skipped(run)}"


def _skipped(run: Run) -> str:
    """Rows of the look-back that a run before has sent."""
    if not run.skipped_count:
        return ""
    was = _was(run.skipped_count)
    return f" {_capital(rows(run.skipped_count))} {was} sent before, so {was} skipped."


def _ahead(run: Run) -> str:
    """Rows that no run has asked for yet."""
    ahead = run.bounds.get("ahead", 0)
    if not ahead:
        return ""
    return f" {_capital(rows(ahead))} in the future {'waits' if ahead == 1 else 'wait'}."


def _failure(run: Run) -> Ending:
    could_not = run.failure_code in {*SOURCE_FAILURES, *_OF_THE_ACCOUNT} and not run.read_count
    title = "The run could not begin" if could_not else "The run failed"
    title = _TITLES.get(run.failure_code, title)
    url, label = _way_on(run)
    return Ending("bad", title, f"{run.failure_sentence} {_until_then(run)}", url, label)


def _way_on(run: Run) -> tuple[str, str]:
    """Where the cause is looked for: the connection, the account, or the mapping."""
    if run.failure_code in _OF_THE_ACCOUNT:
        return run.parent.account.get_absolute_url(), f"Open {run.parent.account.name}"
    if run.failure_code in SOURCE_FAILURES and run.connection.is_active:
        return run.connection.get_absolute_url(), f"See what its test says: {run.connection.name}"
    if run.failure_code in _OF_THE_MAPPING and run.parent.can_run:
        return reverse("imports:map", args=[run.parent_id]), "Look at the mapping"
    return "", ""


def _stop(run: Run) -> Ending:
    by = f" by {run.stop_requested_by.email}" if run.stop_requested_by else ""
    reason = run.stop_reason or "Stopped"
    return Ending("quiet", f"{reason}{by}", _until_then(run))


def _until_then(run: Run) -> str:
    """What CleverTap has of it; what was accepted stays there."""
    if not run.read_count:
        return "Nothing was sent."
    of = "" if run.rows_total is None else f" of {run.rows_total:,}"
    sent = f"Until then {run.read_count:,}{of} rows were read and {run.accepted_count:,} accepted"
    return f"{sent}; those stay in CleverTap.{_doubt(run)}"


def _doubt(run: Run) -> str:
    if not run.unknown_count:
        return ""
    return f" Of {rows(run.unknown_count)} it is not known: CleverTap’s answer was lost."


def _time(run: Run) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    return f" It took {in_words((run.finished_at - run.started_at).total_seconds())}."


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
