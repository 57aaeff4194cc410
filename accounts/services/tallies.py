"""Counts tries by account and by address, and says when there were too many (ADR 28).

A try is counted before it is judged, so that a thousand at once are not a thousand free ones.
What is counted is kept as a hash, for as long as it counts.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import Tally

_IPV6_PREFIX = 64  # what one household or one machine gets


class TooManyTries(Exception):
    """One of the limits is reached. Its text is for whoever tries."""

    def __init__(self, *, minutes: int, is_first: bool) -> None:
        super().__init__(f"This was tried too often. Wait {minutes} minutes, then try again.")
        self.minutes = minutes
        self.is_first = is_first  # the one to be put into the trail; a flood fills no table


@dataclass(frozen=True)
class Limit:
    """So many tries of one subject, until the pause is over."""

    kind: str
    subject: str
    most: int
    minutes: int

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.kind}:{self.subject}".encode()).hexdigest()


def sign_in_limits(*, name: str, address: str | None, browser: str) -> list[Limit]:
    """What holds for a try with this name.

    ``browser`` names one that has signed in with it before, if this is one. It has a count of
    its own and is not held back by what is tried from elsewhere: nobody locks another out.
    """
    minutes = settings.SIGN_IN_PAUSE_MINUTES
    if browser:
        limits = [Limit("browser", browser, settings.AXES_FAILURE_LIMIT, minutes)]
    else:
        limits = [Limit("name", name, settings.SIGN_IN_PER_ACCOUNT, minutes)]
    if address:
        most = settings.SIGN_IN_PER_ADDRESS
        limits.append(Limit("address", _network(address), most, minutes))
    return limits


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


def count(limits: Iterable[Limit], *, now: datetime) -> None:
    """Count one try against each limit.

    Raises:
        TooManyTries: one of them was reached already; nothing must be judged any more.
    """
    beyond = {limit: _counted(limit, now) - limit.most for limit in limits}
    reached = {limit: by for limit, by in beyond.items() if by > 0}
    if reached:
        minutes = max(limit.minutes for limit in reached)
        raise TooManyTries(minutes=minutes, is_first=1 in reached.values())


def take_back(limits: Iterable[Limit]) -> None:
    """It went well, so this one try is not held against anybody."""
    keys = [limit.key for limit in limits]
    Tally.objects.filter(subject__in=keys, count__gt=0).update(count=F("count") - 1)


def _counted(limit: Limit, now: datetime) -> int:
    """How often by now, this time included."""
    mine = Tally.objects.filter(subject=limit.key)
    with transaction.atomic():
        if not mine.filter(ends_at__gt=now).update(count=F("count") + 1):
            _begin(limit, now)
        return mine.values_list("count", flat=True).first() or 1


def _begin(limit: Limit, now: datetime) -> None:
    ends_at = now + timedelta(minutes=limit.minutes)
    Tally.objects.filter(ends_at__lte=now).exclude(subject=limit.key).delete()
    begun, is_new = Tally.objects.select_for_update().get_or_create(
        subject=limit.key, defaults={"count": 1, "ends_at": ends_at}
    )
    if is_new:
        return
    is_over = begun.ends_at <= now  # else another try has begun it this very moment
    begun.count = 1 if is_over else begun.count + 1
    begun.ends_at = ends_at if is_over else begun.ends_at
    begun.save(update_fields=["count", "ends_at"])


def _network(address: str) -> str:
    found = ipaddress.ip_address(address)
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
