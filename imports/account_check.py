"""Worker half of testing a CleverTap account: ask CleverTap, store our own words."""

from uuid import UUID

from imports.clevertap import CleverTapError, CleverTapUnavailable
from imports.destination import DestinationUnavailable, open_clevertap
from imports.models import CleverTapAccount

Verdict = CleverTapAccount.Verdict
ACCEPTED = "CleverTap accepts this account ID and passcode."


def check_account(*, account_id: UUID) -> None:
    """Call ``GET /v1/connect`` and record the verdict; a test that is over stays as it is."""
    account = CleverTapAccount.objects.filter(pk=account_id).first()
    if account is None or account.verdict != Verdict.TESTING:
        return
    verdict, sentence = _verdict(account)
    account.record_test(verdict=verdict, sentence=sentence)


def _verdict(account: CleverTapAccount) -> tuple[str, str]:
    try:
        with open_clevertap(account) as clevertap:
            clevertap.check()
    except DestinationUnavailable as error:
        return Verdict.FAILED, str(error)
    except CleverTapUnavailable as error:
        return Verdict.INCONCLUSIVE, error.sentence
    except CleverTapError as error:
        return Verdict.FAILED, error.sentence
    return Verdict.VERIFIED, ACCEPTED
