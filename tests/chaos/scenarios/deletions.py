"""Delete a connection in the middle of its imports, while a worker dies."""

import time
from dataclasses import dataclass

from tests.chaos.processes import wait_until
from tests.chaos.world import HOLDING_SECONDS, World, is_final

QUIET_SECONDS = 2.0


@dataclass(frozen=True)
class Deleted:
    runs: int
    seconds: float
    jobs: int


def delete_while_running(world: World, *, runs: int) -> Deleted:
    """All are stopped, no job is left at work, the key is gone, and it stays quiet."""
    world.sandbox.forget()
    world.sandbox.slow_sink(HOLDING_SECONDS)
    world.whole()
    connection = world.connect(f"Leaving {time.time():.3f}")
    started = [world.start(parent) for parent in world.imports(runs, connection)]
    wait_until(lambda: world.sandbox.uploads(), 60, "the sink is being sent to")
    world.until(started, lambda row: row["state"] != "queued", 90)
    asked = time.monotonic()
    world.do("delete", connection=connection)
    world.workers[0].kill()
    world.workers[0].start()
    seen = world.until(started, is_final, 120)
    wait_until(lambda: _is_gone(world, connection), 60, "the key is destroyed")
    seconds = time.monotonic() - asked
    assert {row["state"] for row in seen.values()} <= {"stopped", "succeeded"}, seen
    assert "stopped" in {row["state"] for row in seen.values()}, "nothing was left to stop"
    jobs = world.sandbox.jobs(set(started))
    assert {job["state"] for job in jobs} <= {"DONE"}, jobs
    _stays_quiet(world)
    return Deleted(runs, seconds, len(jobs))


def _is_gone(world: World, connection: str) -> bool:
    found = world.do("connection_of", connection=connection)
    return found["state"] == "deleted" and not found["has_key"]


def _stays_quiet(world: World) -> None:
    calm, since = len(world.sandbox.requests()), time.monotonic()
    wait_until(lambda: time.monotonic() > since + QUIET_SECONDS, 30, "a moment of quiet")
    assert len(world.sandbox.requests()) == calm, "something was asked after the deletion"
