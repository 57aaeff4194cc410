"""What must be true after every crash, judged by the sandbox's own records."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tests.chaos.world import DEADLINE, SHARE, World

Body = tuple[str, str]  # run and hash: the same rows in two runs are two bodies


@dataclass(frozen=True)
class Late:
    """A process was frozen then with so many requests: it may have been about to send them.

    ``until``: its waking, and a request's deadline. Epoch seconds, as the sandbox's.
    """

    since: float
    until: float
    requests: int


@dataclass(frozen=True)
class Sums:
    """What was counted; all of it agrees, or ``judge`` has raised."""

    runs: int
    rows: int
    sent_twice: int
    jobs: int
    at_once: int = 0  # requests of one account, at most


def judge(
    world: World,
    runs: Collection[str],
    *,
    excused: Collection[Body] = (),
    bound: int | None = None,
    jobs_each: int = 1,
    late: Collection[Late] = (),
) -> Sums:
    """Raises AssertionError unless nothing was lost and nothing needlessly sent twice.

    ``excused`` are the bodies that were open when somebody was killed, one entry for each
    time: at most an account's share of requests for each crash (``World.open_batches``).
    Each may have been received once more, as often as it stands there, and ``bound`` in all.
    ``late``: what frozen processes may have sent beside the next owners (docs/reliability.md).
    ``jobs_each``: BigQuery jobs of a run; one that goes by Updated On has two.
    """
    seen = world.see(list(runs))
    extra: list[Body] = []
    for run, row in seen.items():
        assert row["state"] == "succeeded", (run, row)
        assert row["read_count"] == row["rows_total"] == world.rows, (run, row)
        extra += _judge_received(world, run, row)
    needless = Counter(extra) - Counter(excused)
    assert not needless, f"{needless.total()} bodies were sent again without a crash in between"
    assert len(extra) <= (len(excused) if bound is None else bound), f"{len(extra)} came again"
    at_once = judge_parallel(world, late=late)
    _judge_profiles(world)
    return Sums(
        len(seen),
        world.rows * len(seen),
        len(extra),
        _judge_jobs(world, set(runs), jobs_each),
        at_once,
    )


def _judge_received(world: World, run: str, row: dict[str, Any]) -> list[Body]:
    """The sink holds what the run counts; gives the bodies that came once more than needed."""
    batches = [one for one in world.sandbox.batches(run) if not one["dry_run"]]
    first = {one["sha256"]: one for one in batches}
    once = sum(one["accepted"] for one in first.values())
    rows = row["accepted_count"] + row["unknown_count"]
    assert once == world.rows == rows, f"{run}: {once} rows arrived, {rows} are counted as sent"
    counts = Counter(one["sha256"] for one in batches)
    slow = _given_up(world, run)
    more = {sha: count - 1 for sha, count in counts.items() if sha not in slow}
    return [(run, sha) for sha, count in more.items() for _ in range(count)]


def judge_parallel(world: World, *, late: Collection[Late] = ()) -> int:
    """CleverTap never had more requests of one account under way than it takes; gives the most.

    Beside them only what was open in a process that was frozen then, or has just woken.
    """
    by_account: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in world.sandbox.uploads():
        by_account[one["facts"].get("account", "")].append(one)
    most = 0
    for uploads in by_account.values():
        for at, count in _under_way(uploads, given_up_after=DEADLINE):
            most = max(most, count)
            excused = sum(one.requests for one in late if one.since <= at <= one.until)
            assert count <= SHARE + excused, (
                f"{count} requests were under way at once, {excused} of them of the frozen at most"
            )
    return most


def most_at_once(uploads: Collection[dict[str, Any]]) -> int:
    """The largest number of requests that were under way."""
    return max((count for _, count in _under_way(uploads)), default=0)


def _under_way(
    uploads: Collection[dict[str, Any]], *, given_up_after: float = math.inf
) -> Iterator[tuple[float, int]]:
    """How many there were from each moment on at which that changed.

    A request is under way until the sandbox has ended it, or its sender has given it up.
    """
    moments = [(one["at"], 1) for one in uploads]
    ends = [min(one["at"] + given_up_after, one["ended_at"] or math.inf) for one in uploads]
    moments += [(end, -1) for end in ends]
    count = 0
    for at, change in sorted(moments):
        count += change
        yield at, count


def _given_up(world: World, run: str) -> set[str]:
    """Bodies whose answer came too late or never: their outcome was unknown to the sender."""
    return {
        entry["facts"].get("sha256", "")
        for entry in world.sandbox.uploads(run)
        if entry["facts"].get("fault", "latency") != "latency"
        or (entry["milliseconds"] or 0) > DEADLINE * 900
    }


def _judge_profiles(world: World) -> None:
    """In each account each person of the source is there once, as the source has them."""
    accounts = {one["facts"].get("account", "") for one in world.sandbox.uploads()}
    assert world.sandbox.received()["profiles"] == world.rows * len(accounts)
    if world.rows > 10_000:  # more than the sandbox shows at once
        return
    expected = {
        f"K{n}": {"Email": f"k{n}@shop.example", "City": f"City {n % 97}"}
        for n in range(1, world.rows + 1)
    }
    found = world.sandbox.profiles()
    assert found.items() <= expected.items()
    assert len(accounts) > 1 or found == expected  # of several accounts not all are shown


def _judge_jobs(world: World, runs: set[str], most: int) -> int:
    """No more BigQuery jobs of a run than it has questions, and none still at work."""
    jobs = world.sandbox.jobs(runs)
    at_work = [job["id"] for job in jobs if job["state"] != "DONE"]
    assert not at_work, f"BigQuery still works on {at_work}"
    twice = Counter(job["labels"]["clevertap-bq-run"] for job in jobs)
    assert max(twice.values(), default=0) <= most, f"a run had more than {most} jobs"
    return len(jobs)
