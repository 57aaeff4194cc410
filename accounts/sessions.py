"""Opens and ends sessions: the only module that signs a browser in or out.

Must not judge links or passwords itself: services and Django's backends do.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import address, trail
from accounts.known_browsers import browser_of
from accounts.models import User
from accounts.services import door, passwords, second_step, tallies, visits
from accounts.services.rules import second_step_is_missing

SINGLE_SIGN_ON = "single sign-on"
_WAITING, _BEGAN_AT, _MUST_SET_UP = "second_step", "began_at", "must_set_up"
_CONFIRMED_AT = "confirmed_at"
_WAITING_SECONDS = 300
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInRefused(Exception):
    """E-mail and password do not open a session. One sentence, whatever the reason is."""


class NotConfirmed(Exception):
    """It is not sure enough who sits there. Its text says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "Sign out and in again first, then do this within "
            f"{settings.CONFIRMED_MINUTES} minutes. It keeps out who only found your browser open."
        )


@sensitive_variables()  # what is called holds it under other names
def sign_in_with_password(request: HttpRequest, *, email: str, password: str) -> User:
    """Whose e-mail and password these are; ``admit`` opens the session.

    Raises:
        SignInRefused: unknown, wrong, inactive, without a password, or locked out
            (then axes' middleware answers with its own page).
        TooManyTries: of this name from everywhere, from this address, or of everybody at once.
    """
    # Attempts are counted by name and address; "Ana@" and "ana@" are one name.
    name, browser = email.lower(), browser_of(request, name=email)
    limits = tallies.sign_in_limits(name=name, address=address.current(), browser=browser)
    _count(limits, name)
    user = _judged(request, name, password, limits, is_known=bool(browser))
    if not isinstance(user, User):
        if getattr(request, "axes_locked_out", False):  # then no hash was computed
            tallies.take_back(limit for limit in limits if limit.is_of_all)
        _record_refusal(request, name)
        raise SignInRefused(
            "This e-mail and password do not match. Check both, or use a sign-in link."
        )
    tallies.take_back(limits)
    return user


@sensitive_variables()
def _judged(
    request: HttpRequest,
    name: str,
    password: str,
    limits: Sequence[tallies.Limit],
    *,
    is_known: bool,
) -> object:
    try:
        with nullcontext() if is_known else door.in_turn():
            # The credential must be called as User.USERNAME_FIELD is, or axes counts for nobody.
            return authenticate(request, email=name, password=password)
    except tallies.TooManyTries:
        tallies.take_back(limits)  # it was not judged
        raise


def refused_at_the_door(request: HttpRequest) -> tallies.TooManyTries | None:
    """Whether a try to sign in need not be read: a limit was seen reached a moment ago."""
    if not door.is_any_shut():
        return None
    limit = door.refusing(_limits_of(request))
    return tallies.TooManyTries(limit, is_first=False) if limit else None


def _limits_of(request: HttpRequest) -> Iterator[tallies.Limit]:
    """Those that need no body first: what is refused by them is not even read."""
    here, may_be_known = address.current(), settings.KNOWN_COOKIE_NAME in request.COOKIES
    if here:
        yield tallies.address_limit(here)
    if not may_be_known:
        yield tallies.everybody_limit()
    if request.content_type != "application/x-www-form-urlencoded":
        return
    name = request.POST.get("email", "").strip().lower()
    if browser := browser_of(request, name=name):
        yield tallies.browser_limit(browser)
        return
    yield tallies.name_limit(name)
    if may_be_known:
        yield tallies.everybody_limit()


def admit(request: HttpRequest, user: User, *, by: str, goes_to: str) -> bool:
    """Open a session for who has shown who they are; False if a second step is due first.

    ``by`` is "password", "link" or "single sign-on"; whoever came by the last has taken the
    steps that the provider asks for. Use of a link is in the trail already.
    """
    if by != SINGLE_SIGN_ON and second_step.is_on(user):
        request.session.flush()  # nobody goes on as the person of before
        waiting = {"user": str(user.pk), "at": time.time(), "by": by, "goes_to": goes_to}
        request.session[_WAITING] = waiting
        return False
    open_session(request, user, by=by)
    if by != "link":
        trail.record_about_user(user, "signed in", by=user, after={"by": by})
    return True


def waits_for_second_step(request: HttpRequest) -> tuple[User, str] | None:
    """Who has shown a password or a link, a few minutes ago at most, and where they go."""
    waiting = request.session.get(_WAITING)
    if not waiting or time.time() - waiting["at"] > _WAITING_SECONDS:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    return (user, waiting["goes_to"]) if user else None


