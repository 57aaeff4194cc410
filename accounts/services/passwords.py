"""Passwords: setting one's own, and after it was forgotten. What was typed is never kept, shown or logged."""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import trail
from accounts.models import User
from accounts.services import post, tallies
from accounts.services.links import (
    LinkRefused,
    check_sign_in_link,
    end_links,
    use_sign_in_link,
)


class PasswordRefused(Exception):
    """The new password is too weak; ``sentences`` say why, all of them."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class CurrentPasswordWrong(Exception):
    """The current password does not match, or was wrong too often of late."""


_PASSWORD_SENTENCES = {
    "password_too_short": "Use at least {min_length} characters.",
    "password_too_common": "This password is on lists of common passwords. Choose another.",
    "password_entirely_numeric": "Use more than digits.",
    "password_too_similar": "This password is too much like your e-mail address.",
}


@sensitive_variables()
def set_password(*, user: User, password: str, now: datetime) -> None:
    """Set one's own password. Other sessions end with the old one, and so do open links.

    Raises:
        PasswordRefused: it is too weak; nothing was changed.
    """
    _demand_strong(user, password)
    action = "password changed" if user.has_usable_password() else "password set"
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        end_links(user=user, now=now)
        trail.record_about_user(user, action, by=user)


@sensitive_variables()
def change_password(*, user: User, current: str, password: str, now: datetime) -> None:
    """Set a new password for somebody who knows the current one, or who has none yet.

    Raises:
        CurrentPasswordWrong: it does not match, or did not too often of late.
        PasswordRefused: the new one is too weak.
    """
    if user.has_usable_password():
        confirm(user=user, current=current, now=now)
    set_password(user=user, password=password, now=now)


@sensitive_variables("current")
def confirm(*, user: User, current: str, now: datetime) -> None:
    """Ask for the current password, before it or a second step is changed.

    Raises:
        CurrentPasswordWrong: it does not match, or did not too often of late.
    """
    limit = tallies.password_limit(user_id=user.pk)
    try:
        tallies.count([limit], now=now)  # before it is judged: of many at once as well
    except tallies.TooManyTries as many:
        raise CurrentPasswordWrong(
            f"That was wrong too often. Wait {many.wait}, then try again."
        ) from None
    if not user.check_password(current):
        trail.record_about_user(user, "current password refused", by=user)
        raise CurrentPasswordWrong("This is not your current password. Enter it once more.")
    tallies.take_back([limit])


@sensitive_variables()
def reset_password(*, token: str, password: str, now: datetime) -> User:
    """Set a new password with a reset link, which is used up by that.

    Raises:
        LinkRefused: as ``use_sign_in_link``.
        PasswordRefused: the password is too weak; the link still works.
    """
    with suppress(LinkRefused):  # said and recorded by use_sign_in_link
        _demand_strong(check_sign_in_link(token=token, now=now), password)
    user = use_sign_in_link(token=token, now=now)
    set_password(user=user, password=password, now=now)
    return user


def ask_for_reset(*, email: str, address: str | None, now: datetime) -> None:
    """Have a reset link mailed, if there is such a person. Nothing tells whether there is.

    Raises:
        TooManyTries: for this address, or from it.
    """
    name = email.lower()
    tallies.count(tallies.reset_limits(name=name, address=address), now=now)
    user = User.objects.filter(email__iexact=name, is_active=True).first()
    with transaction.atomic(), transaction.atomic():  # the inner one may be taken back
        trail.record_about_user(user or User(email=name), "password reset asked for")
        if user is None:
            transaction.set_rollback(
                True
            )  # written all the same: the time tells nobody who is here
    post.reset_on_commit(user=user)


@sensitive_variables()
def _demand_strong(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefused([_password_sentence(weak) for weak in error.error_list]) from None


def _password_sentence(error: ValidationError) -> str:
    sentence = _PASSWORD_SENTENCES.get(error.code or "", "Choose a stronger password.")
    return sentence.format(**(error.params or {}))
