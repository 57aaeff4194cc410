"""Parcels between the reader and the wire: who may leave next, and who has to wait.

Each parcel has a lane. If CleverTap cannot read it, it goes on in parts, one after the
other. Two lanes that are under way never hold the same person: a parcel that names somebody who
is in an earlier lane waits for it.
"""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imports.runner.groups import Group, Groups
from imports.runner.parcels import Parcel

if TYPE_CHECKING:
    from imports.runner.ahead import Source

MAX_BYTES = 32_000_000  # of bodies, in all lanes
READ_AHEAD = 15  # parcels: those that wait when all requests under way end together
BYTES_AHEAD = 8_000_000  # of bodies: enough for fewer parcels, if those are large
MAX_ROWS_AHEAD = 100_000  # beyond the first lane: what a crash makes the next owner read again


@dataclass(eq=False)
class Lane:
    """One parcel on its way, or what is left of it. ``parts``: the next one last."""

    parcel: Parcel
    group: Group
    parts: list[Parcel]
    tries: int = 0
    due_at: float = 0.0
    is_under_way: bool = False
    is_halved: bool = False

    def is_ready(self, now: float) -> bool:
        return not self.is_under_way and self.due_at <= now

    @property
    def is_empty(self) -> bool:
        return not self.parts

    def wait(self, seconds: float) -> None:
        self.due_at = time.monotonic() + seconds

    def finish_part(self) -> None:
        self.parts.pop()
        self.tries = 0

    def halve_part(self) -> None:
        first, second = self.parts.pop().halves()
        self.parts += [second, first]
        self.is_halved = True


def lanes_of(parcels: Sequence[Parcel], groups: Groups) -> list[Lane]:
    """A lane for each, with all that can be worked out before its turn.

    ``groups``: of all parcels before these, in the order of their rows.
    """
    for parcel in parcels:
        _ = parcel.sha256
    return [Lane(parcel, groups.add(parcel.people()), [parcel]) for parcel in parcels]


@dataclass
class Lanes:
    """All parcels that are not recorded yet, in the order of their rows."""

    source: "Source"
    _lanes: list[Lane] = field(default_factory=list)
    _bytes: int = 0
    _next: deque[Lane] = field(default_factory=deque)  # read, and not admitted yet
    _next_bytes: int = 0
    _is_over: bool = False

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def are_over(self) -> bool:
        """Everything was read and recorded."""
        return self._is_over and not self._lanes and not self._next

    def have_next(self, count: int) -> bool:
        """So many wait for their turn, or no more come while nobody takes any."""
        there = len(self._next) + self.source.waiting
        return there >= count or self._is_over or self.source.is_full

    @property
    def wants_to_read(self) -> bool:
        """Fewer are prepared than may leave together: whoever has to wait reads meanwhile."""
        few = len(self._next) < self.source.ahead and self._next_bytes < BYTES_AHEAD
        return not self._is_over and (few or not self._next)

    def read(self) -> bool:
        """Take what is prepared, or prepare it; whether that gave anything, or the end."""
        lanes = self.source.take()
        if lanes is None:
            self._is_over = True
            return True
        self._next.extend(lanes)
        self._next_bytes += sum(lane.parcel.size for lane in lanes)
        return bool(lanes)

    def next_ready(self, *, most: int, may_read: bool = True) -> Lane | None:
        """The first lane that may leave now; a new one if fewer than ``most`` are there."""
        now = time.monotonic()
        ready = next((lane for lane in self._lanes if lane.is_ready(now)), None)
        if ready is not None:
            return ready
        if len(self._lanes) >= most:
            return None
        if not self._next and not self._is_over and (may_read or self.source.is_ready):
            self.read()
        return self._admit()

    def next_halved(self) -> Lane | None:
        """A lane that is on the way to a record that CleverTap cannot read, and may go on."""
        now = time.monotonic()
        return next((one for one in self._lanes if one.is_halved and one.is_ready(now)), None)

    def seconds_to_next(self) -> float | None:
        """Until a lane that waits may leave, or None if none waits."""
        waits = [lane.due_at for lane in self._lanes if not lane.is_under_way]
        return max(0.0, min(waits) - time.monotonic()) if waits else None

    def remove_if_done(self, lane: Lane) -> None:
        if lane.is_empty:
            self._lanes.remove(lane)
            lane.group.end()
            self._bytes -= lane.parcel.size

    def _admit(self) -> Lane | None:
        if not self._next or not self._has_room_for(self._next[0]):
            return None
        lane = self._next.popleft()
        self._next_bytes -= lane.parcel.size
        self._lanes.append(lane)
        self._bytes += lane.parcel.size
        return lane

    def _has_room_for(self, lane: Lane) -> bool:
        if not self._lanes:
            return True
        return (
            self._bytes + lane.parcel.size <= MAX_BYTES
            and lane.parcel.end_row - self._lanes[0].parcel.first_row <= MAX_ROWS_AHEAD
            and lane.group.may_begin
        )
