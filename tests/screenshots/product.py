"""A product of its own for the pictures, as `make run` starts it, and nothing left of it after."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from clevertap_bq.local import launcher
from clevertap_bq.local.folder import open_folder
from tests.browser.conftest import PASSED_ON, ROOT, Product, Sandbox
from tests.harness.servers import LOOPBACK, free_port

READY = "Ctrl-C stops everything"
SECONDS_TO_START, SECONDS_TO_STOP = 120, 40


class DidNotStart(Exception):
    """The product does not start here; the message is what it said itself."""


@contextmanager
def running(folder: Path) -> Iterator[Product]:
    """Everything of `make run` on free ports, with its data in ``folder``.

    Only what a person's shell has is passed on: never this person's own DATABASE_URL, into
    which a made-up company would be written.
    """
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "clevertap_bq.local", "run"],
        cwd=ROOT,
        env=_given(folder) | ports,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C comes to us; we stop it in order
    )
    try:
        output = _wait_until_ready(process)
        yield _product(folder, ports, output)
    finally:
        _stop(process)


def in_the_product(product: Product, module: str, function: str) -> None:
    """Call a function of ours with the product's own settings and database."""
    ports = [int(url.rpartition(":")[2]) for url in (product.url, product.sandbox.url)]
    given = _given(product.folder)
    local = launcher.read_environment(given, open_folder(product.folder), *ports)
    code = f"from {module} import {function}; {function}()"
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
        cwd=ROOT,
        env=local,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{module}.{function}: {answer.stderr}"


def _given(folder: Path) -> Mapping[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed, "DATA_DIR": str(folder), "TICK_SECONDS": "2"}


def _wait_until_ready(process: subprocess.Popen[str]) -> list[str]:
    output: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        with suppress(ValueError):  # closed while we were reading
            for line in process.stdout or ():
                output.append(line)
                if READY in line:
                    ready.set()
        ready.set()

    threading.Thread(target=listen, daemon=True).start()
    if not ready.wait(SECONDS_TO_START) or not any(READY in line for line in output):
        raise DidNotStart("".join(output).strip() or "It said nothing.")
    return output


def _product(folder: Path, ports: Mapping[str, str], output: list[str]) -> Product:
    link = re.search(r"http://\S+/sign-in/link/\S+", "".join(output))
    if link is None:
        raise DidNotStart("No sign-in link was printed:\n" + "".join(output))
    url, sandbox = (f"http://{LOOPBACK}:{ports[name]}" for name in ("PORT", "SANDBOX_PORT"))
    return Product(url, link.group(), Sandbox(sandbox), folder, output)


def _stop(process: subprocess.Popen[str]) -> None:
    for number, patience in ((signal.SIGTERM, SECONDS_TO_STOP), (signal.SIGKILL, 5)):
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            if number == signal.SIGTERM:
                process.send_signal(number)
            else:
                os.killpg(process.pid, number)
            process.wait(patience)
            break
    if process.stdout:
        process.stdout.close()
