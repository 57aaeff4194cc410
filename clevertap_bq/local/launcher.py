"""`make run`, step by step: folder, secrets, ports, database, programs, then wait."""

import http.client
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from clevertap_bq.local import broker, ports, programs
from clevertap_bq.local.environment import environment, has_own_broker
from clevertap_bq.local.folder import Folder, locked, open_folder
from clevertap_bq.local.keys import make_missing
from clevertap_bq.local.refusal import REFUSED, Refusal
from clevertap_bq.local.supervision import Supervision

_START_SECONDS = 180.0  # one that has ended is noticed at once; this is for one that is slow


class _StopRequest(threading.Event):
    """Set by a signal, and remembers which: a stop that nobody here asked for can be explained."""

    by = ""

    def note(self, number: int, frame: FrameType | None) -> None:
        self.by = signal.Signals(number).name
        self.set()


def run(given: Mapping[str, str]) -> int:
    """Starts everything and waits for Ctrl-C; gives the exit code.

    Raises:
        Refusal: the folder, a port or the database is not to be had.
    """
    stopped = _StopRequest()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stopped.note)
    folder = open_folder(Path(given.get("DATA_DIR") or "var"))
    with locked(folder):
        web_port, sandbox_port = ports.two_chosen(given)
        storage_port = ports.for_storage(folder.run / "storage-port", (web_port, sandbox_port))
        local = make_environment(given, folder, web_port, sandbox_port)
        local["SANDBOX_STORAGE_URL"] = f"http://{ports.LOOPBACK}:{storage_port}"
        everything = programs.every_program(
            folder,
            web_port=web_port,
            sandbox_port=sandbox_port,
            storage_port=storage_port,
            own_broker=has_own_broker(given),
        )
        listing = programs.write(folder, everything)
        link = _prepare(folder, listing, local)
        _remember_ports(folder, web_port, sandbox_port)
        if stopped.is_set():
            return 0
        with Supervision(folder, listing, local) as supervision:
            outcome = _until_ready(supervision, stopped, web_port, sandbox_port, folder)
            if outcome is None and not stopped.is_set():
                _say_where(folder, local, link)
                outcome = _until_stopped(supervision, stopped)
            _leave(outcome or stopped.by)
            signal.signal(signal.SIGINT, signal.default_int_handler)
    return 1 if outcome else 0


def make_environment(
    given: Mapping[str, str], folder: Folder, web_port: int, sandbox_port: int
) -> dict[str, str]:
    """For a start: secrets and broker made where missing, and the environment that names them."""
    if not has_own_broker(given):
        broker.configure(folder, make_missing(folder))
    return read_environment(given, folder, web_port, sandbox_port)


def read_environment(
    given: Mapping[str, str], folder: Folder, web_port: int, sandbox_port: int
) -> dict[str, str]:
    """The environment of an installation that may be running: nothing of it is changed."""
    return environment(
        given,
        folder=folder,
        keys=make_missing(folder),
        redis_url_file=None if has_own_broker(given) else broker.address(folder),
        web_port=web_port,
        sandbox_port=sandbox_port,
    )


def _remember_ports(folder: Folder, web_port: int, sandbox_port: int) -> None:
    """`make sign-in-link` prints an address of the instance that runs."""
    (folder.run / "ports").write_text(f"{web_port} {sandbox_port}\n", encoding="ascii")


def _prepare(folder: Folder, listing: Path, local: Mapping[str, str]) -> str:
    """The first admin's link, or nothing when there is an admin already."""
    print("Preparing the database and the static files", flush=True)
    log = folder.logs / "prepare.log"
    with log.open("w", encoding="utf-8") as errors:
        answer = subprocess.run(
            programs.start_command(listing, "prepare"),
            env=dict(local),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C must not cut a migration in two
        )
    last = answer.stdout.strip().rpartition("\n")[2]
    if answer.returncode == REFUSED:
        raise Refusal(last)
    if answer.returncode != 0:
        raise Refusal(f"The database could not be prepared. The reason stands at the end of {log}.")
    return last


def _until_ready(
    supervision: Supervision,
    stopped: threading.Event,
    web_port: int,
    sandbox_port: int,
    folder: Folder,
) -> str | None:
    """None when dashboard and sandbox answer (or a stop was asked), else what went wrong."""
    print("Starting", flush=True)
    deadline = time.monotonic() + _START_SECONDS
    waiting = {"web": web_port, "sandbox": sandbox_port}
    while waiting and not stopped.wait(0.2):
        waiting = {name: port for name, port in waiting.items() if not _answers(port)}
        trouble = supervision.trouble()
        if trouble or not waiting:
            return trouble
        if time.monotonic() > deadline:
            name = next(iter(waiting))
            log = folder.logs / f"{name}.log"
            return f"The program {name} does not answer. Its log says why: {log}"
    return None


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _until_stopped(supervision: Supervision, stopped: threading.Event) -> str | None:
    while not stopped.wait(1.0):
        trouble = supervision.trouble()
        if trouble:
            return trouble
    return None


def _say_where(folder: Folder, local: Mapping[str, str], link: str) -> None:
    sign_in = link or "`make sign-in-link` prints a fresh one-time link"
    print(
        f"\n  Dashboard  {local['PUBLIC_URL']}\n"
        f"  Sign in    {sign_in}\n"
        f"  Sandbox    {local['SANDBOX_URL']} (stands in for Google and CleverTap)\n"
        f"  Logs       {folder.logs}\n\n"
        f"Ctrl-C stops everything; the data stays in {folder.path}.",
        flush=True,
    )


def _leave(reason: str) -> None:
    print("Stopping" if reason == "SIGINT" else f"Stopping: {reason}", flush=True)
