"""What any page may show of the way to the first rows. Nothing is read where no page asks."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from connections.services.first_steps import first_steps_for


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """``first_steps``: the steps for who is signed in; false once rows have arrived."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"first_steps": None}
    return {"first_steps": SimpleLazyObject(lambda: first_steps_for(user))}
