"""Worker half: mails that hold a link. The link exists nowhere else, and no log has it."""

from smtplib import SMTPException
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.models import SignInLink, User
from accounts.services.links import in_words, lifetime, make_sign_in_link

logger = structlog.get_logger(__name__)

Purpose = SignInLink.Purpose


def send_invitation(*, user_id: UUID, by_id: UUID) -> bool:
    """Invite somebody who was just added; False as ``_send``."""
    by = User.objects.filter(pk=by_id).first()
    return _send(user_id, Purpose.INVITATION, "You are invited", by)


def send_reset(*, user_id: UUID) -> bool:
    """Let somebody choose a new password; False as ``_send``."""
    return _send(user_id, Purpose.RESET, "Choose a new password", None)


@sensitive_variables()
def _send(user_id: UUID, purpose: SignInLink.Purpose, subject: str, by: User | None) -> bool:
    """False if there is nobody to mail to, or no server takes it.

    A mail that the server does not take is not sent again: the person asks again.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not settings.SENDS_MAIL:
        return False
    path = make_sign_in_link(user=user, now=timezone.now(), by=by, purpose=purpose)
    words = {
        "link": f"{settings.PUBLIC_URL}{path}",
        "site": settings.PUBLIC_URL,
        "by": by.email if by else "",
        "lasts": in_words(lifetime(purpose)),
    }
    text = render_to_string(f"accounts/mails/{purpose}.txt", words)
    try:
        EmailMessage(subject, text, to=[user.email]).send()
    except (SMTPException, OSError) as error:
        # The name of the error only: a server's answer repeats what it was sent.
        logger.warning("mail not sent", user_id=str(user.pk), error=type(error).__name__)
        return False
    return True
