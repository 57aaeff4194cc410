"""A message is only a bell: delivered twice, late or fifty at once, it changes nothing."""

from tests.chaos.processes import wait_until
from tests.chaos.truth import Sums, judge
from tests.chaos.world import World


def deliver_twice(world: World, *, sink: float = 1.5) -> Sums:
    """The same message three times at once, to idle workers, while one works on the run.

    Give the world a short ``CHAOS_VISIBILITY``: then the broker delivers the message that
    is being worked on once more, too.
    """
    world.sandbox.forget()
    world.sandbox.slow_sink(sink)
    world.whole()
    (parent,) = world.imports(1)
    run = world.start(parent)
    world.do("ring_again", run=run, times=3)
    wait_until(lambda: world.sandbox.uploads(), 60, "the sink is being sent to")
    world.do("ring_again", run=run, times=3)
    world.until_final([run])
    world.do("ring_again", run=run, times=3)
    fences = [claim.fence for claim in world.claims() if claim.run == run]
    assert fences == [1], f"the run was claimed {len(fences)} times"
    return judge(world, [run])


def start_at_once(world: World, *, count: int) -> dict[str, int]:
    """So many people start the same import: one run, and a sentence for everybody else."""
    world.sandbox.forget()
    world.whole()
    (parent,) = world.imports(1)
    ended: dict[str, int] = world.do("start_many", parent=parent, count=count)
    assert ended == {"started": 1, "CannotStart": count - 1}, ended
    runs = [run for run, row in world.do("see").items() if row["import"] == parent]
    assert len(runs) == 1
    world.until_final(runs)
    judge(world, runs)
    return ended
