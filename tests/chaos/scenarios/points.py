"""Die at each named point of the loop: the next owner goes on as if nothing had been."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.points import HALF_RECORDED, IN_SETTLE, POINTS
from tests.chaos.processes import wait_until
from tests.chaos.truth import Body, Sums, judge
from tests.chaos.world import LEASE, World, is_final

RETAKEN_SECONDS = LEASE + 5.0


@dataclass(frozen=True)
class Died:
    """One death at a named point, and how long nobody held the run afterwards."""

    point: str
    seconds: float | None


def die_at_points(world: World, *, points: Sequence[str] = POINTS) -> tuple[list[Died], Sums]:
    """One run for each point, all at once; every one dies there and is finished by another."""
    world.sandbox.forget()
    world.sandbox.slow_sink(0.1)
    world.whole()
    # Each to an account of its own: what a dead owner held is not free before its lease ends.
    parents = [world.imports(1, account=world.account_of_its_own())[0] for _ in points]
    for point, parent in zip(points, parents, strict=True):
        world.arm(point, parent)
    runs = [world.start(parent) for parent in parents]
    excused = _open_at_deaths(world, runs)
    world.until_final(runs)
    died = [_died(world, run, point) for run, point in zip(runs, points, strict=True)]
    return died, judge(world, runs, excused=excused)


def die_in_settle(world: World) -> Died:
    """A stop whose worker dies after it has asked BigQuery to cancel."""
    world.sandbox.forget()
    world.sandbox.fault(effect="slow_job", seconds=600)
    world.whole()
    (parent,) = world.imports(1)
    world.arm(IN_SETTLE, parent)
    run = world.start(parent)
    world.until([run], lambda row: row["job_state"] == "running", 60)
    world.do("stop", run=run)
    (row,) = world.until([run], is_final, 90).values()
    assert (row["state"], row["job_state"]) == ("stopped", "cancelled"), row
    jobs = world.sandbox.jobs({run})
    assert [job["state"] for job in jobs] == ["DONE"], jobs
    assert world.sandbox.uploads() == []
    return _died(world, run, IN_SETTLE)


def stand_still_with_the_row(world: World) -> Died:
    """An owner stops in the middle of a transaction, and holds the lock of its run.

    On PostgreSQL the server ends such a session when the lease is over; on SQLite the lock is
    everybody's, and a supervisor must end the process (docs/reliability.md).
    """
    world.sandbox.forget()
    world.sandbox.slow_sink(0.1)
    world.whole()
    (parent,) = world.imports(1, account=world.account_of_its_own())
    held = world.arm(HALF_RECORDED, parent, hold=True)
    run = world.start(parent)
    wait_until(lambda: world.reached(run), 60, "the run stands still")
    excused = list(world.open_batches(run))
    at = world.reached(run)[0][0]
    try:
        wait_until(lambda: claims_after(world, run, at), 60, "another takes the run over")
    finally:
        held.unlink()
    world.until_final([run])
    judge(world, [run], excused=excused)
    return _died(world, run, HALF_RECORDED)


def claims_after(world: World, run: str, at: float) -> list[float]:
    return [claim.at - at for claim in world.claims() if claim.run == run and claim.at > at]


def _died(world: World, run: str, point: str) -> Died:
    reached = world.reached(run)
    assert [name for _, name in reached] == [point], f"{point} was not reached once: {reached}"
    at = reached[0][0]
    later = claims_after(world, run, at)
    if point == "finished":
        assert later == [], "a run that was over was taken up again"
        return Died(point, None)
    assert later, f"nobody took the run up after {point}"
    limit = RETAKEN_SECONDS * world.slack
    assert later[0] <= limit, f"{point}: taken up after {later[0]:.1f} s"
    return Died(point, later[0])


def _open_at_deaths(world: World, runs: Sequence[str]) -> list[Body]:
    """What each run left open when its owner died, asked before its lease is over."""
    opened: list[Body] = []
    waiting = set(runs)

    def looked() -> bool:
        world.tend()
        for run in sorted(waiting):
            if world.reached(run):
                opened.extend(world.open_batches(run))
                waiting.discard(run)
        return not waiting

    wait_until(looked, 90, "every run dies at its point")
    return opened
