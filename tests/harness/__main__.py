"""`python -m tests.harness test|check|fix|bench|chaos|live [arguments]`: what the Makefile calls."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.harness import browser, environment, servers, steps, terminal
from tests.harness.runner import Outcome, note, run_all, run_at_once

COMMANDS = ("test", "check", "fix", "bench", "chaos", "live")
LIVE = ("LIVE_KEY_FILE", "LIVE_DATASET", "LIVE_TABLE")


def main(arguments: list[str]) -> int:
    # Also where the caller ignores SIGINT, as a shell does for what it puts in the background.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    command, chosen = arguments[0], arguments[1:]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clevertap-bq-test-") as name:
        folder = Path(name)
        try:
            if command == "test":
                return _test(folder, chosen, began)
            if command == "bench":
                return _bench(folder, chosen)
            if command == "chaos":
                return _chaos(folder, chosen)
            if command == "live":
                return _live(folder, chosen)
            return _checks_only(folder, command)
        except servers.ServerFailed as failure:
            terminal.say(str(failure))
            return 1
        except KeyboardInterrupt:
            terminal.say("\nStopped.")
            return 130


def _checks_only(folder: Path, command: str) -> int:
    plain = environment.for_checks(folder)
    every = {
        "check": lambda: steps.checks(plain, environment.like_production(plain)),
        "fix": lambda: steps.repairs(plain),
    }[command]()
    outcome = Outcome()
    # What repairs writes the files that the next one reads; checks only read.
    most = 1 if command == "fix" else steps.jobs()
    run_at_once(every, outcome, folder, first=1, total=len(every), most=most)
    if outcome.failed:
        terminal.say(f"Failed: {', '.join(outcome.failed)}.")
    terminal.say(f"{outcome.passed} passed, {len(outcome.failed)} failed")
    return 1 if outcome.failed else 0


def _bench(folder: Path, chosen: list[str]) -> int:
    """Every benchmark, or those named: `make bench ARGS=mapping`."""
    environs = environment.for_checks(folder)
    unknown = set(chosen) - set(steps.benches())
    if unknown or not steps.benches():
        terminal.say(f"There is no such benchmark. There are: {', '.join(steps.benches())}.")
        return 2
    failed = 0
    for name in chosen or steps.benches():
        terminal.say(f"== {name}")
        command = steps.python("-m", f"bench.{name}")
        failed += subprocess.run(command, env=environs, cwd=steps.ROOT, check=False).returncode != 0
    return 1 if failed else 0


def _chaos(folder: Path, chosen: list[str]) -> int:
    """The full forms of tests/chaos, or those named: `make chaos ARGS=crashes`."""
    command = steps.python("-m", "tests.chaos", *chosen)
    environs = environment.for_checks(folder)
    return subprocess.run(command, env=environs, cwd=steps.ROOT, check=False).returncode


def _live(folder: Path, chosen: list[str]) -> int:
    """The gateway against real Google, with the user's key; nothing else is started."""
    given = {name: os.environ[name] for name in LIVE if os.environ.get(name)}
    if not {"LIVE_KEY_FILE", "LIVE_DATASET"} <= given.keys():
        terminal.say(
            "`make live` calls real BigQuery: say `make live LIVE_KEY_FILE=<key.json> "
            "LIVE_DATASET=<dataset>`, and LIVE_TABLE=<table> if you like."
        )
        return 2
    if not Path(given["LIVE_KEY_FILE"]).expanduser().is_file():
        terminal.say(f"LIVE_KEY_FILE: {given['LIVE_KEY_FILE']} is no file. Name the JSON key.")
        return 2
    step = steps.live(environment.for_checks(folder) | given, chosen)
    answer = subprocess.run(step.command, env=dict(step.environment), cwd=steps.ROOT, check=False)
    return 1 if answer.returncode else 0


def _test(folder: Path, chosen: list[str], began: float) -> int:
    """Everything; with arguments for pytest, only the tests that they choose."""
    plain = environment.for_checks(folder)
    outcome = Outcome()
    first = [] if chosen else steps.checks(plain, environment.like_production(plain))
    passes = 2 if steps.touches_the_database(chosen) else 1
    total = len(first) + len(("Chromium", "static files")) + 2 * passes
    jobs = steps.jobs()
    with ThreadPoolExecutor(1) as beside:
        chromium = beside.submit(browser.chromium, folder / "apt.log")
        run_at_once(first, outcome, folder, first=1, total=total, most=jobs)
        with_browser = _browser(chromium, plain, outcome, len(first) + 1, total)
    with ExitStack() as running:
        plain["REDIS_URL"] = running.enter_context(servers.redis_server())
        plain["SANDBOX_URL"] = f"http://{servers.LOOPBACK}:{servers.free_port()}"
        options = {"jobs": jobs, "with_browser": with_browser, "chosen": chosen}
        run_all([steps.static_files(plain)], outcome, folder, first=len(first) + 2, total=total)
        tests = steps.passes_over("SQLite", plain, **options)
        if passes == 2:
            address = running.enter_context(servers.postgres_server_of_our_own())
            options["left_out"] = steps.NOT_ABOUT_THE_DATABASE
            tests += steps.passes_over("PostgreSQL", plain | {"DATABASE_URL": address}, **options)
        # What owns processes waits much, what is quick does not: two passes are always under way.
        run_at_once(tests, outcome, folder, first=len(first) + 3, total=total, most=min(jobs, 2))
    return _close(outcome, time.monotonic() - began)


def _browser(
    chromium: Future[str], plain: dict[str, str], outcome: Outcome, position: int, total: int
) -> bool:
    """Is there a Chromium? Without one the step fails and the browser tests are not run."""
    terminal.heading(position, total, "Chromium")
    began = time.monotonic()
    try:
        plain["CHROMIUM"] = chromium.result()
    except browser.BrowserMissing as missing:
        terminal.say(f"\n{missing}")
    found = "CHROMIUM" in plain
    terminal.verdict(found, time.monotonic() - began)
    note(outcome, "Chromium", found)
    return found


def _close(outcome: Outcome, seconds: float) -> int:
    if outcome.failed:
        terminal.say(f"\nFailed: {', '.join(outcome.failed)}.")
    terminal.listing(outcome.troubles)
    counts = outcome.counts
    not_tests = [name for name in outcome.failed if not name.startswith(("tests on", "flow on"))]
    closing = {
        "failed": counts["failed"],
        "passed": counts["passed"],
        "skipped": counts["skipped"],
        "errors": counts["errors"] + len(not_tests),
    }
    terminal.say(terminal.pytest_style(closing, seconds))
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] not in [[command] for command in COMMANDS]:
        sys.exit(f"Say which: {', '.join(COMMANDS)}.")
    sys.exit(main(sys.argv[1:]))
