"""`python -m sandbox --port N --data-dir DIR`: serves the sandbox on 127.0.0.1 until stopped."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from sandbox.app import create_app
from sandbox.google.storage.server import StorageServer
from sandbox.google.warehouse import WarehouseBusy
from sandbox.state import open_state

HOST = "127.0.0.1"
_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Says that it is ready, once, when it is."""

    address = ""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on either signal and end with status 0; uvicorn would raise it once more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"The sandbox is ready at {self.address}\n")
        sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 after a stop, 2 when it cannot start."""
    options = _options(arguments)
    os.umask(0o077)
    try:
        listener = _bind(options.port)
    except OSError:
        return _refuse(f"Port {options.port} on {HOST} is taken: choose another with --port.")
    address = f"http://{HOST}:{listener.getsockname()[1]}"
    try:
        storage = StorageServer(_storage_port(options))
    except OSError:
        return _refuse(
            f"Port {_storage_port(options)} on {HOST} is taken: choose another with --storage-port."
        )
    try:
        state = open_state(options.data_dir.resolve(), address)
    except WarehouseBusy as refused:
        return _refuse(f"{refused} Stop it, or choose another folder with --data-dir.")
    except OSError as refused:
        why = refused.strerror or str(refused)
        return _refuse(f"The folder {options.data_dir} cannot be used: {why}.")
    config = uvicorn.Config(
        create_app(state, storage),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=75,  # longer than clients keep an idle connection
    )
    server = _Server(config)
    server.address = address
    asyncio.run(server.serve(sockets=[listener]))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8001, help="0 takes any free port")
    parser.add_argument(
        "--storage-port",
        type=int,
        help="for the Storage Read API: the port after --port unless said; 0 takes any free port",
    )
    parser.add_argument("--data-dir", type=Path, default=Path("var/sandbox"))
    return parser.parse_args(arguments)


def _storage_port(options: argparse.Namespace) -> int:
    if options.storage_port is not None:
        return int(options.storage_port)
    return int(options.port) + 1 if options.port else 0


def _bind(port: int) -> socket.socket:
    # With its protocol named: asyncio lets small answers leave at once only on such a socket. Else
    # each waits 40 ms for the other side's acknowledgement of the head before it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
