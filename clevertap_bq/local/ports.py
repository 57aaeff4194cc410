"""Ports on this machine: are they free, and which one has the broker."""

import os
import random
import socket
from collections.abc import Mapping
from pathlib import Path

from clevertap_bq.local.refusal import Refusal

LOOPBACK = "127.0.0.1"
_OURS = (20_000, 32_000)
# Apart from the broker's, so that two that are chosen at one start never meet.
_OF_THE_SANDBOX = (32_001, 32_700)


def chosen(variable: str, default: int, environment: Mapping[str, str]) -> int:
    """The port that the variable names.

    Raises:
        Refusal: not a port number, or taken.
    """
    raw = environment.get(variable, "").strip() or str(default)
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 65535:
        raise Refusal(f"{variable}={raw} is not a port. Choose a number from 1024 to 65535.")
    port = int(raw)
    if port < 1024 and os.geteuid() != 0:
        raise Refusal(f"Port {port} is for root only. Choose {variable} from 1024 to 65535.")
    if not is_free(port):
        raise Refusal(f"Port {port} is taken. Choose another: `make run {variable}={port + 10}`.")
    return port


def two_chosen(environment: Mapping[str, str]) -> tuple[int, int]:
    """The ports of the dashboard and of the sandbox.

    Raises:
        Refusal: as `chosen`, or both are the same.
    """
    web = chosen("PORT", 8000, environment)
    sandbox = chosen("SANDBOX_PORT", 8001, environment)
    if web == sandbox:
        raise Refusal(f"PORT and SANDBOX_PORT are both {web}. Give each its own.")
    return web, sandbox


def is_free(port: int) -> bool:
    """Can a server listen here? A closing connection does not count as taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def remembered(path: Path, within: tuple[int, int] = _OURS, taken: tuple[int, ...] = ()) -> int:
    """The port in the file while it is free, else a new one, which the file then holds."""
    try:
        port = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        port = 0
    if port in taken or not (1024 <= port <= 65535 and is_free(port)):
        port = any_free(within, taken)
        path.write_text(f"{port}\n", encoding="ascii")
    return port


def for_storage(path: Path, taken: tuple[int, ...]) -> int:
    """The port of the sandbox's Storage Read API, which nobody types: kept over starts."""
    return remembered(path, _OF_THE_SANDBOX, taken)


def any_free(within: tuple[int, int] = _OURS, taken: tuple[int, ...] = ()) -> int:
    """A port that nothing listens on, below those that outgoing connections are given."""
    choice = random.SystemRandom()
    for _ in range(200):
        port = choice.randint(*within)
        if port not in taken and is_free(port):
            return port
    first, last = within
    raise Refusal(f"No free port was found from {first} to {last}. Stop what holds them.")
