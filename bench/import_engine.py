"""The import engine end to end: a million rows and more from the sandbox to a quick sink.

The real loop: BigQuery's client, both readers, the mapping, 15 connections, every batch written
down. Beside it, on the same rows, to the same sink, in the same run: the naive way (rows of
Google's client, dicts, json, one request at a time) and dlt with a custom destination, where
BENCH_DLT names a Python that has it. Processor time is this process's own (all its threads). It
has a core of its own, source and sink have the other, and so has PostgreSQL where it is used.

Run: make bench ARGS=import_engine (BENCH_ROWS=1000000, BENCH_TIMES=3, BENCH_PARTS=cpu,memory,ledger,wait)
"""

import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench._engine_world import (
    CORES,
    ROWS,
    World,
    leave_the_importers_core,
    measured_alone,
    quick_sink,
)
from tests.contract.bigquery.sandbox_process import running_sandbox
from tests.harness import servers

TIMES = int(os.environ.get("BENCH_TIMES", "3"))
PARTS = os.environ.get("BENCH_PARTS", "cpu,memory,ledger,wait").split(",")


OURS = ("storage", "rest", "storage-events", "rest-events")
READING = ("storage-reading", "rest-reading")


def cpu(world: World, sink: str) -> None:
    """Seconds of processor for a million rows, each way; what is left beside reading; ratios."""
    found: dict[str, dict[str, Any]] = {}
    for way in (*OURS, *READING, "naive", "dlt-arrow", "dlt-rows"):
        is_ours = way in OURS or way in READING
        rows, times = (ROWS, TIMES) if is_ours else (ROWS // 10, 1)
        answer = measured_alone(world, way, sink, rows=rows, times=times)
        if answer is None:
            print(f"{way:<16} not measured: BENCH_DLT names no Python with dlt", flush=True)
            continue
        found[way] = answer
        print(
            f"{way:<16} {answer['cpu']:6.2f} CPU s per M rows"
            f"  {answer['speed']:9,.0f} rows/s  peak {answer['rss']:4.0f} MB",
            flush=True,
        )
    for way in OURS:
        reading = found[f"{way.partition('-')[0]}-reading"]["cpu"]
        beside = found[way]["cpu"] - reading
        print(f"{way:<16} {beside:6.2f} CPU s per M rows to map, encode, send and write down")
    for way in [one for one in found if one.startswith(("naive", "dlt"))]:
        for ours in ("storage", "rest"):
            print(f"{way} / {ours}: {found[way]['cpu'] / found[ours]['cpu']:.1f}")


def ledger(world: World, sink: str) -> None:
    """What writing batches and progress down costs, beside the same run that writes nothing."""
    with servers.postgres_server_of_our_own() as address:
        for name, database in (("SQLite", ""), ("PostgreSQL", address)):
            for seconds in (0.0, 0.05):
                with quick_sink(seconds) as slow:
                    _ledger(world, slow if seconds else sink, name, database, seconds)


def _ledger(world: World, sink: str, name: str, database: str, seconds: float) -> None:
    """In turn, so that both see the same machine."""
    found: dict[str, list[dict[str, Any]]] = {"storage": [], "storage-unwritten": []}
    for _ in range(TIMES):
        for way, answers in found.items():
            answer = measured_alone(world, way, sink, rows=ROWS, times=1, database=database)
            answers.append(answer or {})
    speeds, costs = (
        [statistics.median(one[what] for one in answers) for answers in found.values()]
        for what in ("speed", "cpu")
    )
    print(
        f"ledger {name:<10} {seconds * 1000:3.0f} ms  {speeds[0]:9,.0f} rows/s, without it"
        f" {speeds[1]:9,.0f}: {1 - speeds[0] / speeds[1]:.0%}; {costs[0] - costs[1]:.2f} CPU s",
        flush=True,
    )


def memory(world: World, sink: str) -> None:
    """Peak resident memory of a process that imports few rows, and many."""
    for way in ("storage", "rest"):
        for rows in (100_000, 5_000_000):
            answer = measured_alone(world, way, sink, rows=rows, times=1)
            print(f"{way:<10} {rows:9,} rows  peak {answer['rss']:4.0f} MB", flush=True)


def wait(world: World) -> None:
    """Beside the ceiling that 15 connections allow when each answer takes so long.

    Of a run that ends within seconds its cold start is a visible part, so the steady part is told
    beside it, and a run of five times as many rows. *bare*: a body that is ready, and nothing
    else done.
    """
    quick = [("bare", ROWS), ("storage", ROWS), ("rest", ROWS), ("storage", 5 * ROWS)]
    slow = [("bare", ROWS), ("storage", ROWS), ("rest", ROWS)]
    plan = [(0.05, *one) for one in quick] + [(0.2, *one) for one in slow]
    for seconds, way, rows in plan:
        with quick_sink(seconds) as sink:
            answers = [
                measured_alone(world, way, sink, rows=rows, times=1) or {} for _ in range(TIMES)
            ]
        whole, steady = (
            statistics.median(one[what] for one in answers) for what in ("speed", "steady")
        )
        ceiling = 15_000 / seconds
        print(
            f"{way:<10} {seconds * 1000:3.0f} ms {rows:9,} rows  {whole:9,.0f} rows/s"
            f"  {whole / ceiling:.0%} of the ceiling, {steady / ceiling:.0%} from the first answer"
            f" to the last request",
            flush=True,
        )


def main() -> None:
    """Print the figures."""
    leave_the_importers_core()
    if len(CORES) < 2:
        print("one core only: the importer shares it with source and sink", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(running_sandbox(folder / "sandbox"))
        world = World(folder, sandbox)
        with quick_sink(0.0) as sink:
            if "cpu" in PARTS:
                cpu(world, sink)
            if "memory" in PARTS:
                memory(world, sink)
            if "ledger" in PARTS:
                ledger(world, sink)
        if "wait" in PARTS:
            wait(world)


if __name__ == "__main__":
    main()
