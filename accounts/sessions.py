"""Opens and ends sessions: the only module that signs a browser in or out.

Must not judge links or passwords itself: services and Django's backends do.
"""

import time
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import address, trail
from accounts.known_browsers import browser_of
from accounts.models import User
from accounts.services import second_step, tallies, visits
from accounts.services.rules import second_step_is_missing

SINGLE_SIGN_ON = "single sign-on"
_WAITING, _BEGAN_AT, _MUST_SET_UP = "second_step", "began_at", "must_set_up"
_WAITING_SECONDS = 300
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInRefused(Exception):
    """E-mail and password do not open a session. One sentence, whatever the reason is."""


@sensitive_variables()  # what is called holds it under other names
def sign_in_with_password(request: HttpRequest, *, email: str, password: str) -> User:
    """Whose e-mail and password these are; ``admit`` opens the session.

    Raises:
        SignInRefused: unknown, wrong, inactive, without a password, or locked out
            (then axes' middleware answers with its own page).
        TooManyTries: of this name from everywhere, from this address, or of everybody at once.
    """
    # Attempts are counted by name and address; "Ana@" and "ana@" are one name.
    name = email.lower()
    limits = tallies.sign_in_limits(
        name=name, address=address.current(), browser=browser_of(request, name=name)
    )
    _count(limits, name)
    # The credential must be called as User.USERNAME_FIELD is, or axes counts for nobody.
    user = authenticate(request, email=name, password=password)
    if not isinstance(user, User):
        if getattr(request, "axes_locked_out", False):  # then no hash was computed
            tallies.take_back(limit for limit in limits if limit.is_of_all)
        _record_refusal(request, name)
        raise SignInRefused(
            "This e-mail and password do not match. Check both, or use a sign-in link."
        )
    tallies.take_back(limits)
    return user


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
    visits.moved(before=before, after=request.session.session_key or "")
    visits.end_others(user=user, session_key=request.session.session_key, by=user)


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
        tallies.count(limits, now=timezone.now())
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
