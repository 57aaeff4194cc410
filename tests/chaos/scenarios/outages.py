"""Redis flushed, restarted and away, PostgreSQL restarted: runs complete, pages come back."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.processes import wait_until
from tests.chaos.truth import Body, Sums, judge
from tests.chaos.world import DEADLINE, SHARE, World

RECOVERY_SECONDS = 60
LIST = "/settings/partners/import-center/"
CONNECTIONS = "/settings/partners/import-connections/"


@dataclass(frozen=True)
class Outage:
    """What was done, and the seconds from then until the runs were complete."""

    what: str
    seconds: float
    pages: int
    sums: Sums


def flush_redis(world: World) -> Outage:
    return _in_mid_run(world, "Redis flushed", world.flush_broker, never_500=True)


def restart_redis(world: World) -> Outage:
    def restart() -> None:
        world.broker.stop()
        world.broker.start()

    return _in_mid_run(world, "Redis restarted", restart, never_500=True)


def stop_redis(world: World, *, seconds: float) -> Outage:
    """While it is away pages are asked for, and a run is started that nobody can be told of."""
    (late,) = world.imports(1)

    def away() -> list[str]:
        world.broker.stop()
        begun = [world.start(late)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert world.page(LIST) == 200, "a page failed while Redis was away"
            assert world.page(CONNECTIONS) == 200, "a page failed while Redis was away"
        world.broker.start()
        return begun

    return _in_mid_run(world, f"Redis away for {seconds:g} s", away, never_500=True)


def restart_postgres(world: World, *, rudely: bool) -> Outage:
    """By SIGINT, which ends its connections, or by SIGQUIT, which is a crash."""
    postgres = world.postgres
    assert postgres is not None

    def restart() -> None:
        postgres.stop(signal.SIGQUIT if rudely else signal.SIGINT)
        postgres.start()

    what = "PostgreSQL crashed" if rudely else "PostgreSQL restarted"
    return _in_mid_run(world, what, restart, never_500=False)


def _in_mid_run(
    world: World, what: str, outage: Callable[[], list[str] | None], *, never_500: bool
) -> Outage:
    world.sandbox.forget()
    world.sandbox.slow_sink(0.3)
    world.whole()
    runs = [world.start(parent) for parent in world.imports(3)]
    wait_until(lambda: len(world.sandbox.uploads()) >= 2, 60, "the sink is being sent to")
    began, since = time.monotonic(), time.time()
    runs += outage() or []
    until = time.time()
    pages = _until_pages_answer(world, runs[0], began, never_500)
    world.until_final(runs, 120)
    seconds = time.monotonic() - began
    # A worker that lost its database in mid-send leaves open what was under way.
    excused = [] if never_500 else _under_way(world, since, until)
    return Outage(what, seconds, pages, judge(world, runs, excused=excused, bound=SHARE))


def _under_way(world: World, since: float, until: float) -> set[Body]:
    """What CleverTap had, or had just answered, while the database was away."""
    return {
        (one["facts"].get("run", ""), one["facts"].get("sha256", ""))
        for one in world.sandbox.uploads()
        if one["at"] < until and (one["ended_at"] or until) > since - DEADLINE
    }


def _until_pages_answer(world: World, run: str, began: float, never_500: bool) -> int:
    """How many pages were asked for until all of them answered."""
    paths, asked = (LIST, CONNECTIONS, f"{LIST}runs/{run}/"), 0
    while True:
        answers = [world.page(path) for path in paths]
        asked += len(answers)
        assert not never_500 or max(answers) < 500, f"pages answered {answers}"
        if answers == [200] * len(paths):
            return asked
        late = time.monotonic() - began
        assert late < RECOVERY_SECONDS * min(world.slack, 4), (
            f"after {late:.0f} s pages answer {answers}"
        )
        time.sleep(0.2)
