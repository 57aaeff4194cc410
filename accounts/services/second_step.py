"""The second step of a sign-in: codes of an app (TOTP, RFC 6238), and recovery codes.

Must not know requests or sessions. Seeds are sealed, recovery codes are hashes, and no code
works twice.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import trail
from accounts.models import RecoveryCode, SecondStep, User
from accounts.permissions import by_admin
from accounts.services import seed_box, tallies

RECOVERY_CODES = 10
_ISSUER = "BigQuery import"
_TURN_SECONDS = 30
_CODE_DIGITS = 6
# 24 of 32 letters are 120 bits: nothing to guess, so a quick hash is enough (ASVS 6.5.2).
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH, _CODE_PART = 24, 6


class CodeRefused(Exception):
    """The code does not match, was used, or there were too many tries."""


class NotForOneself(Exception):
    """An admin does this for others. Its text says which way there is for oneself.

    That way asks who is there: an admin's browser that was left open must not become a way in.
    """


@dataclass(frozen=True)
class Pairing:
    """What an app needs to make codes, while it is being set up."""

    seed: str
    uri: str


def is_on(user: User) -> bool:
    """Whether a code is asked for when this person signs in."""
    return SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=False).exists()


@sensitive_variables()
def begin(*, user: User, now: datetime) -> None:
    """Make a seed to pair an app with. Does nothing where the second step is on already."""
    cancel(user=user)
    sealed = seed_box.seal(pyotp.random_base32(32), user_id=user.pk)
    # One that was confirmed this very moment stays as it is.
    SecondStep.objects.get_or_create(user=user, defaults={"boxed_seed": sealed, "made_at": now})


@sensitive_variables()
def pairing(user: User) -> Pairing | None:
    """What to show while the app is being paired; None before and after."""
    step = SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=True).first()
    if step is None:
        return None
    seed = seed_box.unseal(step.boxed_seed, user_id=user.pk)
    uri = pyotp.TOTP(seed).provisioning_uri(name=user.email, issuer_name=_ISSUER)
    return Pairing(seed, uri)


@sensitive_variables()
def confirm(*, user: User, code: str, now: datetime) -> list[str]:
    """Turn the second step on with a first code of the app. The recovery codes, shown once.

    Raises:
        CodeRefused: the code does not match; nothing was turned on.
    """
    _count(user, now)
    step = SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=True).first()
    if step is None or not _take(step, code, now):
        raise CodeRefused("This code does not match. Enter the newest one that your app shows.")
    waiting = SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=True)
    with transaction.atomic():
        if not waiting.filter(boxed_seed=step.boxed_seed).update(confirmed_at=now):
            raise CodeRefused("This was set up elsewhere at the same time. Begin again.")
        codes = _new_codes(user)
        trail.record_about_user(user, "second step turned on", by=user)
    tallies.take_back([tallies.second_step_limit(user_id=user.pk)])
    return codes


@sensitive_variables("code")
def verify(*, user: User, code: str, now: datetime) -> None:
    """Take one code of the app, or one recovery code, which is used up.

    Raises:
        CodeRefused: it does not match, was used before, or there were too many tries.
    """
    _count(user, now)
    step = SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=False).first()
    if step is None or not (_take(step, code, now) or _use_recovery_code(user, code, now)):
        trail.record_refused_sign_in(
            action="second step refused", user=user, after={"by": "second step"}
        )
        raise CodeRefused("This code does not match, or was used. Enter the newest one.")
    tallies.take_back([tallies.second_step_limit(user_id=user.pk)])


@sensitive_variables("code")
def renew_codes(*, user: User, code: str, now: datetime) -> list[str]:
    """Fresh recovery codes, shown once; the older ones end.

    Raises:
        CodeRefused: as ``verify``.
    """
    verify(user=user, code=code, now=now)
    with transaction.atomic():
        codes = _new_codes(user)
        trail.record_about_user(user, "recovery codes made", by=user)
    return codes


@sensitive_variables("code")
def turn_off(*, user: User, code: str, now: datetime) -> None:
    """Turn one's own second step off.

    Raises:
        CodeRefused: as ``verify``.
    """
    verify(user=user, code=code, now=now)
    _remove(user, "second step turned off", by=user)


def cancel(*, user: User) -> None:
    """Give up pairing. Does nothing where the second step is on."""
    SecondStep.objects.filter(pk=user.pk, confirmed_at__isnull=True).delete()


@by_admin
def reset(*, user: User, by: User | None) -> None:
    """Take somebody's second step away, after a phone is lost.

    ``by`` is None when the command line asks: the last admin's way back in.

    Raises:
        NotForOneself: it is one's own.
    """
    if by == user:
        raise NotForOneself(
            "Turn your own second step off under Your account: it asks for a code. "
            "After a lost phone another admin can reset it."
        )
    _remove(user, "second step reset", by=by)


def codes_left(user: User) -> int:
    """How many recovery codes still work."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def _remove(user: User, action: str, *, by: User | None) -> None:
    with transaction.atomic():
        SecondStep.objects.filter(pk=user.pk).delete()
        RecoveryCode.objects.filter(user=user).delete()
        trail.record_about_user(user, action, by=by)


def _count(user: User, now: datetime) -> None:
    try:
        tallies.count([tallies.second_step_limit(user_id=user.pk)], now=now)
    except tallies.TooManyTries as refusal:
        raise CodeRefused(str(refusal)) from None


@sensitive_variables()
def _take(step: SecondStep, code: str, now: datetime) -> bool:
    """Whether it is a code of now, the turn before or after; later ones only, each once."""
    typed = code.replace(" ", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) == _CODE_DIGITS):
        return False
    try:
        totp = pyotp.TOTP(seed_box.unseal(step.boxed_seed, user_id=step.pk))
    except seed_box.SeedUnreadable:
        return False  # recovery codes still work, and an admin can reset it
    turn_now = int(now.timestamp()) // _TURN_SECONDS
    matching = [
        turn
        for turn in (turn_now - 1, turn_now, turn_now + 1)
        if secrets.compare_digest(totp.generate_otp(turn), typed)
    ]
    older = SecondStep.objects.filter(pk=step.pk)
    return any(older.filter(last_turn__lt=turn).update(last_turn=turn) for turn in matching)


@sensitive_variables("code")
def _use_recovery_code(user: User, code: str, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(
        user=user, code_hash=_hash(user, code), used_at__isnull=True
    )
    if not unused.update(used_at=now):
        return False
    trail.record_about_user(user, "recovery code used", by=user)
    return True


@sensitive_variables()
def _new_codes(user: User) -> list[str]:
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes
    )
    return codes


def _new_code() -> str:
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    parts = (letters[start : start + _CODE_PART] for start in range(0, _CODE_LENGTH, _CODE_PART))
    return "-".join(parts)


@sensitive_variables("code")
def _hash(user: User, code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(f"{user.pk}:{plain}".encode("utf-8", "surrogatepass")).hexdigest()
