"""`make live` asks before it calls Google, and `make test` never does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import environment
from tests.harness.steps import ROOT, live

LIVE = ("LIVE_KEY_FILE", "LIVE_DATASET", "LIVE_TABLE")


def harness(**variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in LIVE}
    return subprocess.run(
        [sys.executable, "-m", "tests.harness", "live"],
        cwd=ROOT,
        env=clean | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize("variables", [{}, {"LIVE_DATASET": "shop"}, {"LIVE_KEY_FILE": __file__}])
def test_says_in_one_sentence_what_to_set(variables: dict[str, str]):
    result = harness(**variables)
    (sentence,) = result.stdout.strip().splitlines()
    assert result.returncode == 2
    assert "LIVE_KEY_FILE=<key.json> LIVE_DATASET=<dataset>" in sentence


def test_refuses_a_key_file_that_is_not_there(tmp_path: Path):
    result = harness(LIVE_KEY_FILE=str(tmp_path / "none.json"), LIVE_DATASET="shop")
    assert result.returncode == 2
    assert "none.json is no file" in result.stdout


def test_the_ordinary_tests_do_not_see_the_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in LIVE:
        monkeypatch.setenv(name, "set")
    assert not set(LIVE) & set(environment.for_checks(tmp_path))


def test_the_live_tests_are_not_collected_without_a_key(tmp_path: Path):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/live"]
    plain = environment.for_checks(tmp_path)
    result = subprocess.run(
        command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False, timeout=180
    )
    assert result.returncode == 5
    assert "skipped" not in result.stdout


def test_the_live_tests_may_leave_this_machine_and_show_no_values():
    command = live({}, ()).command
    assert {"--force-enable-socket", "--tb=short"} <= set(command)
