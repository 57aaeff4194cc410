"""Many rows and many faults: the sums agree, memory stays, no connection leaks."""

import time
from dataclasses import dataclass

from tests.chaos.ledger import UPLOAD
from tests.chaos.processes import children_of, memory_of
from tests.chaos.world import World

GROWTH_BYTES = 50_000_000
# Of a hundred requests: three refused, one carried out but never answered, one reset.
FAULTS = (("status", 0.03), ("lost_answer", 0.01), ("drop_before", 0.01))


@dataclass(frozen=True)
class Soaked:
    rows: int
    seconds: float
    sent_twice: int
    growth: int
    connections: tuple[int, int]


def soak(world: World, *, seed: int, seconds: float) -> Soaked:
    """One import of all rows; a first one warms the workers up, then memory is measured."""
    _once(world, seed, seconds)
    before, open_before = _memory(world), _connections(world)
    began = time.monotonic()
    run = _once(world, seed + 1, seconds)
    took = time.monotonic() - began
    growth = max(_memory(world)[pid] - size for pid, size in before.items())
    assert growth < GROWTH_BYTES, f"a process grew by {growth / 1e6:.0f} MB"
    open_after = _connections(world)
    assert open_after <= open_before + 2, f"{open_before} connections became {open_after}"
    return Soaked(world.rows, took, _sums(world, run), growth, (open_before, open_after))


def _once(world: World, seed: int, seconds: float) -> str:
    world.sandbox.forget()
    for number, (effect, share) in enumerate(FAULTS):
        rule = {"effect": effect, "probability": share, "seed": seed * 10 + number}
        status = {"status": 503} if effect == "status" else {}
        world.sandbox.fault(service="clevertap", path=UPLOAD, **rule, **status)
    world.whole()
    (parent,) = world.imports(1)
    run = world.start(parent)
    (row,) = world.until_final([run], seconds).values()
    assert row["state"] == "succeeded", row
    return run


def _sums(world: World, run: str) -> int:
    """Every row arrived; what came twice are the answers that got lost, and no more."""
    (row,) = world.see([run]).values()
    received = world.sandbox.received(run)
    assert row["read_count"] == world.rows == row["accepted_count"] + row["unknown_count"]
    assert received["profiles"] == world.rows
    lost = [one for one in world.sandbox.uploads() if one["facts"].get("fault") == "lost_answer"]
    twice = received["batches"] - received["distinct_bodies"]
    assert twice <= len(lost), f"{twice} bodies came twice, {len(lost)} answers were lost"
    return int(twice)


def _memory(world: World) -> dict[int, int]:
    pids = {pid for worker in world.workers for pid in (worker.pid, *children_of(worker.pid))}
    return {pid: memory_of(pid) for pid in pids}


def _connections(world: World) -> int:
    return int(world.do("connection_count"))
