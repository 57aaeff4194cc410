"""Becomes one of the local programs, and dies with whoever started it.

Run as a plain file (`python -I -S child.py <programs.json> <name>`) so that it starts in
milliseconds: standard library only. It asks the kernel for a signal at the parent's death,
notes the start, and replaces itself with the program.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

PARENT = "CLEVERTAP_BQ_PARENT"
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns: the process becomes the program or ends."""
    programs, name = Path(sys.argv[1]), sys.argv[2]
    program = json.loads(programs.read_text(encoding="utf-8"))[name]
    die_with_parent(signal.Signals[program["signal_at_parents_death"]])
    with programs.with_name("starts").open("a", encoding="ascii") as starts:
        starts.write(f"{time.time():.3f} {name} {os.getpid()}\n")
    os.chdir(program["folder"])
    os.environ[PARENT] = str(os.getpid())
    os.execv(program["command"][0], program["command"])  # noqa: S606


def die_with_parent(at_death: signal.Signals) -> None:
    """The kernel sends the signal when the parent ends, however it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(at_death), 0, 0, 0)
    expected = os.environ.get(PARENT)
    if expected and os.getppid() != int(expected):
        sys.exit("The process that started this one is gone.")


if __name__ == "__main__":
    main()
