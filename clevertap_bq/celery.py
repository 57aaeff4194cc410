"""The Celery app: JSON messages that carry ids only, two queues, late acknowledgement.

The database is the truth about a run; a message only rings the bell (ADR 3).
"""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clevertap_bq.settings")

app = Celery("clevertap_bq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_a_bad_ring(**_: Any) -> None:
    """A worker that could not open what is stored must not start (ADR 4)."""
    from connections.checks import verify_ring_at_boot  # noqa: PLC0415 - needs the apps loaded

    verify_ring_at_boot()


@worker_shutting_down.connect
def hand_runs_back(**_: Any) -> None:
    """Runs are handed back before their next batch, so a stop of the worker takes seconds.

    For that the stop must be Celery's warm one, which says so at once and waits for its
    tasks. With REMAP_SIGTERM it waits for its soft time-out first, and says so afterwards.
    """
    from imports.runner import leaving  # noqa: PLC0415 - needs the apps loaded

    leaving.ask()
