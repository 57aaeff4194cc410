"""The full forms: how often, in what world, and the line that is printed."""

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from tests.chaos.points import BY_MOMENT_POINTS, POINTS, SLOW_POINTS
from tests.chaos.scenarios import (
    crashes,
    deletions,
    leaving,
    messages,
    moving,
    outages,
    partitions,
    points,
    probing,
    sharing,
    soak,
    stops,
)
from tests.chaos.world import World

SOAK_ROWS = int(os.environ.get("CHAOS_ROWS") or 5_000_000)


@dataclass(frozen=True)
class Size:
    """What is random, and how much of the full form is done."""

    seed: int
    share: float

    def of(self, count: int) -> int:
        return max(1, round(count * self.share))


@dataclass(frozen=True)
class Shape:
    """The world that a scenario wants."""

    prefork: int = 2
    solo: int = 1
    rows: int = 3_000
    web: bool = False
    only_postgres: bool = False
    more: dict[str, str] = field(default_factory=dict)


def random_crashes(world: World, size: Size) -> str:
    report = crashes.crash_at_random(world, count=size.of(200), seed=size.seed)
    freezes = sum(crash.kind != "kill" for crash in report.crashes)
    return (
        f"{len(report.crashes)} crashes ({freezes} freezes, {report.held} held a run), "
        f"{report.sums.runs} runs, {report.sums.rows} rows, 0 lost, "
        f"{report.sums.sent_twice} batches twice, at most {report.sums.at_once} requests at once, "
        f"taken over {_spread(report.seconds)}"
    )


def in_shards(world: World, size: Size) -> str:
    report = crashes.crash_at_random(
        world, count=size.of(100), seed=size.seed, at_work=2, is_cut=True
    )
    quiet = [one.quiet for one in stops.stop_in_mid_send(world, count=size.of(30), is_cut=True)]
    return (
        f"{len(report.crashes)} crashes ({report.held} held a shard), {report.sums.rows} rows, "
        f"0 lost, {report.sums.sent_twice} batches twice, taken over {_spread(report.seconds)}; "
        f"{len(quiet)} stops, quiet {_spread(quiet)}"
    )


def named_points(world: World, size: Size) -> str:
    seconds, twice, rows, deaths = [], 0, 0, 0
    for _ in range(size.of(20)):
        for group in _DYING_AT_ONCE:
            died, sums = points.die_at_points(world, points=group)
            seconds += [one.seconds for one in died if one.seconds is not None]
            deaths += len(died)
            twice += sums.sent_twice
            rows += sums.rows
        seconds.append(points.die_in_settle(world).seconds or 0.0)
    return (
        f"{deaths + size.of(20)} deaths at {len(POINTS) + 1} points, {rows} rows, 0 lost, "
        f"{twice} batches twice, taken over {_spread(seconds)}"
    )


def stand_still(world: World, size: Size) -> str:
    stood = [points.stand_still_with_the_row(world) for _ in range(size.of(20))]
    seconds = [one.seconds for one in stood if one.seconds is not None]
    return f"{len(stood)} owners, 0 rows lost, taken over {_spread(seconds)}"


def by_moment(world: World, size: Size) -> str:
    done = [moving.die_and_grow(world) for _ in range(size.of(20))]
    seconds = [taken for one in done for taken in one.seconds]
    return (
        f"{len(seconds)} deaths at {len(BY_MOMENT_POINTS) + len(SLOW_POINTS)} points, "
        f"{sum(one.sums.rows for one in done)} rows, 0 lost, "
        f"{sum(one.sums.sent_twice for one in done)} batches twice, "
        f"then new rows only, taken over {_spread(seconds)}"
    )


def stop_to_quiet(world: World, size: Size) -> str:
    quiet = [one.quiet for one in stops.stop_in_mid_send(world, count=size.of(100))]
    assert _p99(quiet) < 5, f"p99 {_p99(quiet):.1f} s"
    return f"{len(quiet)} stops, quiet {_spread(quiet)}, 0 requests afterwards"


def stop_while_hanging(world: World, size: Size) -> str:
    hung = stops.stop_in_mid_send(world, count=size.of(10), hanging=True)
    return f"{len(hung)} stops, quiet {_spread([one.quiet for one in hung])}, 0 afterwards"


def stop_without_workers(world: World, size: Size) -> str:
    return f"ended by the tick {_spread([stops.stop_without_workers(world)])}"


def delete(world: World, size: Size) -> str:
    counts = [count for count in (1, 10, 50) if count <= max(1, 50 * size.share)]
    done = [deletions.delete_while_running(world, runs=count) for count in counts]
    parts = [f"{one.runs} runs in {one.seconds:.1f} s" for one in done]
    return f"{', '.join(parts)}; jobs done, keys gone, quiet"


def leave(world: World, size: Size) -> str:
    left = [leaving.leave_in_mid_send(world) for _ in range(size.of(10))]
    left += [leaving.leave_in_mid_query(world) for _ in range(size.of(5))]
    gone, retaken = [one.gone for one in left], [one.retaken for one in left]
    return f"{len(left)} stops: gone {_spread(gone)}, taken up {_spread(retaken)}, 0 twice"


def redis(world: World, size: Size) -> str:
    kinds = (
        outages.flush_redis,
        outages.restart_redis,
        lambda world: outages.stop_redis(world, seconds=10),
    )
    return _outages([kind(world) for kind in kinds for _ in range(size.of(20))])


