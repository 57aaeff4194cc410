"""Whom parcels name, so that a person's later row is never overtaken by an earlier one.

Who prepares parcels works out for each which earlier ones it has to wait for; who sends them only
asks whether those are done. The two may be different threads: one adds groups, the other ends them.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile

_REMEMBERED_TOGETHER = 16  # groups: about as many as are under way


@dataclass(eq=False, slots=True)
class Group:
    """The people of one parcel. ``after``: earlier groups that name one of them."""

    people: Collection[bytes]
    after: tuple["Group", ...] = ()
    is_done: bool = False

    @property
    def may_begin(self) -> bool:
        return all(group.is_done for group in self.after)

    def end(self) -> None:
        """Its parcel is recorded. What it knew of others is let go of: it would be a chain."""
        self.is_done = True
        self.people = self.after = ()


class Groups:
    """All groups that may not be done yet, in the order of their rows.

    Most people come once. So two sets of all who were named lately tell quickly that nobody of a
    new group was; only where one was, each earlier group is looked at. A set is let go of as a
    whole, once all its groups are done: taking people out one by one costs as much as adding them.
    """

    def __init__(self) -> None:
        self._waiting: deque[Group] = deque()  # the first is not done, as far as we looked
        self._older: set[bytes] = set()
        self._newer: set[bytes] = set()
        self._last_of_older: Group | None = None
        self._count_of_newer = 0

    def add(self, people: Collection[bytes]) -> Group:
        """The next group. Without people (events) it waits for nobody, and nobody for it."""
        if not people:
            return Group(people)
        self._forget()
        group = Group(people, self._before(people))
        self._newer.update(people)
        self._waiting.append(group)
        self._count_of_newer += 1
        return group

    def _before(self, people: Collection[bytes]) -> tuple[Group, ...]:
        if self._older.isdisjoint(people) and self._newer.isdisjoint(people):
            return ()
        named = set(people)
        return tuple(one for one in self._waiting if not named.isdisjoint(one.people))

    def _forget(self) -> None:
        for _ in list(takewhile(lambda group: group.is_done, self._waiting)):
            self._waiting.popleft()
        is_older_done = self._last_of_older is None or self._last_of_older not in self._waiting
        if is_older_done and self._count_of_newer >= _REMEMBERED_TOGETHER:
            self._older, self._newer = self._newer, set()
            self._last_of_older = self._waiting[-1] if self._waiting else None
            self._count_of_newer = 0
