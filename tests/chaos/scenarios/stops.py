"""Stop means stop: in mid-send, with a sink that hangs, and with no worker alive."""

import time
from dataclasses import dataclass

from tests.chaos.processes import wait_until
from tests.chaos.world import DEADLINE, HOLDING_SECONDS, LEASE, PATIENCE, TICK, World, is_final

QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class Stopped:
    """Seconds from the stop until the last request had ended, and until the run was final."""

    quiet: float
    final: float


def stop_in_mid_send(
    world: World, *, count: int, hanging: bool = False, is_cut: bool = False
) -> list[Stopped]:
    """Stop one run after the other while a request is under way; nothing follows.

    ``is_cut``: several workers send its shards.
    """
    world.sandbox.forget()
    if hanging:
        world.sandbox.fault(effect="hang", service="clevertap", path="*/upload")
    else:
        world.sandbox.slow_sink(HOLDING_SECONDS)
    world.whole()
    (parent,) = world.imports(1)
    if is_cut:
        world.arm("cut", parent)
    return [_stop_one(world, parent, hanging) for _ in range(count)]


def stop_without_workers(world: World) -> float:
    """All import workers are dead, BigQuery is at work: the tick ends the run."""
    world.sandbox.forget()
    world.sandbox.fault(effect="slow_job", seconds=600)
    world.whole()
    (parent,) = world.imports(1)
    run = world.start(parent)
    world.until([run], lambda row: row["job_state"] == "running", 60)
    for worker in world.workers:
        worker.kill()
    asked = time.monotonic()
    world.do("stop", run=run)
    # Two ticks: the one that finds it, and the one before, which may just have looked.
    limit = LEASE + 20 * PATIENCE + 2 * TICK + 3
    (row,) = world.until([run], is_final, limit * world.slack).values()
    seconds = time.monotonic() - asked
    assert (row["state"], row["job_state"]) == ("stopped", "cancelled"), row
    assert [job["state"] for job in world.sandbox.jobs({run})] == ["DONE"]
    assert world.sandbox.uploads() == []
    for worker in world.workers:
        worker.start()
    return seconds


def _stop_one(world: World, parent: str, hanging: bool) -> Stopped:
    before = len(world.sandbox.uploads())
    run = world.start(parent)
    enough = before + (1 if hanging else 2)
    wait_until(lambda: len(world.sandbox.uploads()) >= enough, 60, "the sink is being sent to")
    asked = time.time()
    world.do("stop", run=run)
    (row,) = world.until([run], is_final, 60).values()
    final = time.time() - asked
    assert row["state"] == "stopped", row
    calm = len(world.sandbox.uploads())
    ended = max((one["ended_at"] or 0) for one in world.sandbox.uploads())
    wait_until(lambda: time.time() > max(asked, ended) + QUIET_SECONDS, 30, "a moment of quiet")
    assert len(world.sandbox.uploads()) == calm, "something was sent after the run had stopped"
    quiet = max(0.0, ended - asked)
    limit = (DEADLINE + 2) * world.slack
    assert quiet <= limit, f"the last request ended {quiet:.1f} s after the stop"
    return Stopped(quiet, final)
