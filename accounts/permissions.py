"""Who may open a view, and who may have a service do something: one decorator each.

It leaves what it demands on the function (``permission_of``), where the guard tests read it.
A service asks again what its view has asked, so that a view which forgets gives nothing away.
Must not decide about single objects: views fetch only what may be seen.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from accounts.models import User

View = Callable[..., HttpResponseBase]
Given = ParamSpec("Given")
Gives = TypeVar("Gives")

_ATTRIBUTE = "permission"


class Permission(StrEnum):
    """What a view demands of the signed-in person."""

    MEMBER = "member"
    CREATOR = "creator"
    ADMIN = "admin"


def is_allowed(user: object, permission: Permission) -> bool:
    """Whether the person's role includes it. Nobody signed in, or an odd role: no."""
    if not isinstance(user, User) or not user.is_active:
        return False
    allowed = {
        Permission.MEMBER: user.role in User.Role.values,
        Permission.CREATOR: user.is_creator,
        Permission.ADMIN: user.is_admin,
    }
    return allowed[permission]


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """What the view demands, or None when it declares nothing."""
    return getattr(view, _ATTRIBUTE, None)


def _demand(permission: Permission) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_allowed(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        setattr(guarded, _ATTRIBUTE, permission)
        return guarded

    return decorate


def done_by(
    permission: Permission,
) -> Callable[[Callable[Given, Gives]], Callable[Given, Gives]]:
    """For services: ``by`` must be somebody whose role includes it.

    None is the installation itself, or the command line, where the service takes that.
    """

    def decorate(service: Callable[Given, Gives]) -> Callable[Given, Gives]:
        @wraps(service)
        @sensitive_variables()  # keys and passcodes pass through
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Gives:
            by = kwargs.get("by")
            if by is not None and not is_allowed(by, permission):
                raise PermissionDenied
            return service(*args, **kwargs)

        setattr(guarded, _ATTRIBUTE, permission)
        return guarded

    return decorate


by_member = done_by(Permission.MEMBER)
by_creator = done_by(Permission.CREATOR)
by_admin = done_by(Permission.ADMIN)
member_required = _demand(Permission.MEMBER)
creator_required = _demand(Permission.CREATOR)
admin_required = _demand(Permission.ADMIN)
