"""Test Connection while every import worker is busy: its queue and its workers are its own."""

import time
from dataclasses import dataclass

from tests.chaos.processes import children_of, wait_until
from tests.chaos.world import HOLDING_SECONDS, World

MORE_RUNS = 8  # than there are processes: some wait
LIMIT_SECONDS = 5.0


@dataclass(frozen=True)
class Probed:
    """Seconds from the request until every check has ended."""

    idle: list[float]
    busy: list[float]
    at_work: int


def verify_while_busy(world: World, *, times: int) -> Probed:
    """As many tests while nothing is at work as while all are; a person may ask 12 a minute."""
    world.sandbox.forget()
    world.whole()
    # Of its own: what has passed its test is read by the Storage Read API from then on.
    connection = world.connect(f"Probed {time.time():.3f}")
    idle = _verified(world, connection, times)
    processes = sum(len(children_of(one.pid)) or 1 for one in world.workers)
    world.sandbox.slow_sink(HOLDING_SECONDS)
    parents = world.imports(processes + MORE_RUNS, account=world.account_of_its_own())
    runs = [world.start(parent) for parent in parents]
    wait_until(lambda: _at_work(world, runs) == processes, 60, "every process has a run")
    busy = _verified(world, connection, times)
    # A run that gives its process to another has none for a moment.
    wait_until(lambda: _at_work(world, runs) == processes, 60, "every process still has a run")
    for run in runs:
        world.do("stop", run=run)
    world.until_final(runs)
    limit = LIMIT_SECONDS * world.slack
    assert max(busy) <= limit, f"a test took {max(busy):.1f} s while {processes} runs were at work"
    return Probed(idle, busy, processes)


def _at_work(world: World, runs: list[str]) -> int:
    return sum(bool(row["owner"]) for row in world.see(runs).values())


def _verified(world: World, connection: str, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        began = time.monotonic()
        checks = world.do("verify", connection=connection)
        seconds.append(time.monotonic() - began)
        assert set(checks.values()) <= {"passed", "not_needed"}, checks
    return seconds
