"""The first thing a stranger runs: each way in which it cannot go on is one sentence."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "clevertap_bq" / "local" / "bootstrap.py"
PRETEND = (
    "import runpy, sys; {}; sys.argv = ['x', 'run']; runpy.run_path({!r}, run_name='__main__')"
)


def bootstrap(pretence: str = "pass", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "VENV")}
    return subprocess.run(
        [sys.executable, "-c", PRETEND.format(pretence, str(BOOTSTRAP))],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def venv_with(folder: Path, python_script: str) -> Path:
    """A virtual environment whose Python is a shell script that we can watch."""
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text(f"#!/bin/sh\n{python_script}\n")
    python.chmod(0o755)
    return folder


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def test_is_written_so_that_python_3_6_can_read_it():
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 6))


def test_imports_nothing_that_has_to_be_installed():
    imported = {
        name.name
        for node in ast.walk(ast.parse(BOOTSTRAP.read_text()))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("version", ["(3, 6, 15)", "(3, 10, 13)", "(3, 14, 0)"])
def test_refuses_a_python_that_does_not_fit_and_names_the_package(version: str):
    result = bootstrap(f"sys.version_info = {version}", PYTHON="chosen-by-hand")
    assert "apt-get install python3 python3-venv" in one_sentence(result)


def test_refuses_a_python_without_venv_and_names_the_package():
    result = bootstrap("sys.modules['ensurepip'] = None")
    assert "`apt-get install python3-venv`" in one_sentence(result)


def test_refuses_a_folder_that_cannot_be_written(tmp_path: Path):
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    result = bootstrap(VENV=str(in_the_way / "venv"))
    assert f"{in_the_way}/venv cannot be written" in one_sentence(result)
    assert "VENV=<folder> DATA_DIR=<folder>" in result.stderr


def test_says_where_the_log_is_when_the_packages_cannot_be_installed(tmp_path: Path):
    venv = venv_with(tmp_path / "venv", 'test "$1" = -c || { echo no-such-hash; exit 1; }')
    sentence = one_sentence(bootstrap(VENV=str(venv)))
    assert sentence == (
        f"Could not install the packages. The reason stands at the end of {venv}/install.log."
    )
    assert "no-such-hash" in (venv / "install.log").read_text()


def test_a_failed_installation_is_tried_again(tmp_path: Path):
    venv = venv_with(tmp_path / "venv", 'test "$1" = -c || exit 1')
    bootstrap(VENV=str(venv))
    assert not (venv / "installed-local").exists()


def test_installs_with_hashes_and_then_becomes_the_launcher(tmp_path: Path):
    venv = venv_with(tmp_path / "venv", f'echo "$@" >> {tmp_path}/calls')
    assert bootstrap(VENV=str(venv)).returncode == 0
    calls = (tmp_path / "calls").read_text()
    assert "-m pip install --require-hashes" in calls
    assert calls.splitlines()[-1] == "-m clevertap_bq.local run"


def test_installs_nothing_while_the_requirements_are_the_same(tmp_path: Path):
    venv = venv_with(tmp_path / "venv", f'echo "$@" >> {tmp_path}/calls')
    bootstrap(VENV=str(venv))
    bootstrap(VENV=str(venv))
    assert (tmp_path / "calls").read_text().count("-m pip install") == 1


def test_make_says_which_package_brings_a_missing_python():
    result = subprocess.run(
        ["make", "--no-print-directory", "run", "PYTHON=no-such-python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("There is no no-such-python here. On Debian: apt-get install")
