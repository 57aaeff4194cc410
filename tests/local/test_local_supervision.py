"""Programs end with whoever started them, however that ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clevertap_bq.local import broker, programs
from clevertap_bq.local.environment import environment
from clevertap_bq.local.folder import Folder
from clevertap_bq.local.keys import make_missing
from clevertap_bq.local.programs import Program
from clevertap_bq.local.supervision import TOO_MANY_STARTS, Supervision

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
Processes = Callable[[Path], list[int]]
Wait = Callable[..., bool]


def supervision_of(folder: Folder, *extra: Program) -> Supervision:
    keys = make_missing(folder)
    local = environment(
        os.environ,
        folder=folder,
        keys=keys,
        redis_url_file=broker.configure(folder, keys),
        web_port=1,
        sandbox_port=2,
    )
    server = (str(broker.binary()), str(broker.configuration(folder)))
    every = [Program("broker", server, group="broker", folder=folder.broker), *extra]
    return Supervision(folder, programs.write(folder, every), local)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def supervisor_pid(folder: Folder) -> int:
    return int((folder.run / "supervisord.pid").read_text())


def test_a_stop_ends_even_a_program_that_is_deaf(
    folder: Folder, processes_of: Processes, wait_until: Wait
):
    deaf = Program("deaf", python(DEAF), seconds_to_stop=2)
    with supervision_of(folder, deaf) as supervision:
        assert wait_until(lambda: len(processes_of(folder.path)) == 3)
        assert supervision.trouble() is None
    assert processes_of(folder.path) == []


def test_the_look_at_processes_sees_the_broker_too(
    folder: Folder, processes_of: Processes, wait_until: Wait
):
    with supervision_of(folder):
        log = folder.logs / "broker.log"
        assert wait_until(lambda: log.exists() and "Ready to accept" in log.read_text())
        assert len(processes_of(folder.path)) == 2


def test_the_broker_is_the_last_to_stop(folder: Folder, wait_until: Wait, processes_of: Processes):
    deaf = Program("deaf", python(DEAF), seconds_to_stop=2)
    with supervision_of(folder, deaf):
        assert wait_until(lambda: len(processes_of(folder.path)) == 3)
    log = (folder.logs / "supervisor.log").read_text()
    assert 0 < log.index("stopped: deaf") < log.index("stopped: broker")


def test_nothing_outlives_a_supervisor_that_was_killed(
    folder: Folder, processes_of: Processes, wait_until: Wait
):
    with supervision_of(folder, Program("deaf", python(DEAF))) as supervision:
        assert wait_until(lambda: len(processes_of(folder.path)) == 3)
        os.kill(supervisor_pid(folder), signal.SIGKILL)
        assert wait_until(lambda: processes_of(folder.path) == [])
        assert "supervisor ended" in str(supervision.trouble())


def test_a_program_that_keeps_ending_is_named_with_its_log(folder: Folder, wait_until: Wait):
    broken = Program("broken", python("raise SystemExit('the reason')"))
    with supervision_of(folder, broken) as supervision:
        assert wait_until(supervision.trouble, seconds=120)
        log = folder.logs / "broken.log"
        assert supervision.trouble() == f"The program broken keeps ending. Its log says why: {log}"
    assert log.read_text().splitlines() == ["the reason"] * TOO_MANY_STARTS


def test_a_program_that_ended_once_is_started_again(folder: Folder, wait_until: Wait):
    flag = folder.path / "seen"
    code = f"import pathlib, sys, time; p = pathlib.Path({str(flag)!r})\n"
    code += "p.exists() or (p.touch(), sys.exit(1)); print('again', flush=True); time.sleep(600)"
    with supervision_of(folder, Program("once", python(code))) as supervision:
        log = folder.logs / "once.log"
        assert wait_until(lambda: log.exists() and "again" in log.read_text())
        assert supervision.trouble() is None


def test_a_program_whose_parent_is_gone_does_not_start(folder: Folder):
    listing = programs.write(folder, [Program("late", python("print('started')"))])
    result = subprocess.run(
        programs.start_command(listing, "late"),
        env={**os.environ, "CLEVERTAP_BQ_PARENT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
