"""People: who is here, and how they get here. Every change is in the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.services.links import make_sign_in_link

FIRST_ADMIN_EMAIL = "admin@localhost.localdomain"


class EmailTaken(Exception):
    """There is a person with this e-mail address."""


class PeopleExist(Exception):
    """A first admin is only made where there is nobody."""


@dataclass(frozen=True)
class Invitation:
    """A person and the path of the link that signs them in, to be shown once."""

    user: User
    path: str


def first_admin(*, email: str = FIRST_ADMIN_EMAIL) -> User:
    """The first person of an installation: an admin without a password.

    Raises:
        PeopleExist: there is somebody already.
    """
    with transaction.atomic():
        if User.objects.exists():
            raise PeopleExist("There are people already; a first admin is not needed.")
        user = User.objects.create_user(email=email.lower(), role=User.Role.ADMIN)
        trail.record_about_user(user, "user added", after={"role": user.role})
    return user


def add_person(*, email: str, role: str, by: User, now: datetime) -> Invitation:
    """Add somebody without a password, and make the link to hand over.

    Raises:
        EmailTaken: somebody has this address, in whatever case.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email.lower(), role=User.Role(role))
            trail.record_about_user(user, "user added", by=by, after={"role": user.role})
            return Invitation(user, make_sign_in_link(user=user, now=now, by=by))
    except IntegrityError:
        raise EmailTaken(
            f"{email} is in the list already. Make a new sign-in link there instead."
        ) from None


def choose_time_zone(*, user: User, time_zone: str) -> None:
    """Show dates in this zone from now on. ``time_zone`` is an IANA name."""
    user.time_zone = time_zone
    user.save(update_fields=["time_zone"])
