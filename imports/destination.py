"""From an account row to an open CleverTap gateway: where a passcode is decrypted for use."""

from django.conf import settings

from connections import encryption
from imports.clevertap import CleverTap
from imports.models import CleverTapAccount


class DestinationUnavailable(Exception):
    """The account cannot be used here; the message is fit for the user."""


def open_clevertap(account: CleverTapAccount) -> CleverTap:
    """A gateway to the account; close it after use.

    The address follows from the region through ``settings.CLEVERTAP_REGIONS``; it is
    never typed by anybody.

    Raises:
        DestinationUnavailable: the passcode cannot be opened, or the region is unknown here.
    """
    region = settings.CLEVERTAP_REGIONS.get(account.region)
    if region is None:
        raise DestinationUnavailable(
            "This CleverTap account belongs to the sandbox, and the sandbox is not part of "
            "this installation."
        )
    if not account.sealed_passcode:
        raise DestinationUnavailable("The passcode of this CleverTap account has been destroyed.")
    context = CleverTapAccount.seal_context(account.pk)
    try:
        passcode = encryption.open_sealed(account.sealed_passcode, context)
    except encryption.CannotOpen:
        raise DestinationUnavailable(
            "The stored passcode cannot be opened with this installation’s credential ring. "
            "Ask the operator to restore the ring, or enter the passcode again."
        ) from None
    return CleverTap(
        base_url=region["url"],
        account_id=account.account_id,
        passcode=passcode,
        timeout_seconds=settings.CLEVERTAP_TIMEOUT_SECONDS,
    )
