"""From what the provider says to a person of ours. Who is nobody here stays nobody.

Must not know requests or sessions.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts import trail
from accounts.models import User
from accounts.services.people import ChangeRefused, choose_role
from accounts.sso import Identity
from accounts.sso.settings import Client

_ORDER = (User.Role.ADMIN, User.Role.CREATOR, User.Role.MEMBER)


class NotLetIn(Exception):
    """The provider knows them, and we do not let them in. Its text is for the person."""


def client() -> Client:
    """This installation, as the provider knows it."""
    return Client(
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        redirect_uri=f"{settings.PUBLIC_URL}{reverse('accounts:sso_end')}",
        may_be_plain=settings.LOCAL_MODE,
    )


def person_of(identity: Identity) -> User:
    """The person that the provider speaks of, with the role that it gives them, if it gives any.

    Raises:
        NotLetIn: the address is not verified, there is no such person, or no role for them.
    """
    if not identity.is_verified:
        raise NotLetIn("Your e-mail address is not verified there. Verify it first.")
    role = _role(identity.claims)
    with transaction.atomic():
        user = _found(identity) or _added(identity, role)
        if not user.is_active:
            raise NotLetIn(_UNKNOWN)
        if role and role != user.role:
            _give(user, role)
    user.refresh_from_db()
    return user


_UNKNOWN = "You are not in the list of users here. Ask an admin to add you."


def _found(identity: Identity) -> User | None:
    """By the provider's own id; the first time by the verified address, which is kept by then."""
    user = User.objects.select_for_update().filter(sso_subject=identity.subject).first()
    if user:
        return user
    user = _with_address(identity.email).first()
    if user is None or not _is_same_address(user.email, identity.email):
        return None
    if user.sso_subject:
        raise NotLetIn("This e-mail address belongs to another person. Tell an admin.")
    user.sso_subject = identity.subject
    user.save(update_fields=["sso_subject"])
    trail.record_about_user(user, "single sign-on connected", by=user)
    return user


def _with_address(email: str) -> QuerySet[User]:
    return User.objects.select_for_update().filter(email__iexact=email)


def _is_same_address(ours: str, said: str) -> bool:
    """Letters that only a database takes for one, as a Turkish dotless i, make nobody another."""
    return ours == said or (ours.isascii() and said.isascii() and ours.lower() == said.lower())


def _added(identity: Identity, role: str | None) -> User:
    if not settings.OIDC_ADDS_PEOPLE or not identity.email.isascii():
        raise NotLetIn(_UNKNOWN)
    user = User.objects.create_user(
        email=identity.email.lower(), role=User.Role(role or User.Role.MEMBER)
    )
    user.sso_subject = identity.subject
    user.save(update_fields=["sso_subject"])
    trail.record_about_user(user, "user added", after={"role": user.role, "by": "single sign-on"})
    return user


def _role(claims: Mapping[str, Any]) -> str | None:
    """The highest role that the claim gives; None where roles are given here.

    Raises:
        NotLetIn: roles come from the provider, and it gives none.
    """
    if not settings.OIDC_ROLE_CLAIM:
        return None
    said = claims.get(settings.OIDC_ROLE_CLAIM)
    groups = {str(one) for one in said} if isinstance(said, list) else {str(said)}
    for role in _ORDER:
        if groups & set(settings.OIDC_ROLES.get(role, ())):
            return role
    raise NotLetIn("You have no role here yet. Ask whoever looks after single sign-on.")


def _give(user: User, role: str) -> None:
    try:
        choose_role(user=user, role=role, by=None)
    except ChangeRefused:
        return  # the last admin stays one, whatever the provider says
