"""Imports that go by Updated On and read fast: dying changes neither their rows nor their cursor.

Each dies at a point of its own; two lose the Storage Read API as well and go on with REST. Then
the table grows: the next run of each sends what is new, and nothing of what it sent before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.driver import LOOK_BACK_SECONDS
from tests.chaos.points import BY_MOMENT_POINTS, SLOW_POINTS
from tests.chaos.processes import wait_until
from tests.chaos.scenarios.points import RETAKEN_SECONDS, claims_after
from tests.chaos.truth import Body, Sums, judge
from tests.chaos.world import World

TABLE = "chaos_moving"
MORE_ROWS = 100
FIRST_DEATH = "answered_beyond"
# The bounds are asked for by one job, the rows by another.
JOBS_EACH = 2


@dataclass(frozen=True)
class Moved:
    """How long nobody held a run after each death, and what was counted."""

    seconds: tuple[float, ...]
    sums: Sums


def die_and_grow(
    world: World, *, single: Sequence[str] = BY_MOMENT_POINTS, slow: Sequence[str] = SLOW_POINTS
) -> Moved:
    """One import for each point; afterwards the table has ``MORE_ROWS`` more, and all run again."""
    world.sandbox.forget()
    world.whole()
    connection = _fast_connection(world)
    world.do("make_table", connection=connection, table=TABLE, rows=world.rows)
    world.sandbox.slow_sink(0.1)
    fast = _begin(world, connection, [(point,) for point in single])
    excused = _until_dead(world, fast)
    _expect_reader(world, list(fast), "storage")
    fallen = _begin(world, connection, [(FIRST_DEATH, point) for point in slow])
    excused += _until_dead(world, {run: plan[:1] for run, plan in fallen.items()})
    world.sandbox.fault(effect="status", status=403, service="storage", path="*/ReadRows")
    excused += _until_dead(world, fallen, known=1)
    _expect_reader(world, list(fallen), "rest")
    world.sandbox.lift_faults()
    runs = [*fast, *fallen]
    seconds = tuple(taken for run in runs for taken in _taken_up(world, run))
    sums = judge(world, runs, excused=excused, jobs_each=JOBS_EACH)
    _grow(world, connection, [world.see([run])[run]["import"] for run in runs])
    return Moved(seconds, sums)


def _fast_connection(world: World) -> str:
    connection = world.connect(f"Fast {len(world.claims())}")
    checks = world.do("verify", connection=connection)
    assert checks.get("fast") == "passed", checks
    return connection


def _begin(
    world: World, connection: str, plans: Sequence[tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """A run for each plan, which is to die at each of its points: run to plan."""
    begun = {}
    for plan in plans:
        account = world.account_of_its_own()
        (parent,) = world.imports(1, connection, TABLE, account, by_moment=True)
        for point in plan:
            world.arm(point, parent)
        begun[world.start(parent)] = plan
    return begun


def _until_dead(world: World, plans: dict[str, tuple[str, ...]], *, known: int = 0) -> list[Body]:
    """What each run left open at each death, asked before its lease is over.

    ``known``: so many deaths of each were counted before.
    """
    opened: list[Body] = []
    deaths = dict.fromkeys(plans, known)

    def looked() -> bool:
        world.tend()
        for run in plans:
            if len(world.reached(run)) > deaths[run]:
                deaths[run] += 1
                opened.extend(world.open_batches(run))
        return all(deaths[run] == len(plan) for run, plan in plans.items())

    try:
        wait_until(looked, 120, "every run dies at its points")
    except AssertionError as vain:
        left = {plan: world.see([run]) for run, plan in plans.items() if deaths[run] < len(plan)}
        raise AssertionError(f"{vain}: {left}") from None
    return opened


def _expect_reader(world: World, runs: Sequence[str], reader: str) -> None:
    for run, row in world.until_final(runs).items():
        assert row["reader"] == reader, (run, row)


def _taken_up(world: World, run: str) -> list[float]:
    taken = []
    for at, point in world.reached(run):
        later = claims_after(world, run, at)
        assert later, f"nobody took the run up after {point}"
        assert later[0] <= RETAKEN_SECONDS * world.slack, f"{point}: after {later[0]:.1f} s"
        taken.append(later[0])
    return taken


def _grow(world: World, connection: str, parents: Sequence[str]) -> None:
    """The next runs: new rows only, those in the look-back known by what they hold."""
    rows = world.rows + MORE_ROWS
    world.do("make_table", connection=connection, table=TABLE, rows=rows)
    again = [world.start(parent) for parent in parents]
    for run, row in world.until_final(again).items():
        found = (row["state"], row["accepted_count"], row["skipped_count"], row["unknown_count"])
        assert found == ("succeeded", MORE_ROWS, LOOK_BACK_SECONDS + 1, 0), (run, row)
        received = sum(one["accepted"] for one in world.sandbox.batches(run))
        assert received == MORE_ROWS, f"{run}: {received} rows arrived"
    assert world.sandbox.received()["profiles"] == rows * len(parents)
