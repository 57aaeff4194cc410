"""CleverTap accounts: where rows go."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from connections import encryption
from connections.bell import ring_on_commit
from connections.models import folded
from connections.secret import Secret
from imports import tasks
from imports.models import CleverTapAccount

NO_WORKER = (
    "No worker answered in time. Ask the operator whether the import worker runs, then test again."
)


class NameTaken(Exception):
    """Another account has this name already; the message is fit for the user."""


@dataclass(frozen=True)
class Details:
    """What the form says about an account, checked by the form."""

    name: str
    region: str
    account_id: str
    time_zone: str


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
        raise NameTaken(
            f"There is already an account called “{details.name}”. Choose another name."
        ) from None
    return account


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
