"""Prints a fresh sign-in link: the way in for the first admin, and after a lost password."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from accounts.services import first_admin, make_sign_in_link, second_step
from accounts.services.links import PersonInactive
from accounts.services.people import FIRST_ADMIN_EMAIL

REFUSED = 2


class Command(BaseCommand):
    help = "Prints a link that signs one person in, once, for a while. Older links of theirs end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--email", default="", help="whom to sign in; the oldest admin if unset"
        )
        parser.add_argument(
            "--first-admin", action="store_true", help="make the first admin where there is nobody"
        )

        parser.add_argument(
            "--reset-second-step", action="store_true", help="after the phone is lost: take it away"
        )

    def handle(
        self, *args: Any, email: str, first_admin: bool, reset_second_step: bool, **options: Any
    ) -> None:
        try:
            user = self._person(email.strip(), may_make_one=first_admin)
            if reset_second_step:
                second_step.reset(user=user, by=None)
            path = make_sign_in_link(user=user, now=timezone.now())
        except PersonInactive as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from None
        except DatabaseError:
            raise CommandError(
                "The database is not ready. Check that its server runs and that `migrate` has run.",
                returncode=REFUSED,
            ) from None
        self.stdout.write(f"{settings.PUBLIC_URL}{path}")

    def _person(self, email: str, *, may_make_one: bool) -> User:
        if may_make_one and not User.objects.exists():
            return self._make_first_admin(email or FIRST_ADMIN_EMAIL)
        if may_make_one or not email:
            return _oldest_admin()
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(
                f"There is nobody with the e-mail address {email}. Check its spelling.",
                returncode=REFUSED,
            )
        return user

    def _make_first_admin(self, email: str) -> User:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(
                f"{email} is not an e-mail address. Give one as in name@example.com.",
                returncode=REFUSED,
            ) from None
        user = first_admin(email=email)
        self.stdout.write(
            f"{user.email} is the first admin, without a password. The link signs in once, within "
            f"{settings.SIGN_IN_LINK_MINUTES} minutes."
        )
        return user


def _oldest_admin() -> User:
    admins = User.objects.filter(role=User.Role.ADMIN, is_active=True)
    admin = admins.order_by("created_at", "id").first()
    if admin is None:
        raise CommandError(
            "There is no admin who may sign in. Make the first one with --first-admin, "
            "or name a person with --email.",
            returncode=REFUSED,
        )
    return admin
