"""Each program, as it is shipped, refuses a bad ring in seconds: named, and not shown.

Real processes. By default each fault meets two of the programs; STARTS=all tries every pair.
"""

import base64
import os
import resource
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from clevertap_bq.local import programs
from clevertap_bq.local.folder import Folder
from tests.harness import environment, servers

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 5.0
MISSING = "CREDENTIAL_RING is not set"
ADR = ROOT / "docs" / "adr" / "0004-secret-storage.md"


def key_text(size: int = 32) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def documented_sample() -> str:
    (line,) = [line for line in ADR.read_text().splitlines() if "CREDENTIAL_RING=k1:" in line]
    return line.strip().partition("=")[2]


SAME = key_text()
# Fault: the ring, and what is said of it.
RINGS = {
    "missing": ("", MISSING),
    "short": (f"k1:{key_text(16)}", "CREDENTIAL_RING: entry 1 is not the base64 of exactly 32"),
    "sample": (documented_sample(), "CREDENTIAL_RING: entry 1 is a sample"),
    "all equal": ("k1:" + base64.b64encode(b"\x07" * 32).decode(), "CREDENTIAL_RING: entry 1 is a"),
    "id twice": (f"k1:{key_text()},k1:{key_text()}", "CREDENTIAL_RING: entry 2 repeats an earlier"),
    "bytes twice": (f"k1:{SAME},k2:{SAME}", "CREDENTIAL_RING: entry 2 repeats an earlier"),
    "unknown id": (f"k2:{key_text()}", "CREDENTIAL_RING: connections_storedkey.sealed_key has"),
    "other bytes": (f"k1:{key_text()}", "CREDENTIAL_RING: the key k1 does not open"),
}
# `check` reads settings only; the rows are looked at by what runs.
OF_ROWS = ("unknown id", "other bytes")
PROGRAMS = ("check", "prepare", "web", "worker-probe", "worker-import", "tick")
EVERY = [
    (fault, program)
    for fault in RINGS
    for program in PROGRAMS
    if not (program == "check" and fault in OF_ROWS)
]
# Every fault twice, every program at least twice, the two that need rows on all kinds.
FEW = [
    *[("missing", "web"), ("missing", "tick"), ("short", "worker-probe"), ("short", "check")],
    *[("sample", "web"), ("sample", "check"), ("all equal", "tick"), ("id twice", "worker-import")],
    *[("bytes twice", "web"), ("unknown id", "web"), ("unknown id", "worker-probe")],
    ("unknown id", "prepare"),
    *[("unknown id", "tick"), ("other bytes", "web"), ("other bytes", "tick")],
]
PAIRS = EVERY if os.environ.get("STARTS") == "all" else FEW


@pytest.fixture(scope="module")
def environs(tmp_path_factory) -> dict[str, str]:
    """A migrated database with one stored key, sealed under ``k1``, and a ring that opens it."""
    folder = tmp_path_factory.mktemp("start")
    environs = environment.like_production(environment.for_checks(folder))
    environs |= {
        "DATABASE_URL": os.environ.get("STARTS_DATABASE_URL", f"sqlite:///{folder / 'db.sqlite3'}"),
        "CREDENTIAL_RING": f"k1:{key_text()}",
        "REDIS_URL": f"redis://127.0.0.1:{servers.free_port()}/0",
        "LOG_JSON": "0",
    }
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", STORE_A_KEY]
    subprocess.run(command, cwd=ROOT, env=environs, check=True, timeout=300)
    return environs


STORE_A_KEY = """
from django.core.management import call_command
from tests.factories import StoredKeyFactory
call_command("migrate", verbosity=0)
StoredKeyFactory()
"""


def command_of(program: str, folder: Path) -> list[str]:
    """The supervisor's own, which a test of its own keeps equal to the compose file's."""
    if program == "check":
        return [sys.executable, "manage.py", "check", "--deploy"]
    if program == "prepare":
        return [sys.executable, "-m", "clevertap_bq.local.prepare"]
    shipped = programs.every_program(
        Folder(folder),
        web_port=servers.free_port(),
        sandbox_port=0,
        storage_port=0,
        own_broker=True,
    )
    (found,) = [one for one in shipped if one.name == program]
    return list(found.command)


class Ended(NamedTuple):
    code: int
    output: str
    seconds: float
    cpu_seconds: float


def start(command: list[str], environs: dict[str, str]) -> Ended:
    """Start the program and wait for its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env=environs,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    text = answer.stdout + answer.stderr
    return Ended(answer.returncode, text, time.monotonic() - began, cpu)


def secrets_in(ring: str) -> list[str]:
    """Six letters of each key are enough to know it by."""
    return [entry.partition(":")[2][:6] for entry in ring.split(",") if ":" in entry]


def from_file(path: Path, ring: str, environs: dict[str, str]) -> dict[str, str]:
    """The same environment, with the ring in a file of one's own."""
    path.write_text(ring)
    path.chmod(0o600)
    rest = {name: value for name, value in environs.items() if name != "CREDENTIAL_RING"}
    return rest | {"CREDENTIAL_RING_FILE": str(path)}


@pytest.mark.parametrize(("fault", "program"), PAIRS)
def test_refuses_to_start(fault: str, program: str, environs, tmp_path):
    ring, said = RINGS[fault]
    ended = start(command_of(program, tmp_path), environs | {"CREDENTIAL_RING": ring})

    print(f"{ended.seconds:.1f} s, {ended.cpu_seconds:.1f} s of CPU")  # noqa: T201
    assert ended.code != 0
    assert said in ended.output
    assert [piece for piece in secrets_in(ring) if piece in ended.output] == []
    assert "Traceback" not in ended.output or fault == "missing"
    assert ended.cpu_seconds < SECONDS  # of its own work, whatever else the machine does


def test_reads_the_ring_from_a_file_and_refuses_it_by_the_same_name(environs, tmp_path):
    given = from_file(tmp_path / "ring", RINGS["short"][0] + "\n", environs)
    ended = start(command_of("check", tmp_path), given)

    assert ended.code != 0
    assert RINGS["short"][1] in ended.output


def test_names_the_setting_when_its_file_is_not_there(environs, tmp_path):
    given = environs | {"CREDENTIAL_RING_FILE": str(tmp_path / "nothing")}
    ended = start(command_of("tick", tmp_path), given)

    assert ended.code != 0
    assert "CREDENTIAL_RING_FILE points to a file that cannot be read" in ended.output


def test_opens_what_is_stored_with_a_ring_of_two_lines_from_a_file(environs, tmp_path):
    """What every refusal is compared with."""
    ring = f"k2:{key_text()}\n{environs['CREDENTIAL_RING']}\n"
    given = from_file(tmp_path / "ring", ring, environs)
    ended = start([sys.executable, "manage.py", "credentials", "verify"], given)

    assert (ended.code, ended.output) == (0, "Every sealed value opens.\n")
