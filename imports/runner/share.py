"""How many requests this owner may have under way: its part of what the account takes.

CleverTap allows an account 15 at a time, whoever sends. The number that each run holds, or each
shard of one, is written in its row (``slots``), and it takes more only inside a transaction that locks
the account and sees what the others hold: the sum never exceeds the limit, whatever the
workers believe. Every owner asks twice a second, so a newcomer waits for the others only
until they have asked again and their requests beyond their new part have ended (ADR 16).
The account is shared by runs; the shards of a run share what their run is entitled to (ADR 35).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from imports.models import CleverTapAccount, Run, Shard
from imports.runner.grip import Grip

REFRESH_SECONDS = 0.5
HURRY_SECONDS = 0.1  # while slots are due from others, or to them
WORKERS_EXPECTED = 2  # for a run that was just cut: others are about to take their shards
PATIENCE_SECONDS = 2.0  # without a slot; longer waits give the worker to others
TRUSTED = 0.4  # of the lease: so long after the question a request may begin


class AccountFull(Exception):
    """Other runs hold all that the account takes at a time: come back later."""


@dataclass
class _Seen:
    """How many owners this process saw at work for the shards of a run, when it asked last."""

    run: str = ""
    owners: int = 1


_seen = _Seen()


@dataclass
class Share:
    """The slots of one run, or of one shard, as its owner knows them."""

    grip: Grip
    slots: int = 0
    _due_at: float = 0.0
    _trusted_until: float = 0.0
    _waits_since: float | None = None
    _has_asked: bool = False
    _saw_more: bool = False

    @property
    def trusted_until(self) -> float:
        """No request may begin later than this, by the monotonic clock of this process.

        A process that stood still has no lease left, and others may hold its slots.
        """
        return self._trusted_until

    def seconds_left(self) -> float:
        """Until ``refresh`` asks again."""
        return max(0.0, self._due_at - time.monotonic())

    def refresh(self, *, in_flight: int) -> None:
        """Confirm the lease, and agree with the others, if it is time to.

        Slots that others are entitled to are given back as the requests in them end.

        Raises:
            AccountFull: no slot for this owner, and none in sight.
            Leave, StopAsked, Lost: as ``Grip.confirm``.
        """
        begun = time.monotonic()
        if begun < self._due_at:
            return
        with transaction.atomic():
            _lock(self._account)
            entitled, free = self._entitled()
            slots = max(self._wanted(min(entitled, free)), self._under_way(in_flight))
            self.grip.confirm(slots=slots)
        is_settled = slots == entitled and (self._has_asked or self.grip.shard is None)
        self.slots, self._has_asked = slots, True
        self._trusted_until = begun + TRUSTED * settings.RUN_LEASE_SECONDS
        self._due_at = begun + (REFRESH_SECONDS if is_settled else HURRY_SECONDS)
        self._give_up_in_time(entitled)

    def _wanted(self, most: int) -> int:
        """Of so many. The owner of a shard takes more only if it saw more the time before, too.

        Between two shards their owner holds none for a moment. Who took those then would keep it
        waiting until its own next question.
        """
        is_more = self.grip.shard is not None and 0 < self.slots < most
        may_take, self._saw_more = self._saw_more or not is_more, is_more
        return most if may_take else self.slots

    def _under_way(self, in_flight: int) -> int:
        """How many of its requests CleverTap may have still.

        After a process stood still, others may hold its slots; what it has not looked at since
        has ended, and must not take a slot beside theirs.
        """
        last_ends_at = self._trusted_until + settings.CLEVERTAP_TIMEOUT_SECONDS
        return in_flight if time.monotonic() < last_ends_at else 0

    def _give_up_in_time(self, entitled: int) -> None:
        """Without a slot for long, or no right to one: the others, or a dead one, hold them."""
        now = time.monotonic()
        if self.slots:
            self._waits_since = None
            return
        self._waits_since = self._waits_since or now
        if not entitled or now - self._waits_since > PATIENCE_SECONDS:
            raise AccountFull

    @property
    def _account(self) -> CleverTapAccount:
        return self.grip.run.parent.account

    def _entitled(self) -> tuple[int, int]:
        """My part, and what the others leave free."""
        work, total = self.grip.work, settings.CLEVERTAP_PARALLEL_REQUESTS
        others = [one for one in _senders(self._account) if one.key != str(work.pk)]
        mine = _Sender(
            not self.slots, _seconds(work.claimed_at), str(work.pk), str(self.grip.run.pk)
        )
        staying = [mine, *(other for other in others if not other.is_leaving)]
        # A run stands where the first of its owners stands.
        firsts = {one.run: one for one in sorted(staying, reverse=True)}
        part = part_of(_rank(firsts[mine.run], firsts.values()), len(firsts), total)
        beside = [one for one in staying if one.run == mine.run]
        free = total - sum(other.slots for other in others)
        return part_of(_rank(mine, beside), self._owners(len(beside)), part), max(0, free)

    def _owners(self, at_work: int) -> int:
        """Among how many the run's part is shared.

        At first also those who are between two shards at this moment, or are about to come.
        """
        run = self.grip.run
        if self.grip.shard is None:
            return at_work
        expected = WORKERS_EXPECTED if not run.read_count else 1
        if _seen.run == str(run.pk):
            expected = _seen.owners
        _seen.run, _seen.owners = str(run.pk), at_work
        return at_work if self._has_asked else max(at_work, expected)


@dataclass(frozen=True, order=True)
class _Sender:
    """An owner who sends to the account. Who holds slots comes first, then who came first."""

    waits: bool
    claimed_at: float
    key: str
    run: str
    slots: int = 0
    is_leaving: bool = False


def _senders(account: CleverTapAccount) -> list[_Sender]:
    """All who are at work for it: owners of runs, and of shards."""
    about = ("pk", "slots", "claimed_at")
    runs = Run.objects.sending_to(account).values_list(*about, "pk", "stop_requested_at")
    shards = Shard.objects.sending_to(account).values_list(
        *about, "run_id", "run__stop_requested_at"
    )
    return [
        _Sender(not slots, _seconds(at), str(key), str(run), slots, stop is not None)
        for key, slots, at, run, stop in [*runs, *shards]
    ]


def _rank(one: _Sender, among: Iterable[_Sender]) -> int:
    return sum(other < one for other in among)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def part_of(rank: int, count: int, total: int) -> int:
    """What who stands at this rank (from 0) of so many is entitled to; the first get the rest."""
    return total // count + (rank < total % count)


def _lock(account: CleverTapAccount) -> None:
    """Nobody else counts the account's slots now. SQLite: the transaction itself does that."""
    rows = CleverTapAccount.objects.filter(region=account.region, account_id=account.account_id)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
