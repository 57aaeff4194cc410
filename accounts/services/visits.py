"""Where a person is signed in: one row for each browser, beside Django's session.

The session itself says until when it is good, so a list costs two queries and a request none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied

from accounts import address, trail
from accounts.models import User, Visit
from accounts.permissions import by_member
from accounts.session_store import kept_as

_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_BROWSER_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class OpenVisit:
    """A browser that is signed in now."""

    id: UUID
    browser: str
    ip_address: str | None
    began_at: datetime
    seen_at: datetime
    is_this: bool


def begin(*, user: User, session_key: str, user_agent: str, now: datetime) -> None:
    """Note a browser that has just signed in, and forget those that are over."""
    _forget_ended(user)
    Visit.objects.update_or_create(
        session_key=kept_as(session_key),
        defaults={
            "user": user,
            "began_at": now,
            "ip_address": address.current(),
            "browser": _in_words(user_agent),
        },
    )


def moved(*, before: str, after: str) -> None:
    """The browser goes on under another session key."""
    Visit.objects.filter(session_key=kept_as(before)).update(session_key=kept_as(after))


def ended(*, session_key: str) -> None:
    """The browser has signed out by itself."""
    Visit.objects.filter(session_key=kept_as(session_key)).delete()


def open_visits(*, user: User, session_key: str | None, now: datetime) -> list[OpenVisit]:
    """Every browser that the person is signed in with, this one first, then the newest."""
    visits = {visit.session_key: visit for visit in user.visits.all()}
    alive = Session.objects.filter(pk__in=visits, expire_date__gt=now)
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    found = [
        OpenVisit(
            id=visits[session.pk].id,
            browser=visits[session.pk].browser or "A browser",
            ip_address=visits[session.pk].ip_address,
            began_at=visits[session.pk].began_at,
            seen_at=min(now, session.expire_date - idle),
            is_this=session.pk == kept_as(session_key),
        )
        for session in alive
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.began_at.timestamp()))


def end_one(*, user: User, visit_id: UUID) -> bool:
    """Sign one browser of the person out. False if it is not theirs, or over."""
    visit = user.visits.filter(pk=visit_id).first()
    if visit is None:
        return False
    _end([visit])
    trail.record_about_user(user, "signed out", by=user, after={"browser": visit.browser})
    return True


@by_member
def end_others(*, user: User, session_key: str | None, by: User) -> int:
    """Sign all browsers of the person out but one; how many there were.

    Raises:
        PermissionDenied: they are somebody else's, and ``by`` is no admin.
    """
    if by.pk != user.pk and not by.is_admin:
        raise PermissionDenied
    others = list(user.visits.exclude(session_key=kept_as(session_key)))
    _end(others)
    if others:
        trail.record_about_user(
            user, "signed out elsewhere", by=by, after={"browsers": len(others)}
        )
    return len(others)


def forget_over(*, now: datetime) -> None:
    """Sessions that have ended leave the database, and with them what they held."""
    Session.objects.filter(expire_date__lte=now).delete()


def _end(visits: list[Visit]) -> None:
    Session.objects.filter(pk__in=[visit.session_key for visit in visits]).delete()
    Visit.objects.filter(pk__in=[visit.pk for visit in visits]).delete()


def _forget_ended(user: User) -> None:
    keys = set(user.visits.values_list("session_key", flat=True))
    alive = set(Session.objects.filter(pk__in=keys).values_list("pk", flat=True))
    user.visits.filter(session_key__in=keys - alive).delete()


def _in_words(user_agent: str) -> str:
    """Firefox on Linux: what a person tells their browsers apart by."""
    browser = next((name for name in _BROWSERS if f"{name}/" in user_agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    name = _BROWSER_NAMES.get(browser, browser) or "A browser"
    return f"{name} on {system}" if system else name
