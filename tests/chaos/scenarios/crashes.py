"""`kill -9` and freezes at random moments, while a supervisor starts again what died."""

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.processes import children_of, is_alive, signal_to
from tests.chaos.scenarios.points import RETAKEN_SECONDS
from tests.chaos.truth import Body, Late, Sums, judge
from tests.chaos.world import DEADLINE, World, is_final

FREEZES_AT_ONCE = 2
# Workers that must be ready and unharmed before the next blow: one is left to take over, and
# what is measured is the takeover, not how long this machine needs to start workers anew.
READY_BEFORE_A_BLOW = 2
FROZEN_SECONDS = 12.0
LOCKED_SECONDS = 2.0


@dataclass
class Crash:
    """One process that died or stood still, and the run that it held then."""

    kind: str
    pid: int
    at: float
    run: str = ""
    fence: int = 0
    ended: bool = False
    ended_at: float = 0.0  # when it was thawed
    open: int = 0  # requests of its run that had no recorded answer then

    def __str__(self) -> str:
        return f"{self.kind} of {self.pid} holding {self.run or 'nothing'}"


@dataclass
class Report:
    crashes: list[Crash]
    seconds: list[float]
    sums: Sums
    runs: list[str]

    @property
    def held(self) -> int:
        return sum(bool(crash.run) for crash in self.crashes)


