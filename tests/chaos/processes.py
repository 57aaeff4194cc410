"""Processes that are started, killed and frozen; /proc says who is alive."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = "CHAOS_WORLD"
_PR_SET_PDEATHSIG = 1
AT_LEAST_SECONDS = 120


def die_with_parent() -> None:
    """Runs in the child: nothing outlives a harness that was killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


@dataclass
class Program:
    """One process under supervision; ``starts`` counts how often it was started."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    starts: int = 0
    said_before: int = 0  # bytes of the log that are of earlier starts

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.wanted = True
        self.starts += 1
        with self.log.open("ab") as log:
            self.said_before = log.tell()
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def has_said(self, words: str) -> bool:
        """Whether this start of it has logged the words."""
        with self.log.open("rb") as log:
            log.seek(self.said_before)
            return words.encode() in log.read()

    def ask_to_leave(self) -> None:
        """As a supervisor does: the main process is told, and nobody else."""
        self.wanted = False
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Main process and all of its group, at once; it is not started again."""
        self.wanted = False
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def state_of(pid: int) -> str:
    """The kernel's letter, or nothing for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    return state_of(pid) not in ("", "Z", "X")


def children_of(pid: int) -> list[int]:
    """The living children, such as a worker's pool processes."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [child for child in map(int, text.split()) if is_alive(child)]


def living_with(token: str) -> list[int]:
    """Every living process, however deep, that was started for this world."""
    wanted = f"{TOKEN}={token}".encode()
    numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in numbers if is_alive(pid) and wanted in _environment(pid)]


def signal_to(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def memory_of(pid: int) -> int:
    """Resident bytes."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """A limit that only a failure reaches costs nothing: a busy machine has longer."""
    deadline = time.monotonic() + max(seconds, AT_LEAST_SECONDS)
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {seconds:.0f} s and longer: {what}")
        time.sleep(0.05)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
