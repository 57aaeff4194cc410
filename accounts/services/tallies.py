"""Counts tries by account and by address, and says when there were too many (ADR 28, ADR 33).

A try is counted before it is judged, so that a thousand at once are not a thousand free ones.
What is counted is kept as a hash, for as long as it counts. Once a limit has refused somebody,
a further try costs one look and one number; at the door not even that (``accounts.services.door``).
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import trail
from accounts.models import AuditEntry, Tally

_IPV6_PREFIX = 64  # what one household or one machine gets
_CLOSED_AT_ONCE = 500


class TooManyTries(Exception):
    """One of the limits is reached. Its text is for whoever tries."""

    def __init__(self, limit: "Limit", *, is_first: bool) -> None:
        self.wait = "a minute" if limit.minutes <= 1 else f"{limit.minutes:.0f} minutes"
        super().__init__(f"This was tried too often. Wait {self.wait}, then try again.")
        self.limit = limit
        self.is_first = is_first  # the one to be put into the trail; a flood fills no table


@dataclass(frozen=True)
class Limit:
    """So many tries of one subject, until the pause is over."""

    kind: str
    subject: str
    most: int
    minutes: float

    @property
    def is_of_all(self) -> bool:
        """Held by everybody together, and so no fault of who meets it."""
        return not self.subject

    @property
    def key(self) -> str:
        text = f"{self.kind}:{self.subject}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sign_in_limits(*, name: str, address: str | None, browser: str) -> list[Limit]:
    """What holds for a try with this name.

    ``browser`` names one that has signed in with it before, if this is one. It has a count of
    its own and is not held back by what is tried from elsewhere: nobody locks another out. All
    other browsers together fail so many times in a few seconds, as each try costs a hash.
    """
    limits = [browser_limit(browser)] if browser else [everybody_limit(), name_limit(name)]
    return [*limits, address_limit(address)] if address else limits


def browser_limit(browser: str) -> Limit:
    """What holds for a browser that has signed in with the name before."""
    minutes = settings.SIGN_IN_PAUSE_MINUTES
    return Limit("browser", browser, settings.AXES_FAILURE_LIMIT, minutes)


def everybody_limit() -> Limit:
    """What holds for all other browsers together."""
    return Limit("everybody", "", settings.SIGN_IN_AT_ONCE, settings.SIGN_IN_AT_ONCE_SECONDS / 60)


def name_limit(name: str) -> Limit:
    """What holds for a name, from everywhere but from browsers that are known for it."""
    return Limit("name", name, settings.SIGN_IN_PER_ACCOUNT, settings.SIGN_IN_PAUSE_MINUTES)


def address_limit(address: str) -> Limit:
    """What holds for an address, with whatever names."""
    most = settings.SIGN_IN_PER_ADDRESS
    return Limit("address", _network(address), most, settings.SIGN_IN_PAUSE_MINUTES)


def reset_limits(*, name: str, address: str | None) -> list[Limit]:
    """What holds for asking for a reset mail: nobody's mailbox is filled."""
    limits = [Limit("reset name", name, settings.RESETS_PER_ACCOUNT, 60)]
    if address:
        most = settings.RESETS_PER_ADDRESS
        limits.append(Limit("reset address", _network(address), most, 60))
    return limits


def second_step_limit(*, user_id: object) -> Limit:
    """What holds for codes of one person."""
    minutes = settings.SIGN_IN_PAUSE_MINUTES
    return Limit("second step", str(user_id), settings.SECOND_STEP_TRIES, minutes)


def password_limit(*, user_id: object) -> Limit:
    """What holds for the current password, which is asked for before a new one."""
    minutes = settings.SIGN_IN_PAUSE_MINUTES
    return Limit("current password", str(user_id), settings.AXES_FAILURE_LIMIT, minutes)


def refused_links_limit(*, user_id: object) -> Limit:
    """How many refused links the trail gets singly: of one person, or those of nobody together."""
    minutes = settings.SIGN_IN_PAUSE_MINUTES
    return Limit("refused link", str(user_id or ""), settings.REFUSED_LINKS_RECORDED, minutes)


def count(limits: Iterable[Limit], *, now: datetime) -> None:
    """Count one try against each limit.

    Raises:
        TooManyTries: one of them was reached already; nothing must be judged any more.
    """
    limits = list(limits)
    if (closed := _closed(limits, now)) is not None:
        add_refused({closed.key: 1})
        raise TooManyTries(closed, is_first=False)
    beyond = {limit: _counted(limit, now) - limit.most for limit in limits}
    reached = [limit for limit, by in beyond.items() if by > 0]
    if reached:
        longest = max(reached, key=lambda limit: limit.minutes)
        raise TooManyTries(longest, is_first=1 in beyond.values())


def remember_lock(entry: AuditEntry, *, limit: Limit) -> None:
    """Which entry of the trail tells of the lock: another one follows when it is over."""
    Tally.objects.filter(subject=limit.key).update(lock_id=entry.pk)


def take_back(limits: Iterable[Limit]) -> None:
    """It went well, so this one try is not held against anybody."""
    for limit in limits:  # one by one: who holds one row waits for no other, or two wait for ever
        Tally.objects.filter(subject=limit.key, count__gt=0).update(count=F("count") - 1)


def forget_over(*, now: datetime) -> None:
    """What no longer counts goes. Of a lock that refused more than once the trail gets the number."""
    with transaction.atomic():
        _forget(now)


def add_refused(numbers: Mapping[str, int]) -> None:
    """So many more tries were refused by the limits with these keys."""
    for key, number in numbers.items():
        Tally.objects.filter(subject=key).update(refused=F("refused") + number)


def _closed(limits: list[Limit], now: datetime) -> Limit | None:
    """The limit that has refused somebody already and still holds."""
    counts = dict(
        Tally.objects.filter(subject__in=[limit.key for limit in limits], ends_at__gt=now)
        .values_list("subject", "count")
        .order_by()
    )
    reached = [limit for limit in limits if counts.get(limit.key, 0) > limit.most]
    if not reached:
        return None
    return max(reached, key=lambda limit: limit.minutes)


def _counted(limit: Limit, now: datetime) -> int:
    """How often by now, this time included."""
    mine = Tally.objects.filter(subject=limit.key)
    with transaction.atomic():
        if mine.filter(ends_at__gt=now).update(count=F("count") + 1):
            return mine.values_list("count", flat=True).first() or 1
    forget_over(now=now)  # its own transaction: who holds others' rows waits for none
    return _begin(limit, now)


@transaction.atomic
def _begin(limit: Limit, now: datetime) -> int:
    ends_at = now + timedelta(minutes=limit.minutes)
    begun, is_new = Tally.objects.select_for_update().get_or_create(
        subject=limit.key, defaults={"count": 1, "ends_at": ends_at}
    )
    if is_new:
        return 1
    is_over = begun.ends_at <= now  # else another try has begun it this very moment
    begun.count = 1 if is_over else begun.count + 1
    begun.ends_at = ends_at if is_over else begun.ends_at
    begun.save(update_fields=["count", "ends_at"])
    return begun.count


def _forget(now: datetime) -> None:
    over = Tally.objects.select_for_update(skip_locked=True).filter(ends_at__lte=now)
    found = list(over.order_by("ends_at")[:_CLOSED_AT_ONCE])
    if not found:
        return
    for tally in found:
        if tally.lock_id and tally.refused:
            trail.record_end_of_lock(lock_id=tally.lock_id, refused=tally.refused)
    Tally.objects.filter(pk__in=[tally.pk for tally in found]).delete()


def _network(address: str) -> str:
    found = ipaddress.ip_address(address)
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