@dataclass
class Storm:
    """Crashes over runs that never cease until there were enough of them."""

    world: World
    dice: random.Random
    at_work: int
    is_cut: bool = False
    parents: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    open_at_crashes: list[Body] = field(default_factory=list)

    def rage(self, count: int, pause: tuple[float, float]) -> Report:
        self.parents = self.world.imports(self.at_work)
        for parent in self.parents if self.is_cut else ():
            self.world.arm("cut", parent)
        while len(self.crashes) < count:
            self._keep_busy()
            self.world.tend()
            self._thaw_where_due()
            time.sleep(self.dice.uniform(*pause))
            if self._is_somebody_left():
                self._strike()
        while any(crash.kind == "freeze" and not crash.ended for crash in self.crashes):
            self.world.tend()
            self._thaw_where_due()
            time.sleep(0.1)
        self.world.until_final(self.runs, 180)
        return Report(self.crashes, self._retaken(), self._judged(), self.runs)

    def _keep_busy(self) -> None:
        seen = self.world.see(self.runs)
        busy = {row["import"] for row in seen.values() if not is_final(row)}
        self.runs += [self.world.start(one) for one in self.parents if one not in busy]

    def _is_somebody_left(self) -> bool:
        frozen = self._frozen()
        unharmed = [
            one
            for one in self.world.workers
            if one.is_alive
            and one.has_said(" ready.")
            and not frozen & {one.pid, *children_of(one.pid)}
        ]
        return len(unharmed) >= READY_BEFORE_A_BLOW

    def _frozen(self) -> set[int]:
        return {one.pid for one in self.crashes if one.kind == "freeze" and not one.ended}

    def _strike(self) -> None:
        """Mostly somebody who holds a run; a quarter of the blows freeze instead of kill."""
        pool = dict(self._processes())
        holders = [pid for pid in self.world.holds() if pid in pool and is_alive(pid)]
        frozen = self._frozen()
        among = holders if holders and self.dice.random() < 0.8 else sorted(pool)
        among = [pid for pid in among if pid not in frozen and pool[pid] not in frozen]
        if not among:
            return
        victim = self.dice.choice(among)
        if self.dice.random() < 0.25 and len(frozen) < FREEZES_AT_ONCE:
            self._freeze(victim)
        elif self.dice.random() < 0.25:
            self._kill(pool[victim], frozen)
        else:
            self._kill(victim, frozen)

    def _processes(self) -> Iterator[tuple[int, int]]:
        """Every process of the import workers, with the main process that it belongs to."""
        for program in self.world.workers:
            if program.is_alive:
                yield program.pid, program.pid
                yield from ((child, program.pid) for child in children_of(program.pid))

    def _kill(self, pid: int, frozen: set[int]) -> None:
        pids = [pid, *children_of(pid)]
        if frozen & set(pids):
            return
        signal_to(pid, signal.SIGKILL)
        at = time.monotonic()
        while any(is_alive(one) for one in pids):  # the kernel ends a pool with its worker
            self._reap()
            assert time.monotonic() < at + 60, f"a process of {pid} outlived it"
            time.sleep(0.01)
        for one in pids:
            self._note("kill", one, at, counts=one == pid)

    def _reap(self) -> None:
        for program in self.world.workers:
            _ = program.is_alive

    def _freeze(self, pid: int) -> None:
        """One that holds SQLite's write lock stops everybody: a supervisor would not wait."""
        signal_to(pid, signal.SIGSTOP)
        self._note("freeze", pid, time.monotonic(), counts=True)
        if self.world.is_locked(LOCKED_SECONDS):
            signal_to(pid, signal.SIGCONT)
            self.crashes[-1].kind, self.crashes[-1].ended = "freeze in mid-write", True

    def _note(self, kind: str, pid: int, at: float, *, counts: bool) -> None:
        run, fence = self.world.holds().get(pid, ("", 0))
        if not counts and not run:
            return  # an idle pool process that died with its worker
        self.crashes.append(Crash(kind, pid, at, run, fence))
        if run:
            opened = self.world.open_batches(run)
            self.open_at_crashes += opened
            self.crashes[-1].open = len(opened)

    def _thaw_where_due(self) -> None:
        """After the takeover; a process that held no run is thawed after a second."""
        for crash in self.crashes:
            if crash.kind == "freeze" and not crash.ended:
                over = time.monotonic() > crash.at + (FROZEN_SECONDS if crash.run else 1.0)
                if over or self._next_claim(crash) is not None:
                    signal_to(crash.pid, signal.SIGCONT)
                    crash.ended, crash.ended_at = True, time.monotonic()

    def _next_claim(self, crash: Crash) -> float | None:
        later = [
            claim.at
            for claim in self.world.claims()
            if claim.run == crash.run and claim.fence > crash.fence
        ]
        return min(later, default=None)

    def _retaken(self) -> list[float]:
        """How long nobody worked on each run that lost its owner."""
        seen = self.world.see(self.runs)
        waits = []
        for crash in self.crashes:
            again = self._next_claim(crash) if crash.run else None
            if again is None:
                over = not crash.run or self._is_over(crash, seen)
                assert over or crash.kind == "freeze in mid-write", f"nobody took over: {crash}"
            elif crash.kind != "freeze in mid-write":
                limit = RETAKEN_SECONDS * self.world.slack
                assert again - crash.at <= limit, (
                    f"taken over after {again - crash.at:.1f} s: {crash}"
                )
                waits.append(again - crash.at)
        return waits

    def _is_over(self, crash: Crash, seen: dict[str, Any]) -> bool:
        """Nothing of what it held was left to be done."""
        if crash.run in seen:
            return bool(seen[crash.run]["fence"] == crash.fence)
        return bool(self.world.do("is_sent", shard=crash.run))

    def _judged(self) -> Sums:
        to_epoch = time.time() - time.monotonic()
        late = [
            Late(one.at + to_epoch, one.ended_at + to_epoch + DEADLINE, one.open)
            for one in self.crashes
            if one.kind == "freeze"
        ]
        return judge(self.world, self.runs, excused=self.open_at_crashes, late=late)


def crash_at_random(
    world: World,
    *,
    count: int,
    seed: int,
    at_work: int = 4,
    pause: tuple[float, float] = (0.2, 0.9),
    is_cut: bool = False,
) -> Report:
    """Kill and freeze ``count`` processes; raises AssertionError unless that changed nothing."""
    world.sandbox.forget()
    world.sandbox.slow_sink(0.15)
    world.whole()
    return Storm(world, random.Random(seed), at_work, is_cut).rage(count, pause)
