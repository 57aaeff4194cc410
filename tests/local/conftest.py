"""A data folder, and a look at which processes belong to it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clevertap_bq.local.folder import Folder, open_folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    # A path that would be syntax in a shell, in supervisor's configuration and in an address.
    return open_folder(tmp_path / "da%ta (x)s; it's")


@pytest.fixture
def processes_of() -> Callable[[Path], list[int]]:
    return _processes_of


@pytest.fixture
def wait_until() -> Callable[..., bool]:
    return _wait_until


def _processes_of(data_dir: Path) -> list[int]:
    """Every living process, however deep, that was started for this DATA_DIR."""
    wanted = f"DATA_DIR={data_dir}".encode()
    return [pid for pid in _living() if wanted in _environment(pid).split(b"\0")]


def _living() -> list[int]:
    numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in numbers if _state(pid) not in ("", "Z") and pid != os.getpid()]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def _wait_until(condition: Callable[[], object], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
