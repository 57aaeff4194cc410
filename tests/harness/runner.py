"""Runs steps one after the other or some at once; a failed one shows its output, the rest run."""

import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from tests.harness import terminal
from tests.harness.steps import ROOT, Step

NO_TEST_RAN = 5
STEP_SECONDS = 30 * 60  # two passes share the processors
MOST_LETTERS = 160


@dataclass
class Outcome:
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    passed: int = 0
    troubles: list[str] = field(default_factory=list)  # a line for each test that failed


def run_all(
    steps: Sequence[Step], outcome: Outcome, folder: Path, *, first: int, total: int
) -> None:
    for position, step in enumerate(steps, start=first):
        _announce(position, total, step, direct=step.is_pytest)
        _tell(_perform(step, folder, step.is_pytest, []), outcome)


def run_at_once(
    steps: Sequence[Step], outcome: Outcome, folder: Path, *, first: int, total: int, most: int
) -> None:
    """As `run_all`, with up to ``most`` steps under way; told in their order all the same.

    Tests take minutes: what the first of them write goes straight to the terminal.
    """
    if most < 2:
        run_all(steps, outcome, folder, first=first, total=total)
        return
    running: list[subprocess.Popen[bytes]] = []
    direct = [step.is_pytest and step is steps[0] for step in steps]
    with ThreadPoolExecutor(most) as pool:
        started = [
            pool.submit(_perform, step, folder, speaks, running)
            for step, speaks in zip(steps, direct, strict=True)
        ]
        try:
            for position, (step, speaks, one) in enumerate(
                zip(steps, direct, started, strict=True)
            ):
                _announce(first + position, total, step, direct=speaks)
                _tell(one.result(), outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                _end(process)
            raise


def note(outcome: Outcome, name: str, passed: bool) -> None:
    if passed:
        outcome.passed += 1
    else:
        outcome.failed.append(name)


@dataclass(frozen=True)
class Done:
    """A step that has ended: its exit code, what it wrote and where its report is."""

    step: Step
    code: int
    seconds: float
    written: str
    report: Path


def _announce(position: int, total: int, step: Step, *, direct: bool) -> None:
    terminal.heading(position, total, step.name)
    if direct:
        terminal.say()


def _perform(
    step: Step, folder: Path, direct: bool, running: list[subprocess.Popen[bytes]]
) -> Done:
    report = folder / f"{step.name}.xml"
    report.unlink(missing_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        code = _run(_reporting(step, report), None if direct else output, running)
        output.seek(0)
        written = output.read().decode(errors="replace").rstrip()
    return Done(step, code, time.monotonic() - began, written, report)


def _reporting(step: Step, report: Path) -> Step:
    if not step.is_pytest:
        return step
    return replace(step, command=[*step.command, f"--junitxml={report}"])


def _tell(done: Done, outcome: Outcome) -> None:
    step = done.step
    if done.written and (done.code or step.is_spoken or step.is_pytest):
        terminal.say()
        terminal.say(done.written)
    passed = _tests(done, outcome) if step.is_pytest else done.code == 0
    terminal.verdict(passed, done.seconds)
    note(outcome, step.name, passed)


def _tests(done: Done, outcome: Outcome) -> bool:
    empty = done.code == NO_TEST_RAN
    if empty and not done.step.may_be_empty:
        terminal.say(f"No test was found for this step: {done.step.name}.")
    outcome.counts.update(_counted(done.report))
    outcome.troubles += [f"{done.step.name}: {line}" for line in _troubles(done.report)]
    terminal.say_again(done.step.name)
    return done.code == 0 or (empty and done.step.may_be_empty)


def _counted(report: Path) -> Counter[str]:
    """The sums that pytest wrote; a pytest that died before writing them is one error."""
    counts: Counter[str] = Counter()
    if not report.exists():
        return Counter(errors=1)
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        sums = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
        counts["failed"] += sums["failures"]
        counts["errors"] += sums["errors"]
        counts["skipped"] += sums["skipped"]
        counts["passed"] += max(0, 2 * sums["tests"] - sum(sums.values()))
    return counts


def _troubles(report: Path) -> list[str]:
    """Which tests failed, each with the first line of why."""
    if not report.exists():
        return ["pytest ended without a report"]
    found = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        for kind in ("failure", "error"):
            for one in case.iter(kind):
                why = next(iter((one.get("message") or one.text or kind).splitlines()), kind)
                found.append(f"{_name_of(case)}: {why.strip()[:MOST_LETTERS]}")
    return found


def _name_of(case: ElementTree.Element) -> str:
    """As pytest takes it on its command line: the module as a file, then class and test."""
    parts = case.get("classname", "").split(".")
    names = [part for part in parts if part[:1].isupper()]
    folder = "/".join(part for part in parts if part not in names)
    return "::".join([*([f"{folder}.py"] if folder else []), *names, case.get("name", "")])


def _run(step: Step, output: IO[bytes] | None, running: list[subprocess.Popen[bytes]]) -> int:
    """The exit code; Ctrl-C and SIGTERM end the step's whole process group first."""
    process = subprocess.Popen(
        step.command,
        cwd=ROOT,
        env=dict(step.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
    )
    running.append(process)
    try:
        return process.wait(STEP_SECONDS)
    except subprocess.TimeoutExpired:
        terminal.say(f"\n{step.name} took longer than {STEP_SECONDS // 60} minutes and was ended.")
        _end(process)
        return 1
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGINT, 10), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