def postgres(world: World, size: Size) -> str:
    rudely = islice(cycle((False, True)), size.of(20))
    return _outages([outages.restart_postgres(world, rudely=rude) for rude in rudely])


def partition(world: World, size: Size) -> str:
    crew = partitions.hosts(world)
    resets = islice(cycle((False, True)), size.of(20))
    done = [partitions.cut_off_in_mid_send(world, crew, reset=reset) for reset in resets]
    retaken, back = [one.retaken for one in done], [one.back for one in done]
    twice = sum(one.sums.sent_twice for one in done)
    return (
        f"{len(done)} cuts on {len(crew)} hosts, 0 rows lost, {twice} batches twice, "
        f"taken over {_spread(retaken)}, at work again {_spread(back)}"
    )


def deliver_twice(world: World, size: Size) -> str:
    sums = [messages.deliver_twice(world) for _ in range(size.of(5))]
    return f"{len(sums)} runs, each claimed once and sent once"


def start_at_once(world: World, size: Size) -> str:
    for _ in range(size.of(20)):
        messages.start_at_once(world, count=50)
    return f"{size.of(20)} times 50 starts: 1 run each"


def share(world: World, size: Size) -> str:
    """Equal runs in any number, and a short one beside four long ones, twice."""
    parts = []
    for count in (1, 2, 5, 20):
        shared = sharing.share_equally(world, runs=count)
        assert count != 5 or shared.unfairness <= sharing.UNFAIR, shared
        parts.append(f"{count}: {shared.most} at once, {shared.unfairness:.2f}")
    for other in (False, True):
        short, first = sharing.short_beside_long(world, other_account=other)
        parts.append(f"short {short:.1f} s beside {first:.1f} s")
    return "; ".join(parts)


def probe(world: World, size: Size) -> str:
    done = probing.verify_while_busy(world, times=size.of(5))
    return (
        f"{len(done.busy)} tests while {done.at_work} of {done.at_work} processes send: "
        f"{_spread(done.busy)}; while none does: {_spread(done.idle)}"
    )


def long_soak(world: World, size: Size) -> str:
    done = soak.soak(world, seed=size.seed, seconds=7_200)
    return (
        f"{done.rows} rows at {done.rows / done.seconds:,.0f} a second, "
        f"{done.sent_twice} batches twice, memory +{done.growth / 1e6:.0f} MB, "
        f"connections {done.connections[0]} to {done.connections[1]}"
    )


def _outages(done: Sequence[outages.Outage]) -> str:
    twice = sum(one.sums.sent_twice for one in done)
    return (
        f"{len(done)} outages, {sum(one.pages for one in done)} pages, 0 rows lost, "
        f"{twice} batches twice, complete {_spread([one.seconds for one in done])}"
    )


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    middle = statistics.median(seconds)
    return f"p50 {middle:.1f} s, p99 {_p99(seconds):.1f} s, max {max(seconds):.1f} s"


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.99))]


# So that fifty runs are at work in turns, on five processes.
_SHORT_SLICES = {"CHAOS_SLICE": "0.2"}
# Seven runs die at once and wait for the same nine processes to do the rest: little of it, so
# that the takeover is measured and not a queue.
_LARGER_BATCHES = {"CHAOS_RANGE": "200"}
_DYING_AT_ONCE = (POINTS[:7], POINTS[7:])
_AS_SHIPPED = {"CHAOS_RANGE": "1000"}
_SECOND_SLICES = {"CHAOS_SLICE": "1"}
_SHORT_VISIBILITY = {"CHAOS_VISIBILITY": "2"}
SCENARIOS: dict[str, tuple[str, Callable[[World, Size], str], Shape]] = {
    "crashes": ("kill -9 and freeze at random", random_crashes, Shape(prefork=3)),
    "shards": ("Several workers for a run", in_shards, Shape(prefork=4)),
    "points": ("Death at named points", named_points, Shape(prefork=4, more=_LARGER_BATCHES)),
    "still": ("Owner stands still with its row", stand_still, Shape(only_postgres=True)),
    "moving": ("Death by Updated On, read fast", by_moment, Shape(prefork=4, more=_LARGER_BATCHES)),
    "stop": ("Stop, sink of 200 ms", stop_to_quiet, Shape(rows=5_000)),
    "hang": ("Stop, sink hangs", stop_while_hanging, Shape()),
    "workerless": ("Stop, no worker alive", stop_without_workers, Shape(solo=0, prefork=1)),
    "delete": ("Delete with 1, 10, 50 runs", delete, Shape(rows=10_000, more=_SHORT_SLICES)),
    "leave": ("SIGTERM to a worker", leave, Shape()),
    "redis": ("Redis flushed, restarted, away", redis, Shape(web=True)),
    "postgres": ("PostgreSQL restarted", postgres, Shape(web=True, only_postgres=True)),
    "partition": (
        "A host cut off in mid-send",
        partition,
        Shape(prefork=0, solo=0, only_postgres=True),
    ),
    "twice": ("Message delivered again", deliver_twice, Shape(more=_SHORT_VISIBILITY)),
    "starts": ("50 starts at once", start_at_once, Shape()),
    "share": ("Runs of one account", share, Shape(prefork=3, solo=0, more=_SECOND_SLICES)),
    "probe": ("Test Connection, all workers busy", probe, Shape(prefork=3)),
    "soak": (
        "Soak with 5 % faults",
        long_soak,
        Shape(prefork=1, solo=0, rows=SOAK_ROWS, more=_AS_SHIPPED),
    ),
}