@sensitive_variables()
def take_second_step(request: HttpRequest, user: User, *, code: str, now: datetime) -> None:
    """Open the session that waits for a code.

    Raises:
        CodeRefused: it does not match, was used, or there were too many tries.
    """
    second_step.verify(user=user, code=code, now=now)
    by = f"{request.session.pop(_WAITING)['by']} and second step"
    open_session(request, user, by=by)
    trail.record_about_user(user, "signed in", by=user, after={"by": by})


def open_session(request: HttpRequest, user: User, *, by: str) -> None:
    """Sign the browser in, always under a new session key (no session fixation)."""
    key_before = request.session.session_key
    login(request, user, backend=_BACKEND)
    if request.session.session_key == key_before:
        request.session.cycle_key()  # Django keeps the key of somebody signed in already
    request.session[_BEGAN_AT] = time.time()
    request.session[_MUST_SET_UP] = by != SINGLE_SIGN_ON and second_step_is_missing(user)
    visits.begin(
        user=user,
        session_key=request.session.session_key or "",
        user_agent=request.headers.get("User-Agent", ""),
        now=timezone.now(),
    )


def keep_session(request: HttpRequest, user: User) -> None:
    """After a new password: this session goes on, under a new key; all others end."""
    before = request.session.session_key or ""
    update_session_auth_hash(request, user)
    request.session[_CONFIRMED_AT] = time.time()
    visits.moved(before=before, after=request.session.session_key or "")
    visits.end_others(user=user, session_key=request.session.session_key, by=user)


@sensitive_variables()
def confirm(request: HttpRequest, user: User, *, password: str, now: datetime) -> None:
    """The person gives the password once more, before ways to sign in are changed.

    Raises:
        CurrentPasswordWrong: it does not match, or did not too often of late.
    """
    passwords.confirm(user=user, current=password, now=now)
    request.session[_CONFIRMED_AT] = time.time()


def demand_confirmed(request: HttpRequest, user: User) -> None:
    """Refuse who has not shown within the last minutes that they are who has signed in.

    By the password; who has none (single sign-on, links) by having signed in just now.

    Raises:
        NotConfirmed: too long ago, or never.
    """
    marks = [request.session.get(_CONFIRMED_AT, 0)]
    if not user.has_usable_password():
        marks.append(request.session.get(_BEGAN_AT, 0))
    if time.time() - max(marks) > settings.CONFIRMED_MINUTES * 60:
        raise NotConfirmed


def is_too_old(request: HttpRequest) -> bool:
    """Whether the session is over however busy it is. One without a begin begins now."""
    began_at = request.session.setdefault(_BEGAN_AT, time.time())
    return time.time() - float(began_at) > settings.SESSION_HOURS * 3600


def must_set_up(request: HttpRequest) -> bool:
    """Whether the person has to set a second step up before anything else."""
    return bool(request.session.get(_MUST_SET_UP))


def is_set_up(request: HttpRequest) -> None:
    """The second step is on: the rest of the product opens."""
    request.session[_MUST_SET_UP] = False


def end_session(request: HttpRequest) -> None:
    """Sign the browser out. Does nothing for nobody."""
    user = request.user
    if request.session.session_key:
        visits.ended(session_key=request.session.session_key)
    logout(request)
    if isinstance(user, User):
        trail.record_about_user(user, "signed out", by=user)


def _count(limits: Sequence[tallies.Limit], name: str) -> None:
    try:
        door.count(limits, now=timezone.now())
    except tallies.TooManyTries as refusal:
        if refusal.is_first:
            entry = trail.record_refused_sign_in(
                action="sign-in locked",
                name=name,
                after={"by": "password", "reason": f"many tries: {refusal.limit.kind}"},
            )
            tallies.remember_lock(entry, limit=refusal.limit)
        raise


def _record_refusal(request: HttpRequest, name: str) -> None:
    """Up to the failure that locks, and not each one after it: a flood fills no table."""
    failures = getattr(request, "axes_failures_since_start", None) or 0
    if failures > settings.AXES_FAILURE_LIMIT:
        return
    is_locked = failures == settings.AXES_FAILURE_LIMIT
    trail.record_refused_sign_in(
        action="sign-in locked" if is_locked else "sign-in refused",
        name=name,
        after={"by": "password", "failures": failures},
    )
