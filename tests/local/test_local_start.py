"""`make run` as a stranger sees it: one command, one link, one Ctrl-C."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from clevertap_bq.local import ports

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops everything"
OF_THE_HARNESS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CREDENTIAL_RING", "STATIC_ROOT")
Processes = Callable[[Path], list[int]]


@dataclass
class Installation:
    data_dir: Path
    port: int
    sandbox_port: int

    @property
    def environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if name not in OF_THE_HARNESS}
        return mine | {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
        }

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        process = launch(self, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)

    def get(self, path: str, port: int | None = None) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = dict(answer.getheaders())
        connection.close()
        return answer.status, headers

    def signs_in(self, path: str) -> bool:
        """Opens the link as a browser does, presses its button, and looks where that leads."""
        address = f"http://127.0.0.1:{self.port}{path}"
        browser = request.build_opener(request.HTTPCookieProcessor())
        try:
            with browser.open(address) as page:
                token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
        except HTTPError as refused:
            refused.close()
            return False
        if token is None:
            return False
        form = urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        with browser.open(address, form) as page:
            return "/sign-in/" not in page.url


def launch(installation: Installation, **streams: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "clevertap_bq.local", "run"]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, text=True, **streams)


def ask_for_a_link(
    installation: Installation, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clevertap_bq.local", "sign-in-link"],
        cwd=ROOT,
        env=installation.environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if READY in line:
            return seen
    return pytest.fail(f"It ended before it was ready: {seen}")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "it's here", ports.any_free(), ports.any_free())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """One that runs, and what it said: for the tests that only look."""
    folder = tmp_path_factory.mktemp("running") / "it's here"
    installation = Installation(folder, ports.any_free(), ports.any_free())
    with installation.started() as process:
        yield installation, read_until_ready(process)


def test_one_command_gives_a_dashboard_and_a_sandbox(running: tuple[Installation, str]):
    installation, said = running
    assert f"Dashboard  http://127.0.0.1:{installation.port}\n" in said
    assert installation.get("/healthz")[0] == 200
    assert installation.get("/healthz", installation.sandbox_port)[0] == 200


def test_the_link_signs_in_once(running: tuple[Installation, str]):
    installation, said = running
    path = re.findall(r"Sign in\s+http://127\.0\.0\.1:\d+(/\S+)", said)[0]
    assert installation.signs_in(path)
    assert not installation.signs_in(path)


def test_a_fresh_link_can_be_had_while_it_runs(running: tuple[Installation, str]):
    installation, _ = running
    before = (installation.data_dir / "secrets" / "redis_url").read_text()
    result = ask_for_a_link(installation)
    assert result.returncode == 0, result.stderr
    address = f"http://127.0.0.1:{installation.port}"
    assert result.stdout.startswith(f"{address}/")
    assert installation.signs_in(result.stdout.strip().removeprefix(address))
    assert (installation.data_dir / "secrets" / "redis_url").read_text() == before


def test_a_link_for_somebody_unknown_is_one_sentence(running: tuple[Installation, str]):
    result = ask_for_a_link(running[0], EMAIL="nobody@shop.example")
    assert result.returncode == 2
    assert "There is nobody with the e-mail address nobody@shop.example" in result.stderr
    assert "Traceback" not in result.stderr


def test_every_part_was_seen_at_work(running: tuple[Installation, str], wait_until):
    assert wait_until(lambda: running[0].get("/readyz")[0] == 200, seconds=120)


def test_refuses_a_second_start_in_the_same_folder(running: tuple[Installation, str]):
    installation, _ = running
    elsewhere = Installation(installation.data_dir, ports.any_free(), ports.any_free())
    second = launch(elsewhere, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    sentence = second.communicate(timeout=120)[1]
    assert second.returncode == 2
    assert sentence.startswith(f"Something is already running in {installation.data_dir}.")
    assert installation.get("/healthz")[0] == 200


def test_refuses_a_port_that_another_installation_has(
    running: tuple[Installation, str], installation: Installation
):
    taken = running[0].port
    installation.port = taken
    second = launch(installation, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert second.communicate(timeout=120)[1].startswith(f"Port {taken} is taken.")
    assert second.returncode == 2


def test_no_secret_stands_on_a_command_line_or_in_a_log(
    running: tuple[Installation, str], processes_of: Processes
):
    data_dir = running[0].data_dir
    shown = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(data_dir)]
    shown += [path.read_bytes() for path in (data_dir / "logs").iterdir()]
    for path in (data_dir / "secrets").iterdir():
        assert path.read_bytes().strip() not in b"".join(shown)


def test_ctrl_c_leaves_no_process_and_a_second_start_keeps_the_data_and_is_quick(
    installation: Installation, processes_of: Processes, wait_until
):
    data_dir = installation.data_dir
    with installation.started() as process:
        read_until_ready(process)
        assert len(processes_of(data_dir)) > 6
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
    assert processes_of(data_dir) == []
    secrets = {path: path.read_bytes() for path in (data_dir / "secrets").iterdir()}
    with installation.started() as process:
        read_until_ready(process)
        assert seconds_of_work([process.pid, *processes_of(data_dir)]) < 20  # on two cores: 10
        assert secrets == {path: path.read_bytes() for path in secrets}
        assert (data_dir / "db.sqlite3").stat().st_size > 0
        process.kill()  # the launcher alone: whatever it started ends by itself
        assert wait_until(lambda: processes_of(data_dir) == [])


def seconds_of_work(pids: list[int]) -> float:
    """What these processes, and those that they waited for, have had of the processors."""
    spent = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in set(pids)]
    return sum(int(part) for one in spent for part in one[11:15]) / os.sysconf("SC_CLK_TCK")


def test_two_installations_run_side_by_side_and_the_one_that_gets_sigterm_ends(
    running: tuple[Installation, str], installation: Installation, processes_of: Processes
):
    first = running[0]
    with installation.started() as second:
        read_until_ready(second)
        assert installation.get("/healthz")[0] == first.get("/healthz")[0] == 200
    rings = [each.data_dir / "secrets" / "credential_ring" for each in (installation, first)]
    assert rings[0].read_text() != rings[1].read_text()
    assert processes_of(installation.data_dir) == []
    assert first.get("/healthz")[0] == 200


def test_a_database_that_is_away_is_one_sentence(installation: Installation):
    away = f"postgres://nobody:nothing@127.0.0.1:{ports.any_free()}/none"
    result = subprocess.run(
        [sys.executable, "-m", "clevertap_bq.local", "run"],
        cwd=ROOT,
        env=installation.environment | {"DATABASE_URL": away},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert result.returncode == 2
    assert result.stderr == (
        "The database does not answer. Check DATABASE_URL, and that its server runs.\n"
    )


def test_a_link_asked_for_before_anything_was_started_says_what_to_do(
    installation: Installation,
):
    result = ask_for_a_link(installation)
    assert result.returncode == 2
    assert "Start it with `make run`" in result.stderr
    assert not installation.data_dir.exists()
