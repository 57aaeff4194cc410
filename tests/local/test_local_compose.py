"""docker-compose.yml: the same programs as `make run`, with commands that are real."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clevertap_bq.local import programs
from clevertap_bq.local.folder import Folder

ROOT = Path(__file__).resolve().parents[2]
OURS = ("migrate", "web", "worker-probe", "worker-import", "tick")
# What differs on purpose between one machine and a container.
ADAPTED = {"--bind", "--graceful-timeout", "--worker-tmp-dir"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def command_of(compose: dict[str, Any], service: str) -> list[str]:
    return list(compose["services"][service]["command"])


def options(command: list[str] | tuple[str, ...]) -> dict[str, str]:
    pairs = zip(command, [*command[1:], ""], strict=True)
    named = {
        name: "" if name.startswith(("--without", "--no")) or value.startswith("--") else value
        for name, value in pairs
        if name.startswith("--")
    }
    return {name: value for name, value in named.items() if name not in ADAPTED}


def run_here(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run(
        [str(program), *command[1:]],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_has_every_process_of_the_architecture(compose: dict[str, Any]):
    assert set(compose["services"]) == {"db", "redis", *OURS}


@pytest.mark.parametrize("service", ["web", "worker-probe", "worker-import"])
def test_starts_a_program_as_make_run_does(compose: dict[str, Any], folder: Folder, service: str):
    local = {
        program.name: program.command
        for program in programs.every_program(
            folder, web_port=8000, sandbox_port=8001, storage_port=8002, own_broker=True
        )
    }
    assert options(command_of(compose, service)) == options(local[service])


@pytest.mark.parametrize("service", ["web", "worker-probe", "worker-import"])
def test_every_option_is_one_that_the_installed_program_knows(
    compose: dict[str, Any], service: str
):
    command = command_of(compose, service)
    upto = command.index("worker") + 1 if "worker" in command else 1
    text = run_here([*command[:upto], "--help"]).stdout + "--app"
    unknown = [name for name in command if name.startswith("--") and name not in text]
    assert unknown == []


@pytest.mark.parametrize("service", ["migrate", "tick"])
def test_every_manage_command_exists(compose: dict[str, Any], service: str):
    result = run_here([*command_of(compose, service), "--help"])
    assert result.returncode == 0, result.stderr


def test_the_web_configuration_is_accepted_by_gunicorn(compose: dict[str, Any]):
    result = run_here([*command_of(compose, "web"), "--check-config"])
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("service", OURS)
def test_secrets_come_by_file_and_are_declared(compose: dict[str, Any], service: str):
    entry = compose["services"][service]
    by_file = {name: path for name, path in entry["environment"].items() if name.endswith("_FILE")}
    assert {Path(path).name for path in by_file.values()} == set(entry["secrets"])
    assert set(entry["secrets"]) <= set(compose["secrets"])
    assert not [name for name in entry["environment"] if f"{name}_FILE" in by_file]


@pytest.mark.parametrize("service", ["web", "worker-probe", "worker-import", "tick"])
def test_waits_for_the_migration(compose: dict[str, Any], service: str):
    needs = compose["services"][service]["depends_on"]
    assert needs["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("service", OURS)
def test_runs_without_rights_that_it_does_not_need(compose: dict[str, Any], service: str):
    entry = compose["services"][service]
    assert entry["read_only"] is True
    assert entry["cap_drop"] == ["ALL"]
    assert entry["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", ["db", "redis", "web", "worker-probe", "worker-import", "tick"])
def test_says_whether_it_is_well(compose: dict[str, Any], service: str):
    assert compose["services"][service]["healthcheck"]["test"]


@pytest.mark.parametrize("service", ["web", "tick"])
def test_a_health_check_in_python_is_python(compose: dict[str, Any], service: str):
    program, option, code = compose["services"][service]["healthcheck"]["test"][1:]
    assert (program, option) == ("python", "-c")
    ast.parse(code)


def test_only_the_web_process_is_published_and_only_on_this_machine(compose: dict[str, Any]):
    published = {
        name: entry["ports"] for name, entry in compose["services"].items() if "ports" in entry
    }
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_the_image_runs_as_somebody_and_takes_pinned_packages_only():
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert text.rindex("USER ") > text.rindex("RUN ")


def test_what_the_image_copies_is_in_its_context():
    sources = [
        shlex.split(line)[1]
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
    ]
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if f"!{source}" not in allowed] == []
