"""What a run's job reads, and what it may be billed for. Pure, from the run's snapshot."""

from imports.costs import limit_for_job
from imports.models import Run
from imports.reading import source


def source_sql(run: Run) -> str:
    """The FROM part of the run's SELECT: its table, or the user's query in brackets.

    Raises:
        BigQueryRefused: name_invalid, if the table has no name of a table.
    """
    table_id, sql = run.snapshot["table_id"], run.snapshot.get("sql", "")
    return source(run.project_id, run.dataset_id, table_id=table_id, sql=sql)


def cap_of(run: Run) -> int | None:
    """``maximum_bytes_billed`` of the run's job; None: no cap was set."""
    cap = run.snapshot.get("bytes_cap")
    return None if cap is None else limit_for_job(cap, run.snapshot.get("tables", 1))
