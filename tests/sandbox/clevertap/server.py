"""The whole sandbox behind a real uvicorn server on a free loopback port."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from sandbox.app import create_app, open_state
from sandbox.state import SandboxState


@contextmanager
def running_sandbox(folder: Path) -> Iterator[SandboxState]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        state = open_state(folder, address)
        server = uvicorn.Server(uvicorn.Config(create_app(state), log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        _until_started(server, thread)
        try:
            yield state
        finally:
            server.should_exit = True
            thread.join(10)


def _until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 30
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the sandbox did not start"
