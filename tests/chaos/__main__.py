"""`make chaos`: the full forms, or those that are named, on both databases; prints a table.

CHAOS_SEED repeats a run, CHAOS_ROUNDS makes it smaller (a share of 1), CHAOS_ROWS sizes the
soak, CHAOS_DATABASES names one of sqlite and postgres.
"""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.chaos import full
from tests.chaos.world import World
from tests.harness.terminal import say

Scenario = Callable[[World, full.Size], str]


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - full.SCENARIOS.keys()
    if unknown:
        say(f"There is no scenario {sorted(unknown)}. There are: {', '.join(full.SCENARIOS)}.")
        return 2
    seed = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(3), "big"))
    size = full.Size(seed, float(os.environ.get("CHAOS_ROUNDS") or 1))
    names = chosen or [name for name in full.SCENARIOS if name != "soak"]
    databases = (os.environ.get("CHAOS_DATABASES") or "sqlite postgres").split()
    say(f"To repeat: CHAOS_SEED={seed} CHAOS_ROUNDS={size.share:g} make chaos")
    say(f"\n| {'Scenario':34} | {'Database':10} | {'Result':60} | Seconds |")
    say(f"|{'-' * 36}|{'-' * 12}|{'-' * 62}|--------:|")
    failed = sum(_one(name, database, size) for database in databases for name in names)
    say(f"\n{failed} failed" if failed else "\nNothing was lost.")
    return 1 if failed else 0


def _one(name: str, database: str, size: full.Size) -> bool:
    """Whether it failed. Each scenario has a world of its own."""
    title, scenario, shape = full.SCENARIOS[name]
    if shape.only_postgres and database != "postgres":
        return False
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clevertap-bq-chaos-") as folder:
        try:
            result = _in_a_world(Path(folder) / "world", database, size, scenario, shape)
        except Exception as broken:  # noqa: BLE001 - every failure is a row of the table
            traceback.print_exc()
            result = f"FAILED: {str(broken)[:200]}"
    seconds = time.monotonic() - began
    say(f"| {title:34} | {database:10} | {result:60} | {seconds:7.0f} |")
    return result.startswith("FAILED")


def _in_a_world(
    folder: Path, database: str, size: full.Size, scenario: Scenario, shape: full.Shape
) -> str:
    world = World(
        folder,
        on_postgres=database == "postgres",
        rows=shape.rows,
        slack=float(os.environ.get("CHAOS_SLACK") or 1),
        more=dict(shape.more),
    )
    with world:
        world.crew(prefork=shape.prefork, solo=shape.solo)
        if shape.web:
            world.start_web()
        return scenario(world, size)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
