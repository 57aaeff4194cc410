"""How `make test` spreads the tests over its jobs: by file, and what takes long comes first.

A long file that comes last keeps one processor at work and the others idle. What shares
something that is slow to start is one piece of work, so that it is started once.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

# Few tests that take long; of all others those with most tests come first.
SLOW = (
    "tests/browser/test_every_screen.py",
    "tests/browser/test_every_screen_of_imports.py",
    "tests/chaos/",
    "tests/browser/test_live_parts.py",
    "tests/local/test_local_start.py",
    "tests/browser/test_mission.py",
    "tests/browser/test_add_database.py",
    "tests/browser/test_add_database_for_all.py",
    "tests/local/test_ring_at_start.py",
    "tests/browser/test_deletion_choices_on_screen.py",
    "tests/browser/test_connection_filters.py",
    "tests/browser/test_deletion_outlives_a_worker.py",
    "tests/browser/test_mission_by_keyboard.py",
    "tests/browser/test_canary.py",
    "tests/browser/test_first_key.py",
    "tests/browser/test_events.py",
    "tests/contract/bigquery/test_fault_matrix.py",
    "tests/contract/bigquery/test_incremental_edge.py",
    "tests/worker/test_due_runs.py",
    "tests/worker/test_parallel_sending.py",
    "tests/sandbox/google/test_rows.py",
    "tests/sandbox/google/test_process.py",
    "tests/local/test_local_supervision.py",
)
MARKS = ("browser", "services")  # of tests that own real processes
WORLD, PRODUCT = "tests/chaos/", "tests/browser/"


def owns_no_process(path: Path, arguments: Sequence[str]) -> bool:
    """May a pass over what owns real processes leave this file unread? Not if it was named.

    Each job reads every file of its pass, and most have nothing for this one.
    """
    if path.suffix != ".py" or path.name in {Path(_file_of(one)).name for one in arguments}:
        return False
    text = path.read_text()
    return not any(f"mark.{name}" in text for name in MARKS)


def piece_of(nodeid: str, *, one_product: bool) -> str:
    """What is done by one job in one go: a file, or all that share a world or a product."""
    for shared in (WORLD, *([PRODUCT] if one_product else [])):
        if nodeid.startswith(shared):
            return shared
    return _file_of(nodeid)


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def in_order(nodeids: Sequence[str]) -> list[int]:
    """The positions of the tests in the order in which they are given out."""
    files = [_file_of(nodeid) for nodeid in nodeids]
    sizes = Counter(files)

    def rank(position: int) -> tuple[int, int]:
        file = files[position]
        slow = (at for at, name in enumerate(SLOW) if file.startswith(name))
        return next(slow, len(SLOW)), -sizes[file]

    return sorted(range(len(files)), key=rank)


class Spread(LoadFileScheduling):
    """Gives out pieces in the order of the collection."""

    one_product = False

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid, one_product=self.one_product)
