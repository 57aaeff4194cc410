"""Pure: what the page of a run says about its write-back, and whether it can be tried again."""

from dataclasses import dataclass
from datetime import datetime

from connections.models import Access
from imports.endings import rows
from imports.models import REFUSED_TABLE, RUNS_TABLE, Run, WriteBack

State = WriteBack.State
# A badge for what did not happen because nobody wanted it any more.
_BADGES = {State.DROPPED: "stopped"}


@dataclass(frozen=True)
class Written:
    """One line of the page: ``state`` is the badge’s, ``until`` a moment that is waited for."""

    state: str
    word: str
    sentence: str
    until: datetime | None = None
    can_try_again: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.state == State.WAITING


def written_of(run: Run) -> Written | None:
    """None where nothing was to be written."""
    found: WriteBack | None = getattr(run, "write_back", None)
    if found is None:
        return None
    state = State(found.state)
    return Written(
        state=_BADGES.get(state, state.value),
        word=str(state.label),
        sentence=_sentence(run, found),
        until=found.not_before if found.is_waiting and found.sentence else None,
        can_try_again=_can_try_again(run, found),
    )


def _sentence(run: Run, found: WriteBack) -> str:
    if found.state == State.DONE:
        return _done(run, found.rows_written or 0)
    if found.is_waiting and not found.sentence:
        return "The summary and the refused rows follow in a moment."
    return found.sentence


def _done(run: Run, written: int) -> str:
    """Where it lies now; of many refused rows not all are kept, so not all are there."""
    place = f"{run.project_id}.{run.dataset_id}"
    said = f"The summary is in {place}.{RUNS_TABLE}."
    if not run.refused_count:
        return said
    of = "" if written >= run.refused_count else f" of {run.refused_count:,}"
    count = f"{written:,}{of} rows" if of else rows(written)
    return f"{said} {count} {'is' if count == '1 row' else 'are'} in {REFUSED_TABLE}."


def _can_try_again(run: Run, found: WriteBack) -> bool:
    connection = run.connection
    is_possible = connection.is_active and connection.access == Access.READ_WRITE
    return found.state == State.FAILED and is_possible and run.parent.write_back
