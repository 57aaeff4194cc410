"""Is this process alive, and is the installation ready: two addresses for machines."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from imports.models import Heartbeat


@login_not_required
@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    parts = {"database": _database(), "broker": _broker()}
    seen = _seen() if parts["database"] else {}
    for part in Heartbeat.Part.values:
        parts[part] = seen.get(part, False)
    return JsonResponse(
        {"ready": all(parts.values()), "parts": parts},
        status=200 if all(parts.values()) else 503,
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return False
    return True


def _seen() -> dict[str, bool]:
    now = timezone.now()
    return {
        part: Heartbeat.is_recent(seen_at, now=now)
        for part, seen_at in Heartbeat.last_seen().items()
    }
