"""Two workers for one run beside one: rows a second, and the ratio.

The real loop and database, a process for each worker. Rows come from memory: at once, so that
the processors are the limit, and a page after 0.5 s, so that the source is, as REST often is.
On a busy machine only the second ratio, and the processor time, mean something.
Medians of 3. Run: make bench ARGS=two_workers (BENCH_ROWS=400000, BENCH_DATABASE=postgres)
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.harness import servers

ROWS = int(os.environ.get("BENCH_ROWS", "400000"))
TIMES = int(os.environ.get("BENCH_TIMES", "3"))


def once(workers: int, page_seconds: float) -> tuple[float, float]:
    """Rows per second of one run, from its start to its end, and processor seconds per million."""
    from imports.models import Run  # noqa: PLC0415 - after Django's set-up
    from tests.factories import RunFactory  # noqa: PLC0415

    command = [sys.executable, "-m", "bench._shard_worker", str(ROWS), str(page_seconds)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(workers)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline()
    run = RunFactory()
    began = time.perf_counter()
    for process in processes:
        _tell(process, run.pk)
    cpu = sum(float(process.communicate()[0]) for process in processes)
    taken = time.perf_counter() - began
    run.refresh_from_db()
    assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, ROWS), run.failure_sentence
    return ROWS / taken, cpu * 1e6 / ROWS


def _tell(process: "subprocess.Popen[str]", run_id: Any) -> None:
    assert process.stdin
    process.stdin.write(f"{run_id}\n")
    process.stdin.flush()


def compare(page_seconds: float) -> None:
    """Print both, and the ratio."""
    found = {}
    for workers in (1, 2):
        speeds, costs = zip(*(once(workers, page_seconds) for _ in range(TIMES)), strict=True)
        found[workers] = statistics.median(speeds), statistics.median(costs)
    (one, cost_of_one), (two, cost_of_two) = found[1], found[2]
    print(
        f"a page after {page_seconds:.1f} s  one {one:9,.0f} rows/s  two {two:9,.0f} rows/s"
        f"  ratio {two / one:.2f}  CPU s per M rows {cost_of_one:.1f} and {cost_of_two:.1f}",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
        if os.environ.get("BENCH_DATABASE") == "postgres":
            os.environ["DATABASE_URL"] = stack.enter_context(servers.postgres_server_of_our_own())
        os.environ.update(
            RUN_SHARDS="4", LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="clevertap_bq.settings"
        )
        django.setup()
        call_command("migrate", verbosity=0)
        for page_seconds in (0.0, 0.5):
            compare(page_seconds)


if __name__ == "__main__":
    main()
