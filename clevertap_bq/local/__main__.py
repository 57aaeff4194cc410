"""`python -m clevertap_bq.local run` and `sign-in-link`: what the Makefile calls."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from clevertap_bq.local import launcher
from clevertap_bq.local.folder import Folder, open_folder
from clevertap_bq.local.refusal import Refusal


def main(arguments: list[str]) -> int:
    """The exit code: 2 for what the user can put right, 1 for what failed."""
    os.umask(0o077)  # whatever is made here is for this user alone
    try:
        if arguments == ["run"]:
            return launcher.run(os.environ)
        if arguments == ["sign-in-link"]:
            return sign_in_link(os.environ)
        raise Refusal("Say which: run or sign-in-link.")
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2


def sign_in_link(given: Mapping[str, str]) -> int:
    """Prints a fresh one-time link to the installation in DATA_DIR; changes nothing else there."""
    path = Path(given.get("DATA_DIR") or "var").expanduser().absolute()
    if not (path / "run" / "ports").exists():
        raise Refusal(f"Nothing was ever started in {path}. Start it with `make run`.")
    folder = open_folder(path)
    local = launcher.read_environment(given, folder, *_last_ports(folder))
    email = given.get("EMAIL", "").strip()
    choice = ["--email", email] if email else []
    command = [sys.executable, "manage.py", "sign_in_link", *choice]
    return subprocess.run(command, env=local, check=False).returncode


def _last_ports(folder: Folder) -> tuple[int, int]:
    try:
        web, sandbox = (folder.run / "ports").read_text(encoding="ascii").split()
        return int(web), int(sandbox)
    except (OSError, ValueError):
        return 8000, 8001


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
