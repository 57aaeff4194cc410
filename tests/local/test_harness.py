"""The runner of `make test`: a failure never hides, a server never stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests.harness import browser, environment, servers, terminal
from tests.harness.runner import Outcome, run_all, run_at_once
from tests.harness.spread import SLOW, in_order, owns_no_process, piece_of
from tests.harness.steps import ROOT, Step

XML = (
    "<testsuites><testsuite tests='5' failures='1' errors='1' skipped='1'></testsuite></testsuites>"
)
WRITES_REPORT = "import sys; open(sys.argv[1].partition('=')[2], 'w').write({!r}); sys.exit(1)"


def step(name: str, code: str, *, is_pytest: bool = False) -> Step:
    return Step(name, [sys.executable, "-c", code], dict(os.environ), is_pytest=is_pytest)


def run(tmp_path: Path, *steps: Step) -> Outcome:
    outcome = Outcome()
    run_all(steps, outcome, tmp_path, first=1, total=len(steps))
    return outcome


def test_the_rest_runs_after_a_step_that_failed(tmp_path: Path):
    outcome = run(tmp_path, step("bad", "raise SystemExit(3)"), step("good", "pass"))
    assert (outcome.failed, outcome.passed) == (["bad"], 1)


def test_shows_the_output_of_a_failed_step_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run(tmp_path, step("a", "print('quiet')"), step("b", "print('loud'); raise SystemExit(1)"))
    said = capsys.readouterr().out
    assert "loud" in said
    assert "quiet" not in said


def test_steps_at_once_are_told_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    begun = str(tmp_path / "begun")
    waits = f"import os, time\nwhile not os.path.exists({begun!r}): time.sleep(0.01)\n"
    first = waits + "print('one'); raise SystemExit(1)"
    second = f"open({begun!r}, 'w'); print('two'); raise SystemExit(1)"
    outcome = Outcome()
    steps = [step("a", first), step("b", second), step("c", "pass")]
    run_at_once(steps, outcome, tmp_path, first=1, total=3, most=2)
    said = capsys.readouterr().out
    assert (outcome.failed, outcome.passed) == (["a", "b"], 1)
    assert [word for word in said.split() if word in ("a", "one", "b", "two", "c")] == (
        ["a", "one", "b", "two", "c"]
    )


def test_adds_up_what_pytest_counted(tmp_path: Path):
    outcome = run(tmp_path, step("tests", WRITES_REPORT.format(XML), is_pytest=True))
    assert outcome.counts == {"failed": 1, "errors": 1, "skipped": 1, "passed": 2}


def test_a_pytest_that_dies_without_a_report_is_an_error(tmp_path: Path):
    outcome = run(tmp_path, step("tests", "raise SystemExit(0)", is_pytest=True))
    assert outcome.counts["errors"] == 1


def test_says_at_the_end_which_tests_failed_and_why_in_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    broken = "<failure message='AssertionError: 1 is not 2&#10;and more'>the whole story</failure>"
    case = "<testcase classname='tests.web.test_a.TestB' name='test_{}'>{}</testcase>"
    cases = "".join(case.format(number, broken) for number in range(25))
    cases += case.format("good", "") + "<testcase classname='' name='tests.x'><error/></testcase>"
    outcome = run(tmp_path, step("flow", WRITES_REPORT.format(f"<a>{cases}</a>"), is_pytest=True))
    terminal.listing(outcome.troubles)
    first, *_, last = capsys.readouterr().out.partition("- ")[2].splitlines()
    assert first == "flow: tests/web/test_a.py::TestB::test_0: AssertionError: 1 is not 2"
    assert last == "- and 6 more"
    assert outcome.troubles[-1] == "flow: tests.x: error"


def test_a_pytest_that_was_ended_is_told_at_the_end_too(tmp_path: Path):
    outcome = run(tmp_path, step("flow", "raise SystemExit(1)", is_pytest=True))
    assert outcome.troubles == ["flow: pytest ended without a report"]


def test_what_takes_long_is_given_out_first_and_then_what_is_large():
    given = ["tests/web/a.py::one", "tests/web/b.py::one", "tests/web/b.py::two", f"{SLOW[3]}::x"]
    assert [given[position] for position in in_order(given)] == [given[3], *given[1:3], given[0]]


def test_every_file_that_is_given_out_first_is_there():
    assert [name for name in SLOW if not (ROOT / name).exists()] == []


def test_a_pass_over_processes_reads_only_files_with_such_tests_or_the_one_it_was_given():
    without, real = Path(__file__).with_name("test_local_folder.py"), Path(__file__)
    assert owns_no_process(without, ["tests"])
    assert not owns_no_process(real, ["tests"])
    assert not owns_no_process(without, [f"tests/local/{without.name}::test_x"])
    assert not owns_no_process(without.parent, ["tests"])


def test_no_mark_of_processes_is_given_where_the_file_does_not_say_so():
    marks = ("add_marker", "pytestmark")
    given = [path for path in (ROOT / "tests").rglob("conftest.py")
             if any(word in path.read_text() for word in marks)]  # fmt: skip
    assert given == []


@pytest.mark.parametrize("refused", ["1", ""])
def test_what_is_compiled_is_kept_for_the_run_where_it_may_not_be_kept(
    refused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", refused)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    given = environment.for_checks(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in given
    kept = str(tmp_path / "bytecode") if refused else None
    assert given.get("PYTHONPYCACHEPREFIX") == kept


def test_a_world_is_one_piece_of_work_and_a_product_only_where_it_has_few_tests():
    chaos, browser = "tests/chaos/test_stops.py::x", "tests/browser/test_events.py::x"
    assert piece_of(chaos, one_product=False) == piece_of(chaos, one_product=True) == "tests/chaos/"
    assert piece_of(browser, one_product=False) == "tests/browser/test_events.py"
    assert piece_of(browser, one_product=True) == "tests/browser/"


def test_a_pass_without_any_test_fails(tmp_path: Path):
    assert run(tmp_path, step("tests", "raise SystemExit(5)", is_pytest=True)).failed == ["tests"]


def test_closes_as_pytest_does():
    line = terminal.pytest_style({"failed": 1, "passed": 2, "skipped": 0}, 3.0)
    assert line.strip("=") == " 1 failed, 2 passed in 3.00s "


def test_names_what_is_missing_where_nothing_can_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(
        browser.BrowserMissing, match="`sudo apt-get install chromium-headless-shell`"
    ):
        browser.chromium(tmp_path / "log")


def test_a_browser_that_does_not_start_counts_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(
        browser.BrowserMissing, match="need chromium-headless-shell, which is not here"
    ):
        browser.chromium(tmp_path / "log")


def test_says_so_when_the_installation_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho no route to the archive\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(browser.BrowserMissing, match="no route to the archive"):
        browser.chromium(tmp_path / "log")


def test_refuses_a_chromium_that_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(browser.BrowserMissing, match="is not a program"):
        browser.chromium(tmp_path / "log")


def test_the_redis_server_is_gone_after_a_failure():
    broken = pytest.raises(RuntimeError, match="broken")
    with broken, servers.redis_server() as address:
        assert redis.Redis.from_url(address).ping()
        raise RuntimeError("broken")
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(address).ping()


def test_a_redis_client_without_the_password_is_refused():
    with servers.redis_server() as address, pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(address.rpartition(":")[2].partition("/")[0])).ping()


@pytest.mark.services
def test_the_postgres_server_is_gone_after_a_failure():
    broken = pytest.raises(RuntimeError, match="broken")
    with broken, servers.postgres_server_of_our_own() as address:
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT lower('ÄÖ')").fetchone() == ("äö",)
        raise RuntimeError("broken")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, connect_timeout=2)


def test_says_why_a_server_did_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho no memory left\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    refused = pytest.raises(servers.ServerFailed, match="did not start: no memory left")
    with refused, servers.redis_server():
        pytest.fail("it started")


def test_a_stop_ends_every_step_that_runs(tmp_path: Path, wait_until):
    markers = [tmp_path / "first", tmp_path / "second"]
    code = "import os, time, pathlib; pathlib.Path({!r}).write_text(str(os.getpid()))\n"
    codes = [code.format(str(marker)) + "time.sleep(600)" for marker in markers]
    script = (
        "import os, signal, sys; from pathlib import Path; from tests.harness.runner import *\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"steps = [Step(str(len(c)), [sys.executable, '-c', c], dict(os.environ)) for c in {codes!r}]\n"
        f"run_at_once(steps, Outcome(), Path({str(tmp_path)!r}), first=1, total=2, most=2)"
    )
    runner = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: all(one.exists() and one.read_text() for one in markers))
    runner.send_signal(signal.SIGINT)
    assert runner.wait(60) != 0
    processes = [Path(f"/proc/{marker.read_text()}") for marker in markers]
    assert wait_until(lambda: not any(process.exists() for process in processes))
