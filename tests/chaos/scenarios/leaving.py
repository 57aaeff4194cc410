"""SIGTERM to a worker at work: it hands its run back, leaves soon, and nothing is sent twice."""

import time
from dataclasses import dataclass

from tests.chaos.processes import Program, children_of, wait_until
from tests.chaos.truth import Sums, judge
from tests.chaos.world import DEADLINE, HOLDING_SECONDS, World


@dataclass(frozen=True)
class Left:
    """Seconds until the process was gone, until another worker held its run, and the sums."""

    gone: float
    retaken: float
    sums: Sums


def leave_in_mid_send(world: World) -> Left:
    """The request under way is finished and recorded; another worker sends the next."""
    world.sandbox.forget()
    world.sandbox.slow_sink(HOLDING_SECONDS)
    world.whole()
    (parent,) = world.imports(1)
    run = world.start(parent)
    wait_until(lambda: len(world.sandbox.uploads()) >= 1, 60, "the sink is being sent to")
    return _leave(world, run)


def leave_in_mid_query(world: World) -> Left:
    """The BigQuery job goes on; another worker finds it and does not submit a second."""
    world.sandbox.forget()
    query = world.sandbox.fault(effect="slow_job", seconds=600, times=1)
    world.whole()
    (parent,) = world.imports(1)
    run = world.start(parent)
    world.until([run], lambda row: row["job_state"] == "running", 60)
    return _leave(world, run, query)


def _leave(world: World, run: str, held: int | None = None) -> Left:
    """``held`` is the fault that keeps the run where it is, until another worker has it."""
    holder = _holder_of(world, run)
    fence = world.claims()[-1].fence
    asked = time.monotonic()
    holder.ask_to_leave()
    wait_until(lambda: not holder.is_alive, 40, f"{holder.name} leaves")
    gone = time.monotonic() - asked
    wait_until(lambda: _retaken(world, run, fence), 30, "another worker takes the run")
    retaken = _retaken(world, run, fence)[0] - asked
    holder.start()
    if held is not None:
        world.sandbox.lift(held)
    assert gone <= (DEADLINE + 2) * world.slack, f"the worker left after {gone:.1f} s"
    (row,) = world.until_final([run]).values()
    assert row["takeovers"] == 0, "the run was lost, not handed back"
    return Left(gone, retaken, judge(world, [run]))


def _holder_of(world: World, run: str) -> Program:
    """The worker whose process holds the run."""
    wait_until(lambda: _pids_of(world, run), 30, "somebody holds the run")
    return _pids_of(world, run)[0]


def _pids_of(world: World, run: str) -> list[Program]:
    held = {pid for pid, (one, _) in world.holds().items() if one == run}
    return [one for one in world.workers if held & {one.pid, *children_of(one.pid)}]


def _retaken(world: World, run: str, fence: int) -> list[float]:
    return [claim.at for claim in world.claims() if claim.run == run and claim.fence > fence]
