"""When each part of the installation was last seen at work."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """One row for each part; the newest sign of life wins."""

    class Part(models.TextChoices):
        TICK = "tick", "Scheduler"
        PROBE = "probe", "Probe worker"
        IMPORT = "import", "Import worker"

    part = models.CharField(max_length=16, choices=Part, primary_key=True)
    seen_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Heartbeat"]]

    def __str__(self) -> str:
        return f"{self.part} seen at {self.seen_at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, part: str) -> None:
        """Record that the part is at work now."""
        cls.objects.update_or_create(part=part, defaults={"seen_at": timezone.now()})

    @classmethod
    def last_seen(cls) -> dict[str, datetime]:
        """Each part that was ever seen, and when."""
        return dict(cls.objects.values_list("part", "seen_at"))

    @staticmethod
    def is_recent(seen_at: datetime | None, *, now: datetime) -> bool:
        """Whether a part seen then counts as at work: 90 seconds and a tick."""
        limit = timedelta(seconds=90 + settings.TICK_SECONDS)
        return seen_at is not None and seen_at > now - limit
