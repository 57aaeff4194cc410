"""Workers on hosts of their own; one is cut off from database and broker while it sends.

CleverTap stays within its reach, which is the dangerous half: it could go on sending a run that
another host has taken over meanwhile.
"""

import time
from dataclasses import dataclass, field

from tests.chaos.link import Link
from tests.chaos.processes import Program, wait_until
from tests.chaos.scenarios.points import RETAKEN_SECONDS
from tests.chaos.truth import Sums, judge
from tests.chaos.world import DEADLINE, LEASE, SHARE, World

HOSTS = 3
SINK_SECONDS = 0.2


@dataclass
class Host:
    """One worker process whose only ways to the servers are its own wires."""

    worker: Program
    wires: list[Link] = field(repr=False)

    def cut_off(self) -> None:
        for wire in self.wires:
            wire.cut()

    def reconnect(self, *, reset: bool) -> None:
        for wire in self.wires:
            wire.mend(reset=reset)


@dataclass(frozen=True)
class CutOff:
    """Seconds until another host held the run, and until the one that was cut off worked again."""

    retaken: float
    back: float
    sums: Sums


def hosts(world: World) -> list[Host]:
    """Import workers as on three hosts, on top of a crew without any."""
    made = []
    for number in range(HOSTS):
        wires, more = [], {}
        for name in ("DATABASE_URL", "REDIS_URL"):
            address = world.environment[name]
            wire = world.stack.enter_context(Link(_port_of(address)))
            wires.append(wire)
            more[name] = address.replace(f":{_port_of(address)}/", f":{wire.port}/")
        made.append(Host(world.import_worker(f"solo{number}", "solo", more=more), wires))
    world.whole()
    return made


def cut_off_in_mid_send(world: World, crew: list[Host], *, reset: bool) -> CutOff:
    """The run is taken over and finished by others; whoever was cut off changes nothing."""
    world.sandbox.forget()
    world.sandbox.slow_sink(SINK_SECONDS)
    world.whole()
    runs = [world.start(parent) for parent in world.imports(2)]
    wait_until(lambda: len(world.sandbox.uploads()) >= 2, 60, "the sink is being sent to")
    victim, run, fence = _one_that_holds(world, crew)
    victim.cut_off()
    at = time.monotonic()
    wait_until(lambda: _claimed_after(world, run, fence), 60, "another host takes the run")
    retaken = _claimed_after(world, run, fence)[0] - at
    assert retaken <= RETAKEN_SECONDS * world.slack, f"taken over after {retaken:.1f} s"
    world.until_final(runs)
    victim.reconnect(reset=reset)
    back = _works_again(world, victim)
    # Whatever was under way in the moment of the cut, and nothing else, may have come twice.
    excused = {(run, one["sha256"]) for one in world.sandbox.batches(run)}
    return CutOff(retaken, back, judge(world, runs, excused=excused, bound=SHARE))


def _works_again(world: World, victim: Host) -> float:
    """Seconds until the host takes a run again, as a supervisor would see to."""
    began = time.monotonic()
    (parent,) = world.imports(1)
    while True:
        world.tend()
        run = world.start(parent)
        world.until_final([run])
        if any(claim.pid == victim.worker.pid and claim.at > began for claim in world.claims()):
            return time.monotonic() - began
        late = time.monotonic() - began
        limit = (LEASE + DEADLINE + 30) * world.slack
        assert late < limit, f"{victim.worker.name} did nothing for {late:.0f} s after it was back"


def _one_that_holds(world: World, crew: list[Host]) -> tuple[Host, str, int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        held = world.holds()
        for host in crew:
            if host.worker.pid in held:
                run, fence = held[host.worker.pid]
                return host, run, fence
        time.sleep(0.02)
    raise AssertionError("no host holds a run")


def _claimed_after(world: World, run: str, fence: int) -> list[float]:
    return [one.at for one in world.claims() if one.run == run and one.fence > fence]


def _port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1].split("/")[0])
