"""What the frame around every page shows: the way round, and where one is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, is_allowed

PROJECT_NAME = "BigQuery import"

_PLACES = (
    ("Partners", "connections:partners", "partners", Permission.MEMBER),
    ("Import center", "imports:import_center", "import", Permission.MEMBER),
    ("CleverTap accounts", "imports:account_list", "target", Permission.MEMBER),
    ("Users", "accounts:users", "users", Permission.ADMIN),
    ("Audit Logs", "accounts:audit_logs", "log", Permission.ADMIN),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html. Error pages may come before anybody is known."""
    user = getattr(request, "user", None)
    return {
        "nav": _nav(user, request.path) if isinstance(user, User) else [],
        "is_local_mode": settings.LOCAL_MODE,
        "project_name": PROJECT_NAME,
    }


def _nav(user: User, path: str) -> list[dict[str, Any]]:
    entries = [
        {"title": title, "url": reverse(name), "icon": icon}
        for title, name, icon, permission in _PLACES
        if is_allowed(user, permission)
    ]
    # The import center lies below the partners' address: the longest match is the place.
    around = [entry["url"] for entry in entries if path.startswith(entry["url"])]
    here = max(around, key=len, default=None)
    return [{**entry, "active": entry["url"] == here} for entry in entries]
