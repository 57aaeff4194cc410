"""Messages in, one call each. Ids only."""

from uuid import UUID

from celery import shared_task


@shared_task(name="accounts.mail_invitation", soft_time_limit=40, time_limit=60)
def mail_invitation(*, user_id: str, by_id: str) -> None:
    """Mail somebody the link that an admin wants them to have."""
    from accounts import mail  # noqa: PLC0415

    mail.send_invitation(user_id=UUID(user_id), by_id=UUID(by_id))


@shared_task(name="accounts.mail_reset", soft_time_limit=40, time_limit=60)
def mail_reset(*, user_id: str) -> None:
    """Mail somebody a link to choose a new password."""
    from accounts import mail  # noqa: PLC0415

    mail.send_reset(user_id=UUID(user_id))
