"""CleverTap accounts: where rows go. Adding one, changing one, asking CleverTap about one.

A passcode is sealed before it reaches the row, and belongs to one account ID in one region.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from connections import encryption
from connections.bell import ring_on_commit
from connections.models import folded
from connections.secret import Secret
from imports import tasks
from imports.models import CleverTapAccount, Run
from imports.models.account import PASSCODE_NEEDED
from imports.services.locking import lock_imports_of

NO_WORKER = (
    "No worker answered in time. Ask the operator whether the import worker runs, then test again."
)


_NAMED = 3  # imports whose runs stand in the way; of the others only how many


class NameTaken(Exception):
    """Another account has this name already; the message is fit for the user."""


class ChangedMeanwhile(Exception):
    """Somebody else saved the account first; the message is fit for the user."""


class AccountGone(Exception):
    """The account was removed; the message is fit for the user."""


class PasscodeNeeded(Exception):
    """The stored passcode belongs to another account; the message is fit for the user."""


class RunsAtWork(Exception):
    """Rows of one run would go to two accounts; the message says which runs to stop."""


@dataclass(frozen=True)
class Details:
    """What the form says about an account, checked by the form."""

    name: str
    region: str
    account_id: str
    time_zone: str


@dataclass(frozen=True)
class Change:
    """What the form says: the details, the ``version_of`` it was filled in for, a new passcode."""

    details: Details
    version: str
    passcode: Secret | None = None


@by_admin
def create_account(
    *, details: Details, passcode: Secret, by: User, now: datetime
) -> CleverTapAccount:
    """Save the account with its passcode sealed, and test it at once.

    Raises:
        NameTaken: whatever the case or the spaces of the other name.
    """
    row_id = uuid.uuid4()
    try:
        with transaction.atomic():
            account = CleverTapAccount.objects.create(
                id=row_id,
                name=details.name,
                name_key=folded(details.name),
                region=details.region,
                account_id=details.account_id,
                sealed_passcode=encryption.seal(passcode, CleverTapAccount.seal_context(row_id)),
                time_zone=details.time_zone,
                created_by=by,
                created_at=now,
                updated_at=now,
            )
            trail.record(
                by=by,
                action="CleverTap account created",
                kind="CleverTap account",
                object_id=account.pk,
                name=account.name,
                after={"region": account.region, "account_id": account.account_id},
            )
            request_test(account=account)
    except IntegrityError:
        raise NameTaken(_taken(details.name)) from None
    return account


@by_admin
def edit_account(
    *, account: CleverTapAccount, change: Change, by: User, now: datetime
) -> CleverTapAccount:
    """Save the change; what CleverTap would judge anew is tested at once.

    Runs at work read the row when their next turn begins, so a new passcode is theirs then.
    Region and account ID stay as they are meanwhile: no run sends to two accounts.

    Raises:
        AccountGone: it was removed.
        ChangedMeanwhile: somebody saved it since ``change.version``.
        PasscodeNeeded: region or account ID are others, and no passcode came with them.
        RunsAtWork: region or account ID are others, and runs of its imports are at work.
        NameTaken: whatever the case or the spaces of the other name.
    """
    try:
        with transaction.atomic():
            locked = _locked(account, change.version)
            before, is_resealed = _described(locked), change.passcode is not None
            is_moved = not locked.is_at(
                region=change.details.region, account_id=change.details.account_id
            )
            if is_moved:
                _refuse_move(locked, change)
            _apply(locked, change)
            if is_resealed or _described(locked) != before:
                _save(locked, now=now, is_new_to_clevertap=is_moved or is_resealed)
                _record(locked, before=before, is_resealed=is_resealed, by=by)
    except IntegrityError:
        raise NameTaken(_taken(change.details.name)) from None
    return locked


def version_of(account: CleverTapAccount) -> str:
    """Which state of the account somebody has seen: every edit makes another one."""
    return account.updated_at.isoformat()


def request_test(*, account: CleverTapAccount) -> None:
    """Ask a worker whether CleverTap accepts the account ID and passcode in that region."""
    with transaction.atomic():
        account.request_test()
        ring_on_commit(tasks.check_account, account_id=account.pk)


def settle_overdue_test(*, account: CleverTapAccount, now: datetime) -> bool:
    """End a test that nobody answered in time. Returns whether this call ended it."""
    if account.verdict != CleverTapAccount.Verdict.TESTING or account.test_requested_at is None:
        return False
    if now < account.test_requested_at + timedelta(seconds=settings.TEST_DEADLINE_SECONDS):
        return False
    return account.record_test(verdict=CleverTapAccount.Verdict.INCONCLUSIVE, sentence=NO_WORKER)


def _locked(account: CleverTapAccount, version: str) -> CleverTapAccount:
    rows = CleverTapAccount.objects.listed().select_for_update(no_key=True)
    locked = rows.filter(pk=account.pk).first()
    if locked is None:
        raise AccountGone(f"“{account.name}” was removed and cannot be changed any more.")
    if version_of(locked) != version:
        raise ChangedMeanwhile(
            f"Somebody changed “{locked.name}” since you opened this page: it now says region "
            f"{locked.region}, Account ID {locked.account_id}. Your words are still here. "
            "Save again to put them in its place."
        )
    return locked


def _refuse_move(account: CleverTapAccount, change: Change) -> None:
    if change.passcode is None:
        raise PasscodeNeeded(PASSCODE_NEEDED)
    lock_imports_of(account)
    at_work = Run.objects.active().filter(parent__account=account)
    names = list(at_work.order_by("queued_at", "pk").values_list("parent__nickname", flat=True))
    if names:
        raise RunsAtWork(
            f"Runs at work send to this account: {_listed(names)}. Stop them or let them end, "
            "then change region and Account ID."
        )


def _apply(account: CleverTapAccount, change: Change) -> None:
    account.name = change.details.name
    account.name_key = folded(change.details.name)
    account.region = change.details.region
    account.account_id = change.details.account_id
    account.time_zone = change.details.time_zone
    if change.passcode is not None:
        context = CleverTapAccount.seal_context(account.pk)
        account.sealed_passcode = encryption.seal(change.passcode, context)


def _save(account: CleverTapAccount, *, now: datetime, is_new_to_clevertap: bool) -> None:
    """Write it; what a test said of other values says nothing of these."""
    account.updated_at = now
    if is_new_to_clevertap:
        account.verdict, account.verdict_sentence = CleverTapAccount.Verdict.UNTESTED, ""
        account.tested_at = None
    account.save()
    if is_new_to_clevertap:
        request_test(account=account)


def _described(account: CleverTapAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "region": account.region,
        "account_id": account.account_id,
        "time_zone": account.time_zone,
    }


def _record(
    account: CleverTapAccount, *, before: dict[str, Any], is_resealed: bool, by: User
) -> None:
    """Of a passcode only that it was replaced."""
    after = _described(account)
    changed = [name for name in after if after[name] != before[name]]
    trail.record(
        by=by,
        action="passcode replaced" if is_resealed else "CleverTap account changed",
        kind="CleverTap account",
        object_id=account.pk,
        name=account.name,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def _taken(name: str) -> str:
    return f"There is already an account called “{name}”. Choose another name."


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
