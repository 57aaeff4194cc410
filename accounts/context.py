"""What the frame around every page shows: the way round, and where one is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.places import navigation

PROJECT_NAME = "BigQuery import"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html. Error pages may come before anybody is known."""
    user = getattr(request, "user", None)
    return {
        "nav": navigation(user, request.path) if isinstance(user, User) else [],
        "is_local_mode": settings.LOCAL_MODE,
        "project_name": PROJECT_NAME,
    }
