"""How a run can have ended: the same words as ``imports.progress``, as conditions of a list."""

from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q

from imports.models import Run
from imports.progress import COULD_NOT_CONNECT, SCHEMA_CHANGED

_SUCCEEDED: Final = Q(state=Run.State.SUCCEEDED)
_FAILED: Final = Q(state=Run.State.FAILED)
_CONNECTED: Final = ~Q(failure_code__in=sorted(COULD_NOT_CONNECT))
_SCHEMA_CHANGED: Final = Q(failure_code=SCHEMA_CHANGED)
# Whether it read a row that was not skipped.
_ANYTHING_NEW: Final = ~Q(read_count=F("skipped_count"))
_ALL_ACCEPTED: Final = Q(refused_count=0, unknown_count=0)


@dataclass(frozen=True)
class Ending:
    """``value`` stands in the address, ``word`` on the badge."""

    value: str
    word: str
    condition: Q


# Every run is exactly one of these.
ENDINGS: Final = (
    Ending("succeeded", "Succeeded", _SUCCEEDED & _ANYTHING_NEW & _ALL_ACCEPTED),
    Ending("partly", "Partly", _SUCCEEDED & _ANYTHING_NEW & ~_ALL_ACCEPTED),
    Ending("nothing_new", "Nothing new", _SUCCEEDED & ~_ANYTHING_NEW),
    Ending("failed", "Failed", _FAILED & _CONNECTED & ~_SCHEMA_CHANGED),
    Ending("schema_changed", "Schema changed", _FAILED & _SCHEMA_CHANGED),
    Ending("could_not_connect", "Could not connect", _FAILED & ~_CONNECTED),
    Ending("stopped", "Stopped", Q(state=Run.State.STOPPED)),
    Ending("active", "At work", Q(state__in=Run.State.active())),
)
