"""What the tick does for people: forget what is over."""

from datetime import datetime

from accounts.services import tallies, visits


def sweep(*, now: datetime) -> None:
    """Sessions that have ended go, and so do counts; of a lock the trail gets the end."""
    visits.forget_over(now=now)
    tallies.forget_over(now=now)
