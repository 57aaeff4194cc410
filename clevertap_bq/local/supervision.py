"""Starts the supervisor, watches that no program keeps dying, and stops everything."""

import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from clevertap_bq.local import programs
from clevertap_bq.local.child import PARENT
from clevertap_bq.local.folder import Folder

# A program that is started this often within a minute will not get better by itself.
TOO_MANY_STARTS = 5
_WINDOW_SECONDS = 60.0
_STOP_SECONDS = 19.0


class Supervision:
    """A context: the programs run inside it and have ended after it."""

    def __init__(self, folder: Folder, listing: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._listing = listing
        self._environment = {**environment, **programs.supervisor_environment(listing)}
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            programs.start_command(self._listing, programs.SUPERVISOR),
            env={key: value for key, value in self._environment.items() if key != PARENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which stops in order
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def trouble(self) -> str | None:
        """One sentence when a program keeps dying or the supervisor is gone, else None."""
        if self._process.poll() is not None:
            return f"The supervisor ended. Its log: {self._folder.logs / 'supervisor.log'}"
        since = time.time() - _WINDOW_SECONDS
        counts = Counter(name for moment, name in self._starts() if moment > since)
        for name, count in counts.items():
            if count >= TOO_MANY_STARTS:
                log = self._folder.logs / f"{name}.log"
                return f"The program {name} keeps ending. Its log says why: {log}"
        return None

    def stop(self) -> None:
        """Asks politely, in order; after 19 seconds, or when asked again, ends everything."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.kill()

    def kill(self) -> None:
        """Ends the supervisor; the kernel then ends every program (see child.py)."""
        self._process.kill()
        self._process.wait()

    def _starts(self) -> list[tuple[float, str]]:
        lines = (self._folder.run / "starts").read_text(encoding="ascii").splitlines()
        fields = [line.split() for line in lines]
        return [(float(parts[0]), parts[1]) for parts in fields if len(parts) == 3]
