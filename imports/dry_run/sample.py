"""A random sample of rows: of a stored table at no cost, of a view by one capped query."""

import random
from dataclasses import dataclass
from typing import Any

from connections.bigquery import BigQuery, Table
from connections.quantities import bytes_in_words
from imports.dry_run.query import HEADROOM_BYTES, NoSample, finished
from imports.mapping import Column, Mapping, flat_columns, flat_rows, named
from imports.models import DryRun
from imports.reading import selected, source_of

PIECES = 10
MOST_BYTES = 10 * 2**30


@dataclass(frozen=True)
class Sample:
    """Rows of ``columns``, each with its number in the table (None: of a query)."""

    columns: list[Column]
    rows: list[list[Any]]
    numbers: list[int] | None
    bytes_billed: int


def take(bigquery: BigQuery, dry_run: DryRun, mapping: Mapping) -> Sample:
    """At most ``dry_run.sample_rows`` rows from all over the table.

    Raises: NoSample, BigQueryError, ColumnUnusable.
    """
    parent = dry_run.parent
    if parent.is_query:
        return _from_query(bigquery, dry_run, mapping)
    table = bigquery.table(parent.connection.dataset_id, parent.table_id)
    if table.kind == "TABLE":
        return _from_table(bigquery, dry_run, table)
    return _from_query(bigquery, dry_run, mapping)


def _from_table(bigquery: BigQuery, dry_run: DryRun, table: Table) -> Sample:
    dataset = dry_run.parent.connection.dataset_id
    rows: list[list[Any]] = []
    numbers: list[int] = []
    for span in spans(table.rows or 0, dry_run.sample_rows):
        page = bigquery.preview(dataset, table.id, len(span), start_row=span.start)
        rows += page.rows
        numbers += range(span.start, span.start + len(page.rows))
    return Sample(flat_columns(table.columns), flat_rows(table.columns, rows), numbers, 0)


def spans(total: int, wanted: int) -> list[range]:
    """Where to read: the whole of a small table, else a random place in each tenth of it."""
    if total <= wanted:
        return [range(total)] if total else []
    length, part = wanted // PIECES, total // PIECES
    if length < 1 or part < length:
        start = random.randint(0, total - wanted)  # noqa: S311 - a sample, no secret
        return [range(start, start + wanted)]
    starts = (
        piece * part + random.randint(0, part - length)  # noqa: S311 - a sample, no secret
        for piece in range(PIECES)
    )
    return [range(start, start + length) for start in starts]


def _from_query(bigquery: BigQuery, dry_run: DryRun, mapping: Mapping) -> Sample:
    """A view or a query is computed as a whole whatever the limit, so a random order costs no more."""
    place, names = dry_run.parent.connection, mapping.used_columns()
    location = place.location or bigquery.dataset(place.dataset_id).location
    sql = (
        f"SELECT {selected(names)} FROM {source_of(dry_run.parent)} "  # noqa: S608 - every part is whitelisted
        f"ORDER BY RAND() LIMIT {dry_run.sample_rows:d}"
    )
    estimate = bigquery.estimate(sql, location=location, default_dataset=place.dataset_id).bytes
    if estimate > MOST_BYTES:
        what = "query" if dry_run.parent.is_query else "view"
        cure = f"Store the {what} as a table, or make it smaller."
        raise NoSample(
            f"A sample of this {what} would read {bytes_in_words(estimate)}, and a dry run reads at most "
            f"{bytes_in_words(MOST_BYTES)}. {cure}"
        )
    job = finished(bigquery, dry_run, sql, location, cap=estimate + HEADROOM_BYTES)
    page = bigquery.read_page(job.id, location=location, start_row=0, max_rows=dry_run.sample_rows)
    return Sample(named(page.columns, names), page.rows, None, job.bytes_billed or 0)
