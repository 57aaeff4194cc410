"""The programs of a local installation, and the supervisor's configuration for them.

docker-compose.yml starts the same commands; a test keeps the two in step.
"""

import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clevertap_bq.local import broker, ports
from clevertap_bq.local.folder import Folder
from clevertap_bq.local.keys import write_private

ROOT = Path(__file__).resolve().parent.parent.parent
CHILD = Path(__file__).with_name("child.py")
SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Program:
    """One process under the supervisor."""

    name: str
    command: tuple[str, ...]
    group: str = "dashboard"
    seconds_to_stop: int = 5
    folder: Path = ROOT

    @property
    def log(self) -> str:
        return f"{self.name}.log"


def every_program(
    folder: Folder, *, web_port: int, sandbox_port: int, storage_port: int, own_broker: bool
) -> list[Program]:
    """What runs beside each other; the broker only where the user has not named one."""
    sandbox = (
        *("-m", "sandbox", "--port", str(sandbox_port), "--storage-port", str(storage_port)),
        *("--data-dir", str(folder.sandbox)),
    )
    programs = [
        Program("sandbox", _python(*sandbox), group="sandbox", seconds_to_stop=3),
        Program("web", _python(*_web(web_port)), seconds_to_stop=8),
        Program("worker-probe", _python(*_worker("probe", "threads", 4)), seconds_to_stop=10),
        Program("worker-import", _python(*_worker("import", "prefork", 2)), seconds_to_stop=10),
        Program("tick", _python("manage.py", "tick")),
    ]
    if not own_broker:
        command = (str(broker.binary()), str(broker.configuration(folder)))
        programs.insert(
            0,
            Program("broker", command, group="broker", seconds_to_stop=4, folder=folder.broker),
        )
    return programs


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _web(port: int) -> tuple[str, ...]:
    # Addresses hold one-time links, so there is no access log.
    return (
        "-m",
        "gunicorn",
        "clevertap_bq.wsgi",
        *("--bind", f"{ports.LOOPBACK}:{port}"),
        "--preload",
        *(
            "--worker-class",
            "clevertap_bq.web_worker.ReadInTime",
            "--workers",
            "2",
            "--threads",
            "8",
        ),
        *("--timeout", "60", "--graceful-timeout", "5", "--keep-alive", "5"),
        # Nobody's header says where we are mounted, also not of a proxy on this machine.
        *("--forwarder-headers", ""),
        "--no-control-socket",
    )


def _worker(queue: str, pool: str, concurrency: int) -> tuple[str, ...]:
    """Probes wait on the network, with deadlines of their own: threads. Imports work: processes."""
    return (
        *("-m", "celery", "--app", "clevertap_bq", "worker", "--queues", queue),
        *("--hostname", f"{queue}@%h", "--pool", pool, "--concurrency", str(concurrency)),
        *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
    )


def write(folder: Folder, programs: Iterable[Program]) -> Path:
    """Writes what the supervisor and `child.py` read; gives the list of programs' path."""
    programs = list(programs)
    write_private(folder.supervisor_configuration, _configuration(programs))
    supervisor = _python(
        "-m", "supervisor.supervisord", "--nodaemon", "-c", str(folder.supervisor_configuration)
    )
    prepare = _python("-m", "clevertap_bq.local.prepare")
    listing = {program.name: _entry(program.command, program.folder) for program in programs}
    listing[SUPERVISOR] = _entry(supervisor, folder.path, at_death="SIGTERM")
    listing["prepare"] = _entry(prepare, ROOT)
    path = folder.run / "programs.json"
    write_private(path, json.dumps(listing, indent=1))
    (folder.run / "starts").write_text("", encoding="ascii")
    return path


def start_command(listing: Path, name: str = "") -> list[str]:
    """The command line that becomes the named program."""
    command = [sys.executable, "-I", "-S", str(CHILD), str(listing)]
    return [*command, name] if name else command


def supervisor_environment(listing: Path) -> dict[str, str]:
    """Paths stay out of the configuration, where `%` and `;` have a meaning of their own."""
    return {"CLEVERTAP_BQ_CHILD": shlex.join(start_command(listing))}


def _entry(command: tuple[str, ...], folder: Path, at_death: str = "SIGKILL") -> dict[str, object]:
    return {"command": command, "folder": str(folder), "signal_at_parents_death": at_death}


def _configuration(programs: list[Program]) -> str:
    sections = [_SUPERVISORD, *map(_program_section, programs)]
    names = list(dict.fromkeys(program.group for program in programs))
    for position, group in enumerate(names, start=1):
        members = ",".join(program.name for program in programs if program.group == group)
        sections.append(f"[group:{group}]\nprograms={members}\npriority={position}\n")
    return "\n".join(sections)


_SUPERVISORD = """\
[supervisord]
logfile=logs/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile=run/supervisord.pid
umask=077
silent=true
strip_ansi=true
"""


def _program_section(program: Program) -> str:
    return f"""\
[program:{program.name}]
command=%(ENV_CLEVERTAP_BQ_CHILD)s {program.name}
stdout_logfile=logs/{program.log}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=3
redirect_stderr=true
autorestart=true
startsecs=3
startretries=20
stopwaitsecs={program.seconds_to_stop}
killasgroup=true
"""
