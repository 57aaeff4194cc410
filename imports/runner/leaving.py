"""Is this worker being told to leave? Then a run is handed back before its next batch.

The flag lies in memory that a worker's main process shares with the pool processes that
it forks: the main process gets the signal, the pool processes do the work. A run that is
handed back is anybody's at once; one whose worker is killed waits for its lease to end.
"""

import mmap


class Leave(Exception):
    """This worker is shutting down: hand the run back, send nothing more."""


# Anonymous and shared: made when the module is imported, which is before the fork.
_flag = mmap.mmap(-1, 1)


def ask() -> None:
    """Tell this process and all that it forked."""
    _flag[0] = 1


def forget() -> None:
    """Undo ``ask``."""
    _flag[0] = 0


def is_asked() -> bool:
    """Whether this worker is shutting down."""
    return bool(_flag[0])
