"""Two workers for one run, each on a core of its own, beside one on one core, and one on all.

The real loop and database, a process for each worker. Rows come from memory: at once, so that
the processors are the limit, and a page after 0.5 s, so that the source is, as REST often is.
From memory two million rows are sent, too: 400,000 last a second, of which starting is a part.
One worker that may have both cores uses a little more than one: its threads wait for each other's
interpreter, not for what Arrow and the kernel do. So there are two ratios.
The database works on the same processors; what it takes of them is printed where it is a server.
On a busy machine only the ratio of slow pages, and the processor time, mean something.
Medians of 3. Run: make bench ARGS=two_workers (BENCH_ROWS="400000 2000000", BENCH_DATABASE=postgres)
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.chaos.processes import children_of
from tests.harness import servers

SIZES = [int(size) for size in os.environ.get("BENCH_ROWS", "400000 2000000").split()]
TIMES = int(os.environ.get("BENCH_TIMES", "3"))
SLOW_SECONDS = 0.5


Figures = tuple[float, float, float]
_ALL = set(os.sched_getaffinity(0))
_EACH = [{core} for core in sorted(_ALL)]
# How many workers there are, and which cores each may have.
WAYS = {"one": _EACH[:1], "one on all": [_ALL], "two": (_EACH * 2)[:2]}


def once(cores: Sequence[set[int]], rows: int, page_seconds: float) -> Figures:
    """Rows per second of one run, from its start to its end; processor seconds per million.

    The second of these is of the workers, the third of a database server. There is a worker for
    each of ``cores``, which are those that it may have.
    """
    from imports.models import Run  # noqa: PLC0415 - after Django's set-up
    from tests.factories import RunFactory  # noqa: PLC0415

    command = [sys.executable, "-m", "bench._shard_worker", str(rows), str(page_seconds)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in cores]
    for process, own in zip(processes, cores, strict=True):
        os.sched_setaffinity(process.pid, own)  # before it has a thread: it is still importing
        _line(process)
    run = RunFactory()
    began, cpu_before = time.perf_counter(), _cpu_of_server()
    for process in processes:
        _tell(process, run.pk)
    cpu = sum(float(_line(process)) for process in processes)
    taken = time.perf_counter() - began
    of_server = _cpu_of_server() - cpu_before
    for process in processes:
        process.communicate()
    run.refresh_from_db()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, rows), run.failure_sentence
    return rows / taken, cpu * 1e6 / rows, of_server * 1e6 / rows


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


def _tell(process: "subprocess.Popen[str]", run_id: Any) -> None:
    assert process.stdin
    process.stdin.write(f"{run_id}\n")
    process.stdin.flush()


def _cpu_of_server() -> float:
    """Of our PostgreSQL and all its processes, also those that have ended; SQLite has none."""
    servers_of_ours = [pid for pid in children_of(os.getpid()) if _stat(pid)[0] == "postgres"]
    living = [child for pid in servers_of_ours for child in children_of(pid)]
    ticks = sum(_stat(pid)[1] for pid in [*servers_of_ours, *living])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[str, int]:
    """Its name, and the ticks of processor time of it and its children that have ended."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return "", 0
    return name, sum(map(int, rest.split()[11:15]))


def compare(rows: int, page_seconds: float) -> None:
    """Print all ways, and the ratios."""
    measured: dict[str, list[Figures]] = {way: [] for way in WAYS}
    for _ in range(TIMES):  # in turn: what else the machine does is then shared by all
        for way, found in measured.items():
            found.append(once(WAYS[way], rows, page_seconds))
    print(f"{rows:9,} rows, a page after {page_seconds:.1f} s")
    speeds = {}
    for way, found in measured.items():
        speed, cpu, of_server = map(statistics.median, zip(*found, strict=True))
        speeds[way] = speed
        print(
            f"  {way:<10} {speed:9,.0f} rows/s  CPU s per M rows {cpu:.1f}, database {of_server:.1f}"
        )
    print(
        f"  two / one {speeds['two'] / speeds['one']:.2f}"
        f"  two / one on all {speeds['two'] / speeds['one on all']:.2f}",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
        if os.environ.get("BENCH_DATABASE") == "postgres":
            os.environ["DATABASE_URL"] = stack.enter_context(servers.postgres_server_of_our_own())
        os.environ.update(LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="clevertap_bq.settings")
        os.environ.setdefault("RUN_SHARDS", "8")  # SQLite: 1 as shipped, which has one worker
        django.setup()
        call_command("migrate", verbosity=0)
        for rows in SIZES:
            compare(rows, 0.0)
        compare(min(SIZES), SLOW_SECONDS)


if __name__ == "__main__":
    main()
