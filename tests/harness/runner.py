"""Runs steps one after the other; a failed one shows its output and the rest still run."""

import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from tests.harness import terminal
from tests.harness.steps import ROOT, Step

NO_TEST_RAN = 5
STEP_SECONDS = 20 * 60
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
        terminal.heading(position, total, step.name)
        began = time.monotonic()
        passed = _tests(step, outcome, folder) if step.is_pytest else _check(step)
        terminal.verdict(passed, time.monotonic() - began)
        note(outcome, step.name, passed)


def note(outcome: Outcome, name: str, passed: bool) -> None:
    if passed:
        outcome.passed += 1
    else:
        outcome.failed.append(name)


def _check(step: Step) -> bool:
    with tempfile.TemporaryFile() as output:
        code = _run(step, output)
        if code or step.is_spoken:
            output.seek(0)
            terminal.say()
            terminal.say(output.read().decode(errors="replace").rstrip())
    return code == 0


def _tests(step: Step, outcome: Outcome, folder: Path) -> bool:
    """Output goes straight to the terminal: these steps take minutes."""
    terminal.say()
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    code = _run(replace(step, command=[*step.command, f"--junitxml={report}"]), None)
    if code == NO_TEST_RAN and not step.may_be_empty:
        terminal.say(f"No test was found for this step: {step.name}.")
    outcome.counts.update(_counted(report))
    outcome.troubles += [f"{step.name}: {line}" for line in _troubles(report)]
    terminal.say_again(step.name)
    return code == 0 or (code == NO_TEST_RAN and step.may_be_empty)


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


def _run(step: Step, output: IO[bytes] | None) -> int:
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
