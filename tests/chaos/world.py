"""A whole installation of its own: database, broker, sandbox, workers, ticks, web, driver."""

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import redis

from clevertap_bq.local.folder import open_folder
from clevertap_bq.local.programs import ROOT, every_program
from tests.chaos import processes
from tests.chaos.ledger import Sandbox
from tests.chaos.processes import Program, wait_until
from tests.harness import environment, servers

# As shipped: 30, 4 and 12 seconds; what the tick waits (20 seconds) shrinks with them.
LEASE, TICK, DEADLINE, PATIENCE = 5, 1, 2, 0.2
# Of each request, where a run is to be found at work: it takes seconds, and nobody’s patience.
HOLDING_SECONDS = 1.2
SHARE = 15  # requests of an account at a time, and so of a run
RANGE = 50  # rows of a batch: 3,000 rows are sixty requests, as 60,000 are to the product
TABLE = "chaos"
Command = tuple[str, ...]


class DatabaseAway(Exception):
    """The driver could not reach the database."""


@dataclass(frozen=True)
class Claim:
    """Somebody took a run, as the journal tells it."""

    at: float
    pid: int
    run: str
    fence: int


@dataclass
class World:
    """Make it in a ``with``: everything that it started is gone afterwards."""

    folder: Path
    on_postgres: bool
    rows: int = 3_000
    # The short forms share two cores with whoever else is at work; the full ones do not.
    slack: float = 1.0
    at_least: int = 99  # so many workers must be ready before a scenario begins; all of them
    more: dict[str, str] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    stack: ExitStack = field(default_factory=ExitStack)
    postgres: servers.Server | None = None

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "armed"):
            (self.folder / name).mkdir()
        self.broker = self.stack.enter_context(servers.redis_of_our_own())
        if self.on_postgres:
            self.postgres = self.stack.enter_context(servers.postgres_of_our_own())
        self.ports = {name: servers.free_port() for name in ("web", "sandbox", "storage")}
        self.environment = self._environment()
        self.shipped = self._shipped()
        self.sandbox = Sandbox(f"http://{servers.LOOPBACK}:{self.ports['sandbox']}")
        self.run_program("sandbox", self.shipped["sandbox"])
        self._manage("migrate", "--no-input", "--verbosity", "0")
        self._start_driver()
        wait_until(self._sandbox_answers, 90, "the sandbox")
        account = self.sandbox.account()
        self.do(
            "people_and_account", account_id=account["account_id"], passcode=account["passcode"]
        )
        self.connection = self.connect("First")
        self.do("make_table", connection=self.connection, table=TABLE, rows=self.rows)

    def _environment(self) -> dict[str, str]:
        base = environment.for_checks(self.folder)
        address = self.postgres.address if self.postgres else base["DATABASE_URL"]
        static = os.environ.get("STATIC_ROOT", "")
        has_static = bool(static) and (Path(static) / "staticfiles.json").exists()
        return base | {
            "DATABASE_URL": address,
            "REDIS_URL": self.broker.address,
            "PUBLIC_URL": f"http://{servers.LOOPBACK}:{self.ports['web']}",
            "SANDBOX_URL": f"http://{servers.LOOPBACK}:{self.ports['sandbox']}",
            "SANDBOX_STORAGE_URL": f"http://{servers.LOOPBACK}:{self.ports['storage']}",
            "STATIC_ROOT": static if has_static else base["STATIC_ROOT"],
            "LOG_LEVEL": "INFO",
            "RUN_LEASE_SECONDS": str(LEASE),
            "TICK_SECONDS": str(TICK),
            "CLEVERTAP_TIMEOUT_SECONDS": str(DEADLINE),
            "CHAOS_FOLDER": str(self.folder),
            "CHAOS_PATIENCE": str(PATIENCE),
            "CHAOS_RANGE": str(RANGE),
            processes.TOKEN: self.token,
            **self.more,
        }

    def _shipped(self) -> dict[str, Command]:
        """The commands of `make run`, from where it takes them itself."""
        every = every_program(
            open_folder(self.folder),
            web_port=self.ports["web"],
            sandbox_port=self.ports["sandbox"],
            storage_port=self.ports["storage"],
            own_broker=True,
        )
        return {program.name: program.command for program in every}

    # Programs

    def run_program(
        self, name: str, command: Command, more: dict[str, str] | None = None
    ) -> Program:
        log = self.folder / "logs" / f"{name}.log"
        program = Program(name, command, self.environment | (more or {}), ROOT, log)
        self.programs[name] = program
        program.start()
        return program

    def import_worker(
        self, name: str, pool: str = "prefork", more: dict[str, str] | None = None
    ) -> Program:
        """As shipped, but with hooks; *solo* is one process that does everything itself."""
        command = list(self.shipped["worker-import"])
        command[command.index("celery")] = "tests.chaos.worker"
        command[command.index("--hostname") + 1] = f"{name}@%h"
        if pool == "solo":
            command[command.index("--pool") + 1] = "solo"
        return self.run_program(name, tuple(command), more)

    def crew(self, *, prefork: int, solo: int = 0) -> None:
        """Import workers, two ticks and the probe worker, all ready to work."""
        for number in range(prefork):
            self.import_worker(f"prefork{number}")
        for number in range(solo):
            self.import_worker(f"solo{number}", "solo")
        for number in range(2):
            self.run_program(f"tick{number}", (sys.executable, "-m", "tests.chaos.tick"))
        self.run_program("probe", self.shipped["worker-probe"])
        self.whole()

    @property
    def workers(self) -> list[Program]:
        return [one for name, one in self.programs.items() if name.startswith(("prefork", "solo"))]

    def tend(self) -> None:
        """What a supervisor does: start again what ended and should not have."""
        for program in self.programs.values():
            if program.wanted and not program.is_alive:
                program.start()

    def whole(self) -> None:
        """Every worker that should be there is there, and has taken up its work."""
        self.tend()
        wanted = [program for program in self.workers if program.wanted]
        enough = min(self.at_least, len(wanted))
        wait_until(
            lambda: sum(program.has_said(" ready.") for program in wanted) >= enough,
            60,
            "the workers are ready",
        )

    def start_web(self) -> None:
        if not (Path(self.environment["STATIC_ROOT"]) / "staticfiles.json").exists():
            self._manage("collectstatic", "--no-input", "--verbosity", "0")
        self.run_program("web", self.shipped["web"])
        self.cookies = self.do("session")
        wait_until(lambda: self.page("/healthz") == 200, 60, "the web process")

    def page(self, path: str) -> int:
        """The status of a page for a signed-in person; 0 if nobody answers."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = f"{self.environment['PUBLIC_URL']}{path}"
        request = urllib.request.Request(url, headers={"Cookie": cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    # The driver: what a person does

    def do(self, command: str, **arguments: Any) -> Any:
        line = json.dumps({"command": command, "arguments": arguments})
        assert self.driver.stdin, "the driver is not running"
        assert self.driver.stdout
        self.driver.stdin.write(line + "\n")
        self.driver.stdin.flush()
        text = self.driver.stdout.readline()
        if not text:
            log = (self.folder / "logs" / "driver.log").read_text()[-2_000:]
            raise AssertionError(f"the driver ended: {log}")
        answer = json.loads(text)
        if "away" in answer:
            raise DatabaseAway(answer["away"])
        assert "failed" not in answer, answer["failed"]
        return answer["answer"]

    def connect(self, name: str) -> str:
        return self.do("connect", name=name, key=self.sandbox.key())

    def imports(
        self,
        count: int,
        connection: str = "",
        table: str = TABLE,
        account: str = "",
        *,
        by_moment: bool = False,
    ) -> list[str]:
        made: list[str] = self.do(
            "make_imports",
            connection=connection or self.connection,
            table=table,
            count=count,
            account=account,
            by_moment=by_moment,
        )
        return made

    def account_of_its_own(self) -> str:
        """One more CleverTap account: its imports share nothing with others."""
        made = self.sandbox.new_account()
        about = {name: made[name] for name in ("account_id", "passcode")}
        return str(self.do("add_account", name=f"Own {made['account_id']}", **about))

    def start(self, parent: str) -> str:
        return str(self.do("start", parent=parent))

    def see(self, runs: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The runs as the product tells them; asked again while the database is away."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.do("see", ids=list(runs))
            except DatabaseAway:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def open_batches(self, run: str) -> set[tuple[str, str]]:
        """What a run whose owner has just died left open: so much may come twice."""
        opened = {(one, sha256) for one, sha256 in self.do("open_batches", ids=[run])}
        assert len(opened) <= SHARE, f"{len(opened)} batches were open at once"
        return opened

    def until(
        self, runs: Sequence[str], condition: Callable[[dict[str, Any]], object], seconds: float
    ) -> dict[str, dict[str, Any]]:
        """Wait until the condition holds for each run; workers that end are started again."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self.see(runs)
            if all(condition(run) for run in seen.values()):
                return seen
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:.0f} s in vain for {seen}")
            self.tend()
            time.sleep(0.1)

    def until_final(self, runs: Sequence[str], seconds: float = 180) -> dict[str, dict[str, Any]]:
        return self.until(runs, is_final, seconds)

    # Points and journal

    def arm(self, point: str, parent: str, *, hold: bool = False) -> Path:
        path = self.folder / "armed" / f"{point}.{parent}"
        path.write_text("hold" if hold else "die")
        return path

    def claims(self) -> list[Claim]:
        return [
            Claim(float(at), int(pid), run, int(fence))
            for at, pid, event, run, fence, *_ in self._journal()
            if event == "claim"
        ]

    def holds(self) -> dict[int, tuple[str, int]]:
        """Which run each process holds, or held when it died: (run, fence)."""
        held: dict[int, tuple[str, int]] = {}
        for _, pid, event, run, fence, *_ in self._journal():
            if event == "claim":
                held[int(pid)] = (run, int(fence))
            elif event == "release":
                held.pop(int(pid), None)
        return held

    def reached(self, run: str) -> list[tuple[float, str]]:
        """Named points that were armed and reached by the run."""
        return [
            (float(fields[0]), fields[5])
            for fields in self._journal()
            if fields[2] == "reached" and fields[3] == run
        ]

    def _journal(self) -> list[list[str]]:
        path = self.folder / "journal"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    # Servers and end

    def is_locked(self, seconds: float) -> bool:
        """Whether nobody can write for so long: SQLite has one write lock, PostgreSQL none."""
        if self.on_postgres:
            return False
        path = self.environment["DATABASE_URL"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=seconds, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            database.execute("ROLLBACK")
        return False

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.broker.address) as client:
            client.flushall()

    def close(self) -> None:
        """End everything, and make sure of it."""
        driver = getattr(self, "driver", None)
        if driver is not None:
            driver.kill()
            driver.wait()
            for pipe in (driver.stdin, driver.stdout):
                pipe.close()
        for program in self.programs.values():
            program.kill()
        self.stack.close()
        left = processes.living_with(self.token)
        for pid in left:
            processes.signal_to(pid, processes.signal.SIGKILL)
        assert left == [], f"{len(left)} processes outlived their world"

    def _manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        log = self.folder / "logs" / "manage.log"
        with log.open("ab") as output:
            answer = subprocess.run(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, check=False
            )
        assert answer.returncode == 0, log.read_text()[-2_000:]

    def _start_driver(self) -> None:
        with (self.folder / "logs" / "driver.log").open("ab") as log:
            self.driver = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.driver"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=processes.die_with_parent,
            )

    def _sandbox_answers(self) -> bool:
        try:
            self.sandbox.ask("/control/facts")
        except OSError:
            return False
        return True


def is_final(run: dict[str, Any]) -> bool:
    return run["state"] in ("succeeded", "failed", "stopped")
