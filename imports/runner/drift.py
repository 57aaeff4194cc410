"""Is the table still what was mapped? Asked before anything is sent.

The table itself is asked first, which costs nothing and tells of new columns too. A view
answers with what it was when it was made, so the columns of the result are compared as well.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from connections.bigquery import BigQuery, BigQueryRefused, Column, Reason
from imports.mapping import Mapping, flat_columns
from imports.mapping.columns import ColumnLike
from imports.mapping.drift import Drift, drift_of
from imports.models import Run
from imports.runner.grip import Grip


class SchemaChanged(Exception):
    """A mapped column is gone or of another type; the message is fit for the user."""

    def __init__(self, found: Drift) -> None:
        super().__init__(found.sentence)
        self.found = found


def compare_table(grip: Grip, bigquery: BigQuery, mapping: Mapping) -> None:
    """Before the query is submitted; writes down what is different.

    Raises:
        SchemaChanged: a mapped column is gone or of another type.
        BigQueryError: as the gateway reports it; that the key may not look is none.
    """
    run = grip.run
    table, known = run.snapshot.get("table_id"), _known(run)
    if run.job_id or not table or not known:
        return
    try:
        present = flat_columns(bigquery.table(run.dataset_id, table).columns)
    except BigQueryRefused as refused:
        if refused.reason != Reason.PERMISSION_DENIED:
            raise
        return  # the query needs less than this, and says itself what is wrong
    found = drift_of(mapping, known=known, present=present)
    if found:
        grip.write(drift=found.to_json() | {"present": [asdict(column) for column in present]})
    _judge(found)


def compare_result(run: Run, columns: Sequence[ColumnLike]) -> None:
    """Before the first row is mapped; for the thread that reads, so it writes nothing down.

    Raises:
        SchemaChanged: as ``compare_table``; ``found`` is for the owner to write.
    """
    if run.is_replay:
        return
    mapping = Mapping.from_json(run.snapshot["mapping"])
    _judge(replace(drift_of(mapping, known=_known(run), present=columns), added=()))


def _judge(found: Drift) -> None:
    if found.changed:
        raise SchemaChanged(found)


def _known(run: Run) -> Sequence[ColumnLike]:
    return flat_columns([Column.from_rest(one) for one in run.snapshot.get("columns") or []])
