"""Messages in, one call each. Ids only; the worker half decides."""

from uuid import UUID

from celery import shared_task

from connections.bell import ring
from imports import account_check, runner
from imports.models import Heartbeat


@shared_task(name="imports.execute_run", soft_time_limit=600, time_limit=660)
def execute_run(*, run_id: str) -> None:
    """Work on a run for a slice of time; ring again while there is more to do."""
    wait = runner.execute_run(run_id=UUID(run_id))
    if wait is not None:
        ring(execute_run, wait_seconds=wait, run_id=UUID(run_id))


@shared_task(name="imports.check_account", soft_time_limit=30, time_limit=40)
def check_account(*, account_id: str) -> None:
    """Ask CleverTap whether it accepts an account."""
    account_check.check_account(account_id=UUID(account_id))


@shared_task(name="imports.beat", soft_time_limit=10, time_limit=20)
def beat() -> None:
    """Show that an import worker is at work."""
    Heartbeat.beat(Heartbeat.Part.IMPORT)
