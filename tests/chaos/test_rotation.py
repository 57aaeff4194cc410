"""The ring is rotated, killed again and again, while another process goes on sealing.

ROTATED_ROWS=10000 ROTATION_KILLS=20 is the full form (CONTRIBUTING).
"""

import base64
import os
import random
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from connections import encryption
from connections.models import StoredKey
from tests.chaos.ring_writer import described
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]
ROWS = int(os.environ.get("ROTATED_ROWS") or 400)
KILLS = int(os.environ.get("ROTATION_KILLS") or 3)
LIMIT_SECONDS = 60 + ROWS / 20
ROTATE = (sys.executable, "manage.py", "credentials", "rotate")

pytestmark = pytest.mark.django_db(transaction=True)


def entry(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture
def ring(settings) -> str:
    """Rows under ``old``; then every process gets ``new`` in front."""
    old = settings.CREDENTIAL_RING = entry("old")
    by = UserFactory(admin=True)
    rows = [StoredKey(uploaded_by=by, **described(uuid.uuid4(), 0)) for _ in range(ROWS)]
    StoredKey.objects.bulk_create(rows, batch_size=500)
    settings.CREDENTIAL_RING = f"{entry('new')}\n{old}"
    return settings.CREDENTIAL_RING


@pytest.fixture
def environs(ring: str) -> dict[str, str]:
    """The same database for other processes: the one of this test."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        address = f"sqlite:///{found['NAME']}"
    else:
        people = f"{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}"
        address = f"postgres://{people}/{found['NAME']}"
    return os.environ | {"DATABASE_URL": address, "CREDENTIAL_RING": ring}


@contextmanager
def writer(environs: dict[str, str], folder: Path) -> Iterator[dict[str, int]]:
    """A process that goes on sealing; what it committed is known once it has ended."""
    stop, log, written = folder / "stop", folder / "written", {}
    with log.open("wb") as target:
        command = [sys.executable, "-u", "-m", "tests.chaos.ring_writer", str(stop)]
        process = subprocess.Popen(command, cwd=ROOT, env=environs, stdout=target)
    try:
        wait_until(lambda: log.stat().st_size > 0)
        yield written
    finally:
        stop.touch()
        code = process.wait(60)
    assert code == 0, "the writer failed instead of waiting"
    for line in log.read_text().splitlines():
        row, _, number = line.partition(" ")
        written[row] = int(number)


def wait_until(true) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def under_old() -> int:
    return StoredKey.objects.filter(sealed_key__startswith="v1.old.").count()


def killed_at(left: int, environs: dict[str, str]) -> bool:
    """Rotate until at most ``left`` values are under the old key, then kill it on the spot."""
    process = subprocess.Popen(
        ROTATE, cwd=ROOT, env=environs, stdout=subprocess.DEVNULL, start_new_session=True
    )
    wait_until(lambda: under_old() <= left or process.poll() is not None)
    time.sleep(random.uniform(0, 0.01))
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    return was_running


def opened_wrongly(written: dict[str, int]) -> list[str]:
    """Rows that do not open, or open to something else than was sealed last."""
    wrong = []
    for key in StoredKey.objects.all().iterator(chunk_size=500):
        number = written.get(str(key.pk), 0)
        if key.sealed_key is None:
            wrong += [str(key.pk)] if number else []
            continue
        plain = encryption.open_sealed(key.sealed_key, StoredKey.seal_context(key.pk)).reveal()
        if plain.split()[:2] != [str(key.pk), str(number)]:
            wrong.append(str(key.pk))
    return wrong


def test_kills_leave_nothing_unreadable_and_nothing_behind(environs, tmp_path):
    began, killed, left_by_kills = time.monotonic(), 0, []
    with writer(environs, tmp_path) as written:
        for turn in range(KILLS):
            start = under_old()
            left = start - max(1, start // (KILLS - turn + 1)) + random.randint(0, 5)
            killed += killed_at(max(1, left), environs)
            left_by_kills.append(under_old())
        ended = subprocess.run(
            ROTATE, cwd=ROOT, env=environs, capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
    print(  # noqa: T201
        f"{connection.vendor}: {ROWS} values, killed {killed} times, which left {left_by_kills}; "
        f"{len(written)} written meanwhile; {time.monotonic() - began:.1f} s"
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert (killed, under_old()) == (KILLS, 0)
    # On a quick machine the last of the kills may come when the last value has been moved.
    assert any(0 < left < ROWS for left in left_by_kills), "no kill came in the middle"
    assert written
    assert opened_wrongly(written) == []
    assert not encryption.current_ring().lost


def test_two_rotations_at_once_disturb_neither_each_other_nor_a_value(environs, tmp_path):
    both = [
        subprocess.Popen(ROTATE, cwd=ROOT, env=environs, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]

    assert [process.wait(LIMIT_SECONDS) for process in both] == [0, 0]
    assert under_old() == 0
    assert opened_wrongly({}) == []
