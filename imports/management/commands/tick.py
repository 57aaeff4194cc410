"""The scheduler: a dumb loop. Two of them are harmless, a dead one shows on /readyz."""

import signal
import threading
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from accounts import sweeps as account_sweeps
from connections import sweeps as connection_sweeps
from connections.checks import verify_ring_at_boot
from imports import sweeps as import_sweeps

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    """``manage.py tick``: every ``TICK_SECONDS``, until it is told to stop."""

    help = "Rings for waiting runs and cleans up, every TICK_SECONDS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="One tick, then leave.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def leave(signum: int, frame: FrameType | None) -> None:
            stop.set()

        verify_ring_at_boot(needs_database=False)
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGINT, leave)
        while not stop.is_set():
            tick()
            if options["once"]:
                return
            stop.wait(settings.TICK_SECONDS)


def tick() -> None:
    """One round. A database that is away is logged, and asked again next time."""
    close_old_connections()
    now = timezone.now()
    try:
        import_sweeps.sweep(now=now)
        account_sweeps.sweep(now=now)
        connection_sweeps.sweep(now=now)
    except (DatabaseError, InterfaceError):  # the second is no kind of the first
        logger.exception("tick failed: the database is away or busy")
