"""Links that let in: one person, once, for a while. Only a link's SHA-256 is kept.

A sign-in link and an invitation sign in; a reset link asks for a new password first.

Must not know requests or sessions. Who made, used and failed to use a link is in the trail.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts import trail
from accounts.models import SignInLink, User
from accounts.permissions import by_admin
from accounts.services import second_step, tallies
from accounts.services.second_step import NotForOneself

Purpose = SignInLink.Purpose

_TOKEN_BYTES = 32


class LinkRefused(Exception):
    """The link signs nobody in. Its text is for the person who holds the link."""

    class Reason(StrEnum):
        UNKNOWN = "unknown"
        INACTIVE = "inactive"
        USED = "used"
        EXPIRED = "expired"

    def __init__(self, reason: Reason, user: User | None = None) -> None:
        super().__init__(_LINK_SENTENCES[reason])
        self.reason = reason
        self.user = user


class PersonInactive(Exception):
    """Somebody who may not sign in gets no link."""


_ASK = "Ask an admin for a new one, or run make sign-in-link on the server."
# Unknown and inactive read alike: a link must not tell an outsider who is here.
_LINK_SENTENCES = {
    LinkRefused.Reason.UNKNOWN: f"This sign-in link does not work. {_ASK}",
    LinkRefused.Reason.INACTIVE: f"This sign-in link does not work. {_ASK}",
    LinkRefused.Reason.USED: (
        f"This sign-in link has been used; each link works once. {_ASK} "
        "If it was not you who used it, tell an admin now."
    ),
    LinkRefused.Reason.EXPIRED: (
        f"This sign-in link is too old, or a newer one has taken its place. {_ASK}"
    ),
}


_MADE = {
    Purpose.SIGN_IN: "sign-in link made",
    Purpose.INVITATION: "invitation made",
    Purpose.RESET: "reset link made",
}


def lifetime(purpose: Purpose) -> timedelta:
    """How long a link of this kind is good for."""
    if purpose is Purpose.INVITATION:
        return timedelta(days=settings.INVITATION_DAYS)
    if purpose is Purpose.RESET:
        return timedelta(minutes=settings.RESET_LINK_MINUTES)
    return timedelta(minutes=settings.SIGN_IN_LINK_MINUTES)


def in_words(time: timedelta) -> str:
    """7 days; 30 minutes."""
    return f"{time.days} days" if time.days else f"{int(time.total_seconds() // 60)} minutes"


@by_admin
@sensitive_variables("token")
def make_sign_in_link(
    *, user: User, now: datetime, by: User | None = None, purpose: Purpose = Purpose.SIGN_IN
) -> str:
    """The path of a fresh link, good once and for the ``lifetime`` of its kind; older ones end.

    The token leaves this function in the path and nowhere else; the database keeps its
    SHA-256. ``by`` is None when the command line asks.

    Raises:
        NotForOneself: ``by`` asks for a link of their own.
        PersonInactive: the person may not sign in.
    """
    if by == user:
        raise NotForOneself(
            "A link is for others. For yourself set a password under Your account, "
            "or ask another admin."
        )
    if not user.is_active:
        raise PersonInactive(f"{user.email} may not sign in: the account is switched off.")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + lifetime(purpose)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two at once: one link is left
        end_links(user=user, now=now)
        SignInLink.objects.create(
            user=user,
            purpose=purpose,
            token_hash=_hash(token),
            created_at=now,
            expires_at=expires_at,
        )
        trail.record_about_user(user, _MADE[purpose], by=by, after={"expires_at": expires_at})
    return reverse("accounts:sign_in_link", kwargs={"token": token})


@sensitive_variables("token")
def check_sign_in_link(*, token: str, now: datetime) -> User:
    """Whom the link would sign in. Changes nothing: mail scanners open links too.

    Raises:
        LinkRefused: the link is unknown, used or expired, or its person inactive.
    """
    return check_link(token=token, now=now).user


@sensitive_variables("token")
def check_link(*, token: str, now: datetime) -> SignInLink:
    """The link with its person; as ``check_sign_in_link``.

    Raises:
        LinkRefused: the link is unknown, used or expired, or its person inactive.
    """
    link = SignInLink.objects.select_related("user").filter(token_hash=_hash(token)).first()
    if link is None:
        raise LinkRefused(LinkRefused.Reason.UNKNOWN)
    if not link.user.is_active:
        raise LinkRefused(LinkRefused.Reason.INACTIVE, link.user)
    if link.used_at is not None:
        raise LinkRefused(LinkRefused.Reason.USED, link.user)
    if link.expires_at <= now:
        raise LinkRefused(LinkRefused.Reason.EXPIRED, link.user)
    return link


@sensitive_variables("token")
def use_sign_in_link(*, token: str, now: datetime) -> User:
    """Use the link up; of two who come at once, one gets in.

    Raises:
        LinkRefused: as ``check_sign_in_link``; the refusal is in the trail.
    """
    try:
        user = check_sign_in_link(token=token, now=now)
        _use_up(token, user, now)
    except LinkRefused as refusal:
        _record_refusal(refusal, now)
        raise
    return user


def _record_refusal(refusal: LinkRefused, now: datetime) -> None:
    """Singly up to a number, then all further ones as one: who makes links up fills no table."""
    limit = tallies.refused_links_limit(user_id=refusal.user and refusal.user.pk)
    after = {"by": "link", "reason": refusal.reason}
    try:
        tallies.count([limit], now=now)
    except tallies.TooManyTries as many:
        if many.is_first:
            after["reason"] = "many refused links"
            entry = trail.record_refused_sign_in(
                action="links refused", user=refusal.user, after=after
            )
            tallies.remember_lock(entry, limit=limit)
        return
    trail.record_refused_sign_in(action="sign-in refused", user=refusal.user, after=after)


def end_links(*, user: User, now: datetime) -> None:
    """No link made for this person before now signs them in any more."""
    open_links = user.sign_in_links.filter(used_at__isnull=True, expires_at__gt=now)
    open_links.update(expires_at=now)


@sensitive_variables("token")
def _use_up(token: str, user: User, now: datetime) -> None:
    links = SignInLink.objects.filter(
        token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now
    )  # columns of its own row only: PostgreSQL checks those again after waiting for a lock
    with transaction.atomic():
        if not links.update(used_at=now):
            raise LinkRefused(LinkRefused.Reason.USED, user)
        # Somebody with a second step is not in yet.
        action = "sign-in link used" if second_step.is_on(user) else "signed in"
        trail.record_about_user(user, action, by=user, after={"by": "link"})


@sensitive_variables("token")
def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
