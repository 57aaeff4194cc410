"""What every page says while a part of the installation is away: what is delayed by that."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from imports.models import Heartbeat

_DELAYED = {
    Heartbeat.Part.IMPORT: "Import workers were not seen lately: runs and stops wait.",
    Heartbeat.Part.PROBE: "The probe worker was not seen lately: tests and lists of tables wait.",
    Heartbeat.Part.TICK: "The scheduler was not seen lately: daily tests and retries wait.",
}


def delays(request: HttpRequest) -> dict[str, Any]:
    """``delays``: a sentence for each part that was at work once and is silent now."""
    user = getattr(request, "user", None)
    return {"delays": SimpleLazyObject(_silent) if isinstance(user, User) else []}


def _silent() -> list[str]:
    now, seen = timezone.now(), Heartbeat.last_seen()
    return [
        sentence
        for part, sentence in _DELAYED.items()
        if part in seen and not Heartbeat.is_recent(seen[part], now=now)
    ]
