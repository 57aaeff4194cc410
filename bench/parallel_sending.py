"""The worker's loop with 15 requests at a time beside one at a time, at 0, 50 and 200 ms.

The real loop (claim to final state, every batch recorded in a database of its own), rows
from memory in place of BigQuery, against the sandbox, and against a sink that judges
nothing. Medians of 3. Run: make bench ARGS=parallel_sending (BENCH_DATABASE=postgres)
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.contract.bigquery.sandbox_process import running_sandbox
from tests.harness import servers

TIMES, LATENCIES = 3, (0.0, 0.05, 0.2)
ROWS = {15: 60_000, 1: 10_000}  # one at a time, 60,000 rows at 200 ms would take 12 s


@contextmanager
def quick_sink(seconds: float) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "bench._quick_sink", str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(20)


def make_run(sink: str, credentials: dict[str, str], at_once: int) -> Callable[[], float]:
    """A function that imports all rows once and gives the rows per second."""
    from django.conf import settings  # noqa: PLC0415 - after Django's set-up

    from connections.secret import Secret  # noqa: PLC0415
    from imports.clevertap import CleverTap  # noqa: PLC0415
    from imports.models import Run  # noqa: PLC0415
    from imports.runner import execute  # noqa: PLC0415
    from tests.factories import RunFactory  # noqa: PLC0415
    from tests.fakes import FakeBigQuery  # noqa: PLC0415

    rows = [[f"c{number}", f"c{number}@shop.example"] for number in range(ROWS[at_once])]

    def open_clevertap(_: Any) -> CleverTap:
        return CleverTap(
            base_url=sink,
            account_id=credentials["account_id"],
            passcode=Secret(credentials["passcode"]),
        )

    def once() -> float:
        settings.CLEVERTAP_PARALLEL_REQUESTS = at_once
        execute.open_bigquery = lambda *_, **__: FakeBigQuery(rows)
        execute.open_clevertap = open_clevertap
        run = RunFactory()
        began = time.perf_counter()
        while execute.execute_run(run_id=run.pk) is not None:
            pass
        taken = time.perf_counter() - began
        run.refresh_from_db()
        assert (run.state, run.accepted_count) == (Run.State.SUCCEEDED, len(rows))
        return len(rows) / taken

    return once


def measured(once: Callable[[], float]) -> tuple[float, float]:
    """Median rows per second, and seconds of this process's CPU for all of them."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    speeds = [once() for _ in range(TIMES)]
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return statistics.median(speeds), cpu


def compare(name: str, latency: float, sink: str, credentials: dict[str, str]) -> None:
    """Print both ways and their ratio."""
    many, cpu = measured(make_run(sink, credentials, 15))
    one, _ = measured(make_run(sink, credentials, 1))
    ceiling = f"{15_000 / latency:7,.0f}" if latency else "   none"
    per_million = cpu / (TIMES * ROWS[15]) * 1e6
    print(
        f"{name:<8} {latency * 1000:4.0f} ms  15 at once {many:8,.0f} rows/s  one {one:7,.0f}"
        f"  ratio {many / one:5.1f}  ceiling {ceiling}  CPU {per_million:4.1f} s per M rows",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if os.environ.get("BENCH_DATABASE") == "postgres":
            address = stack.enter_context(servers.postgres_server_of_our_own())
            os.environ["DATABASE_URL"] = address
        else:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
        os.environ["LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "clevertap_bq.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        with running_sandbox(folder / "sandbox") as sandbox:
            credentials = sandbox.ask("GET", "/control/clevertap/accounts")["accounts"][0]
            for latency in LATENCIES:
                sandbox.reset()
                if latency:
                    sandbox.fault("latency", path="*/upload", seconds=latency)
                compare("sandbox", latency, f"{sandbox.url}/clevertap", credentials)
        for latency in LATENCIES:
            with quick_sink(latency) as address:
                compare("sink", latency, address, credentials)


if __name__ == "__main__":
    main()
