"""Messages in, one call each. Ids only; the worker half decides.

It is imported when a task runs, as in ``connections.tasks``.
"""

from uuid import UUID

from celery import shared_task

from connections.bell import ring
from imports.models import Heartbeat


@shared_task(name="imports.execute_run", soft_time_limit=600, time_limit=660)
def execute_run(*, run_id: str, claim_id: str = "") -> None:
    """Work for a slice of time on the run whose turn it is; ring again while there is more.

    ``run_id``: of a run, or of a shard of one. Where nothing is left to do for it, the bell goes
    on to who waits next.
    """
    from imports import runner  # noqa: PLC0415
    from imports.write_back import is_due  # noqa: PLC0415

    asked = UUID(run_id)
    turn = runner.turn_of(run_id=asked, claim_id=claim_id)
    if turn is None:
        return
    if turn != asked:  # its bell goes on, to whoever is free
        ring(execute_run, run_id=asked, claim_id=claim_id)
    wait = runner.execute_run(run_id=turn)
    if wait is not None:
        for work in runner.works_of(turn):
            ring(execute_run, wait_seconds=wait, run_id=work, claim_id=runner.claim_of(work))
        return
    if following := runner.next_turn(after=turn):
        ring(execute_run, run_id=following, claim_id=runner.claim_of(following))
    ended = runner.run_of(turn)
    if is_due(run_id=ended):
        ring(write_back, run_id=ended)


@shared_task(name="imports.write_back", soft_time_limit=300, time_limit=330)
def write_back(*, run_id: str) -> None:
    """Write the end of a run into its connection's dataset; ring again while it waits."""
    from imports import write_back as worker  # noqa: PLC0415

    wait = worker.write_run(run_id=UUID(run_id))
    if wait is not None:
        ring(write_back, wait_seconds=wait, run_id=run_id)


@shared_task(name="imports.check_account", soft_time_limit=30, time_limit=40)
def check_account(*, account_id: str) -> None:
    """Ask CleverTap whether it accepts an account."""
    from imports import account_check  # noqa: PLC0415

    account_check.check_account(account_id=UUID(account_id))


@shared_task(name="imports.answer_cursor_question", soft_time_limit=60, time_limit=80)
def answer_cursor_question(*, question_id: str) -> None:
    """Answer one question about a cursor that a page waits for."""
    from imports import cursor_questions  # noqa: PLC0415

    cursor_questions.answer_question(question_id=UUID(question_id))


@shared_task(name="imports.perform_dry_run", soft_time_limit=150, time_limit=170)
def perform_dry_run(*, dry_run_id: str) -> None:
    """Map a sample of rows and have CleverTap judge it; nothing is stored there."""
    from imports import dry_run  # noqa: PLC0415

    dry_run.perform(dry_run_id=UUID(dry_run_id))


@shared_task(name="imports.beat", soft_time_limit=10, time_limit=20)
def beat() -> None:
    """Show that an import worker is at work."""
    Heartbeat.beat(Heartbeat.Part.IMPORT)
