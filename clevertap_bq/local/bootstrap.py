"""Makes the virtual environment that a `make` target needs, then becomes that target.

Run as a plain file by the system's Python, before anything is installed: standard
library only, and syntax that Python 3.6 can read, so that an old Python is told so.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from typing import NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OLDEST = (3, 11)
NEWEST = (3, 13)
COMMANDS = {
    "run": ("local", ["-m", "clevertap_bq.local", "run"]),
    "sign-in-link": ("local", ["-m", "clevertap_bq.local", "sign-in-link"]),
    "test": ("test", ["-m", "tests.harness", "test"]),
    "check": ("test", ["-m", "tests.harness", "check"]),
    "fix": ("test", ["-m", "tests.harness", "fix"]),
    "bench": ("test", ["-m", "tests.harness", "bench"]),
    "chaos": ("test", ["-m", "tests.harness", "chaos"]),
    "live": ("test", ["-m", "tests.harness", "live"]),
    "screenshots": ("test", ["-m", "tests.screenshots"]),
}


def main(arguments: "list[str]") -> None:
    """Ends as the target, or with one sentence and exit code 2."""
    if not arguments or arguments[0] not in COMMANDS:
        refuse("Say which: {}.".format(", ".join(sorted(COMMANDS))))
    check_python()
    requirements, command = COMMANDS[arguments[0]]
    venv = os.path.abspath(
        os.path.expanduser(os.environ.get("VENV") or os.path.join(ROOT, ".venv"))
    )
    python = os.path.join(venv, "bin", "python")
    try:
        prepare(venv, python, requirements)
    except OSError:
        refuse(
            f"The folder {venv} cannot be written. Name one that can: "
            f"`make {arguments[0]} VENV=<folder> DATA_DIR=<folder>`."
        )
    os.chdir(ROOT)
    os.execv(python, [python] + command + arguments[1:])  # noqa: RUF005, S606


def check_python() -> None:
    """Too old, too new or without venv: look for a better one, else say what to install."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        use_another_python()
        version = ".".join(str(part) for part in sys.version_info[:2])
        refuse(
            f"This needs Python 3.11, 3.12 or 3.13, and {sys.executable} is Python {version}. "
            "On Debian 12 or later: `apt-get install python3 python3-venv`; "
            "elsewhere name one: `PYTHON=python3.12`."
        )
    try:
        __import__("venv")
        __import__("ensurepip")
    except ImportError:
        refuse(
            f"Python at {sys.executable} cannot make virtual environments. On Debian: "
            "`apt-get install python3-venv`."
        )


def use_another_python() -> None:
    """Becomes the newest fitting Python on the PATH, unless the user has chosen one."""
    if os.environ.get("PYTHON"):
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and works(found):
            os.execv(found, [found] + sys.argv)  # noqa: RUF005, S606


def works(python: str) -> bool:
    """It starts, and its version fits: a folder that was moved or a shim may not."""
    check = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    try:
        answer = subprocess.call(
            [python, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return False
    return answer == 0


def prepare(venv: str, python: str, requirements: str) -> None:
    """Makes and fills the environment once; a second caller waits for the first."""
    os.makedirs(venv, exist_ok=True)
    wanted = os.path.join(ROOT, "requirements", requirements + ".txt")
    stamp = os.path.join(venv, "installed-" + requirements)
    fingerprint = file_hash(wanted)
    if works(python) and content(stamp) == fingerprint:
        return
    log = os.path.join(venv, "install.log")
    with open(os.path.join(venv, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not works(python):
            say(f"Making the virtual environment {venv}")
            empty(venv)
            logged([sys.executable, "-m", "venv", venv], log, "make the virtual environment")
        if content(stamp) == fingerprint:
            return
        say(f"Installing requirements/{requirements}.txt (once; a minute or so)")
        install = [python, "-m", "pip", "install", "--require-hashes", "--no-deps"]
        install += ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input"]
        logged(install + ["-r", wanted], log, "install the packages")  # noqa: RUF005
        with open(stamp, "w") as done:
            done.write(fingerprint)


def logged(command: "list[str]", log: str, task: str) -> None:
    """Runs the command with its output in the log; ends with one sentence if it fails."""
    with open(log, "ab") as output:
        answer = subprocess.call(command, stdout=output, stderr=output, cwd=ROOT)
    if answer != 0:
        refuse(f"Could not {task}. The reason stands at the end of {log}.")


def empty(venv: str) -> None:
    """Removes an environment that does not start; keeps the lock that we hold."""
    for name in os.listdir(venv):
        path = os.path.join(venv, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif name != "lock":
            os.unlink(path)


def file_hash(path: str) -> str:
    """The SHA-256 of the file, in hex."""
    with open(path, "rb") as requirements:
        return hashlib.sha256(requirements.read()).hexdigest()


def content(path: str) -> str:
    """The text of the file, or nothing where it is missing."""
    try:
        with open(path) as stamp:
            return stamp.read()
    except OSError:
        return ""


def say(sentence: str) -> None:
    """To the terminal, at once."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def refuse(sentence: str) -> NoReturn:
    """Ends with the sentence and exit code 2."""
    say(sentence)
    raise SystemExit(2)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        say("Stopped.")
        raise SystemExit(130) from None
