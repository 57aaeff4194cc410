"""Messages in, one call each. Ids only; the worker half decides.

It is imported when a task runs: who only rings, such as a web process, never loads Google's
client. Workers load it at their start (CELERY_IMPORTS).
"""

from uuid import UUID

from celery import shared_task

from connections.bell import ring
from imports.models import Heartbeat


@shared_task(name="connections.probe_connection", soft_time_limit=40, time_limit=60)
def probe_connection(*, test_id: str) -> None:
    """Carry out one Test Connection."""
    from connections import probe  # noqa: PLC0415

    probe.probe_connection(test_id=UUID(test_id))


@shared_task(name="connections.answer_lookup", soft_time_limit=60, time_limit=80)
def answer_lookup(*, lookup_id: str) -> None:
    """Answer one question that a page waits for."""
    from connections import lookups  # noqa: PLC0415

    lookups.answer_lookup(lookup_id=UUID(lookup_id))


@shared_task(name="connections.finish_deletion", soft_time_limit=60, time_limit=80)
def finish_deletion(*, connection_id: str) -> None:
    """Finish a deletion, or come back in a second while runs are still at work."""
    from connections import deletion  # noqa: PLC0415

    wait = deletion.work_on(connection_id=UUID(connection_id))
    if wait is not None:
        ring(finish_deletion, wait_seconds=wait, connection_id=UUID(connection_id))


@shared_task(name="connections.beat", soft_time_limit=10, time_limit=20)
def beat() -> None:
    """Show that a probe worker is at work."""
    Heartbeat.beat(Heartbeat.Part.PROBE)
