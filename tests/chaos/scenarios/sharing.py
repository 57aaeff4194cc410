"""The 15 requests of an account, shared by all that send to it; the sandbox's ledger judges."""

from dataclasses import dataclass

from tests.chaos.truth import judge, judge_parallel, most_at_once
from tests.chaos.world import SHARE, World

SINK_SECONDS = 0.3
UNFAIR = 1.5
SMALL, SMALL_ROWS = "chaos_small", 300


@dataclass(frozen=True)
class Shared:
    """How many requests were under way at once, and how long each run was being sent."""

    runs: int
    most: int
    seconds: list[float]

    @property
    def unfairness(self) -> float:
        """The longest beside the shortest."""
        return max(self.seconds) / min(self.seconds)


def share_equally(world: World, *, runs: int) -> Shared:
    """So many equal runs begin at the same moment: none has to wait long for the others."""
    _quiet_world(world)
    started = [world.start(parent) for parent in world.imports(runs)]
    world.until_final(started, 300)
    judge(world, started)
    uploads = world.sandbox.uploads()
    begun = min(one["at"] for one in uploads)
    shared = Shared(runs, most_at_once(uploads), [_end(world, run) - begun for run in started])
    assert shared.most <= SHARE
    assert not [one for one in uploads if one["status"] == 429], "CleverTap had to refuse"
    return shared


def short_beside_long(world: World, *, other_account: bool, long: int = 4) -> tuple[float, float]:
    """Seconds until a short run ended, and until the first of the long ones did.

    The short one comes when all are at work: to the same account, or to one of its own.
    """
    _quiet_world(world)
    world.do("make_table", connection=world.connection, table=SMALL, rows=SMALL_ROWS)
    sink = world.account_of_its_own() if other_account else ""
    (short,) = world.imports(1, table=SMALL, account=sink)
    slow = [world.start(parent) for parent in world.imports(long)]
    world.until(slow[:1], lambda row: row["request_count"] > SHARE, 90)
    run = world.start(short)
    world.until_final([run, *slow], 300)
    begun = min(one["at"] for one in world.sandbox.uploads(slow[0]))
    judge_parallel(world)
    first = min(_end(world, one) for one in slow)
    assert _end(world, run) < first, "the short run ended behind the long ones"
    return _end(world, run) - begun, first - begun


def _quiet_world(world: World) -> None:
    world.sandbox.forget()
    world.sandbox.slow_sink(SINK_SECONDS)
    world.whole()


def _end(world: World, run: str) -> float:
    return max(one["ended_at"] for one in world.sandbox.uploads(run))
