"""People: who is here, and how they get here. Every change is in the trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import trail
from accounts.models import User
from accounts.permissions import by_admin
from accounts.services import post, visits
from accounts.services.links import Purpose, end_links, make_sign_in_link

FIRST_ADMIN_EMAIL = "admin@localhost.localdomain"


class EmailTaken(Exception):
    """There is a person with this e-mail address."""


class PeopleExist(Exception):
    """A first admin is only made where there is nobody."""


class ChangeRefused(Exception):
    """This would leave nobody who may change it back. Its text is for the admin."""


@dataclass(frozen=True)
class Invitation:
    """A person and the path of the link that signs them in, to be shown once; empty if mailed."""

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


@by_admin
def add_person(
    *, email: str, role: str, by: User, now: datetime, by_mail: bool = False
) -> Invitation:
    """Add somebody without a password, and make the link to hand over, or have it mailed.

    Raises:
        EmailTaken: somebody has this address, in whatever case.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email.lower(), role=User.Role(role))
            trail.record_about_user(user, "user added", by=by, after={"role": user.role})
            if by_mail:
                post.invitation_on_commit(user=user, by=by)
                return Invitation(user, "")
            path = make_sign_in_link(user=user, now=now, by=by, purpose=Purpose.INVITATION)
            return Invitation(user, path)
    except IntegrityError:
        raise EmailTaken(
            f"{email} is in the list already. Make a new sign-in link there instead."
        ) from None


def choose_time_zone(*, user: User, time_zone: str) -> None:
    """Show dates in this zone from now on. ``time_zone`` is an IANA name."""
    user.time_zone = time_zone
    user.save(update_fields=["time_zone"])


@by_admin
def choose_role(*, user: User, role: str, by: User | None) -> bool:
    """Give the person another role. False if it is theirs already.

    Raises:
        ChangeRefused: nobody would be admin any more.
    """
    with transaction.atomic():
        admins = _admins()
        person = User.objects.get(pk=user.pk)
        if person.role == role:
            return False
        if role != User.Role.ADMIN:
            _refuse_to_lose_the_last(admins, person)
        before = {"role": person.role}
        person.role = User.Role(role)
        person.save(update_fields=["role"])
        _record(person, "role changed", by, before, {"role": person.role})
    return True


@by_admin
def switch_off(*, user: User, by: User, now: datetime) -> bool:
    """Let the person in no more: their sessions and links end at once. False if it is so.

    Raises:
        ChangeRefused: it is oneself, or the last admin.
    """
    if user.pk == by.pk:
        raise ChangeRefused("You cannot switch yourself off. Another admin can.")
    with transaction.atomic():
        _refuse_to_lose_the_last(_admins(), user)
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return False
        end_links(user=user, now=now)
        visits.end_others(user=user, session_key=None, by=by)
        _record(user, "user switched off", by, {"may sign in": True}, {"may sign in": False})
    return True


@by_admin
def switch_on(*, user: User, by: User) -> bool:
    """Let the person in again. False if it is so."""
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            return False
        _record(user, "user switched on", by, {"may sign in": False}, {"may sign in": True})
    return True


@by_admin
def choose_bigquery(*, user: User, has_bigquery: bool | None, by: User) -> bool:
    """Switch BigQuery on or off for the person; None: as their role. False if it is so."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        if person.has_bigquery == has_bigquery:
            return False
        before = {"bigquery": _ON_OFF[person.has_bigquery]}
        person.has_bigquery = has_bigquery
        person.save(update_fields=["has_bigquery"])
        _record(person, "BigQuery access changed", by, before, {"bigquery": _ON_OFF[has_bigquery]})
    return True


_ON_OFF = {None: "as the role", True: "on", False: "off"}


def _admins() -> set[UUID]:
    """Who may sign in as admin, locked: of two admins who demote each other one stays."""
    admins = User.objects.select_for_update().filter(role=User.Role.ADMIN, is_active=True)
    return set(admins.order_by("pk").values_list("pk", flat=True))


def _refuse_to_lose_the_last(admins: set[UUID], person: User) -> None:
    if admins == {person.pk}:
        raise ChangeRefused(
            f"{person.email} is the only admin who may sign in. Make somebody else an admin first."
        )


def _record(
    user: User,
    action: str,
    by: User | None,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    trail.record(
        by=by,
        action=action,
        kind="user",
        object_id=user.pk,
        name=user.email,
        before=before,
        after=after,
    )
