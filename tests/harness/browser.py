"""Chromium and Playwright's driver: found, or installed by apt as root, or asked for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Chromium without its windows first: it draws and runs pages the same, with a quarter of the
# processor time, because no toolbar is drawn around each of them.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# Debian's Chromium brings the fonts it needs; the driver is a Node.js that wants libatomic.
BROWSER, DRIVER = "chromium-headless-shell", "libatomic1"
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")


class BrowserMissing(Exception):
    """One sentence: what is missing and how to get it."""


def chromium(log: Path) -> str:
    """The path of a Chromium that starts, with a driver that starts.

    Raises:
        BrowserMissing: one of them is not here and cannot be installed.
    """
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(missing, log)
        missing = _missing()
    if missing:
        packages = " ".join(missing)
        raise BrowserMissing(
            f"The browser tests need {' and '.join(missing)}, which is not here. On Debian: "
            f"`sudo apt-get install {packages}`; elsewhere install them and name the browser: "
            f"`make test CHROMIUM=<path>`."
        )
    return str(_named() or on_path())


def _missing() -> list[str]:
    browser = _named() or on_path()
    present = {
        BROWSER: browser is not None and _starts([browser, "--version"]),
        DRIVER: _starts([sys.executable, "-m", "playwright", "--version"]),
    }
    return [package for package, here in present.items() if not here]


def _starts(command: Sequence[str]) -> bool:
    try:
        answer = subprocess.run(command, check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _named() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named and not os.access(named, os.X_OK):
        raise BrowserMissing(f"CHROMIUM={named} is not a program. Name one that is, or none.")
    return named or None


def on_path() -> str | None:
    """The first of the browsers that are installed here."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _install(packages: Sequence[str], log: Path) -> None:
    install = [*APT, "install", "--yes", "--no-install-recommends", *packages]
    with log.open("ab") as output:
        for command in ([*APT, "update"], install):
            answer = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
    if answer.returncode:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise BrowserMissing(
            f"`{' '.join(install)}` failed: {' / '.join(lines[-2:])} "
            f"Install it by hand, then run `make test` again."
        )
