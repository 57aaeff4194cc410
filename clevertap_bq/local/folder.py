"""The folder that holds all local state (DATA_DIR): its layout, its rights, its lock.

Nothing here is ever deleted: a second start finds what the first one left.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clevertap_bq.local.refusal import Refusal


@dataclass(frozen=True)
class Folder:
    """Where each thing lies under DATA_DIR."""

    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Files of the running instance: lock, supervisor, list of starts."""
        return self.path / "run"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def broker(self) -> Path:
        return self.path / "broker"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox"

    @property
    def mails(self) -> Path:
        """What would be mailed."""
        return self.path / "mails"

    @property
    def static(self) -> Path:
        return self.path / "static"

    @property
    def database(self) -> Path:
        return self.path / "db.sqlite3"

    @property
    def supervisor_configuration(self) -> Path:
        return self.run / "supervisor.conf"


def open_folder(path: Path) -> Folder:
    """The folder, made with mode 700 where missing.

    Raises:
        Refusal: it cannot be made or written.
    """
    folder = Folder(path.expanduser().absolute())
    wanted = (folder.logs, folder.run, folder.secrets, folder.broker, folder.sandbox, folder.static)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.path.chmod(0o700)
        for part in wanted:
            part.mkdir(mode=0o700, exist_ok=True)
            _try_to_write(part)
    except OSError:
        raise Refusal(
            f"The folder {folder.path} cannot be written. "
            f"Name one that can: `make run DATA_DIR=<folder>`."
        ) from None
    return folder


def _try_to_write(part: Path) -> None:
    if not os.access(part, os.W_OK | os.X_OK):
        raise PermissionError(part)


@contextmanager
def locked(folder: Folder) -> Iterator[None]:
    """Holds the folder for this start; the lock goes with the process.

    Raises:
        Refusal: another start holds it, or its supervisor has not ended yet.
    """
    with (folder.run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refusal(
                f"Something is already running in {folder.path}. Stop it with Ctrl-C, "
                f"or start another beside it: `make run DATA_DIR=<folder> PORT=<n> "
                f"SANDBOX_PORT=<n>`."
            ) from None
        if _supervisor_lives(folder):
            raise Refusal(
                f"The last start in {folder.path} is still stopping. Try again in 20 seconds."
            )
        yield


def _supervisor_lives(folder: Folder) -> bool:
    """A launcher that was killed leaves its supervisor a few seconds to end."""
    try:
        pid = int((folder.run / "supervisord.pid").read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
    return str(folder.supervisor_configuration).encode() in command
