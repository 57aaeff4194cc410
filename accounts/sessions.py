"""Opens and ends sessions: the only module that signs a browser in or out.

Must not judge links or passwords itself: services and Django's backends do.
"""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import trail
from accounts.models import User

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInRefused(Exception):
    """E-mail and password do not open a session. One sentence, whatever the reason is."""


@sensitive_variables("password")
def sign_in_with_password(request: HttpRequest, *, email: str, password: str) -> User:
    """Open a session for the person, and say so in the trail.

    Raises:
        SignInRefused: unknown, wrong, inactive, without a password, or locked out
            (then axes' middleware answers with its own page).
    """
    # Attempts are counted by name and address; "Ana@" and "ana@" are one name.
    name = email.lower()
    # The credential must be called as User.USERNAME_FIELD is, or axes counts for nobody.
    user = authenticate(request, email=name, password=password)
    if not isinstance(user, User):
        _record_refusal(request, name)
        raise SignInRefused(
            "This e-mail and password do not match. Check both, or use a sign-in link."
        )
    open_session(request, user)
    trail.record_about_user(user, "signed in", by=user, after={"by": "password"})
    return user


def open_session(request: HttpRequest, user: User) -> None:
    """Sign the browser in, always under a new session key (no session fixation)."""
    key_before = request.session.session_key
    login(request, user, backend=_BACKEND)
    if request.session.session_key == key_before:
        request.session.cycle_key()  # Django keeps the key of somebody signed in already


def keep_session(request: HttpRequest, user: User) -> None:
    """After a new password: this session goes on, under a new key; all others end."""
    update_session_auth_hash(request, user)


def end_session(request: HttpRequest) -> None:
    """Sign the browser out. Does nothing for nobody."""
    user = request.user
    logout(request)
    if isinstance(user, User):
        trail.record_about_user(user, "signed out", by=user)


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
