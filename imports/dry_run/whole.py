"""Check all rows: the refusal rules as one aggregate query over the whole table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connections.bigquery import BigQuery
from connections.bigquery import Column as Field
from imports.dry_run.query import HEADROOM_BYTES, finished
from imports.dry_run.verdict import Reason, lines_of, shown_result
from imports.mapping import (
    REFUSALS,
    Column,
    Mapping,
    MappingFaulty,
    Rule,
    flat_columns,
    identity_sql,
    problems,
    refusal_rules,
    unchecked_columns,
)
from imports.models import DryRun, Import
from imports.reading import cells_of, checked_cells, source_of


@dataclass(frozen=True)
class Check:
    """The query of one check, and what its numbers stand for."""

    sql: str
    dataset_id: str
    location: str
    rules: Sequence[Rule]
    unchecked: tuple[str, ...]


def prepared(bigquery: BigQuery, dry_run: DryRun, mapping: Mapping) -> Check:
    """The query for the table as it is now.

    Raises: MappingFaulty, ColumnUnusable, BigQueryError.
    """
    place = dry_run.parent.connection
    location = place.location or bigquery.dataset(place.dataset_id).location
    columns = flat_columns(_columns(bigquery, dry_run.parent, location))
    _refuse_faulty(mapping, columns)
    names = mapping.used_columns()
    rules = refusal_rules(mapping, columns, cells_of(names))
    sql = _sql(names, rules, source_of(dry_run.parent))
    return Check(sql, place.dataset_id, location, rules, unchecked_columns(mapping, columns))


def _columns(bigquery: BigQuery, parent: Import, location: str) -> Sequence[Field]:
    """As they are now: those of the table, or of the query's result."""
    dataset_id = parent.connection.dataset_id
    if not parent.is_query:
        return bigquery.table(dataset_id, parent.table_id).columns
    sql = f"SELECT * FROM {source_of(parent)}"  # noqa: S608 - the user's own query, in brackets
    return bigquery.estimate(sql, location=location, default_dataset=dataset_id).columns


def estimate(bigquery: BigQuery, check: Check) -> int:
    """The bytes that the check would read."""
    return bigquery.estimate(
        check.sql, location=check.location, default_dataset=check.dataset_id
    ).bytes


def carried_out(
    bigquery: BigQuery, dry_run: DryRun, mapping: Mapping, check: Check
) -> tuple[dict[str, Any], int]:
    """The result, and the bytes billed; never more than were agreed to, and a little.

    Raises: NoSample, BigQueryError.
    """
    cap = (dry_run.estimated_bytes or 0) + HEADROOM_BYTES
    job = finished(bigquery, dry_run, check.sql, check.location, cap=cap)
    page = bigquery.read_page(
        job.id, location=check.location, start_row=0, max_rows=len(check.rules) + 1
    )
    return _result(mapping, check, page.rows), job.bytes_billed or 0


def _refuse_faulty(mapping: Mapping, columns: Sequence[Column]) -> None:
    sent = {rule.column for rule in mapping.properties}
    skipped = tuple(column.name for column in columns if column.name not in sent)
    whole = Mapping.from_json(mapping.to_json() | {"skipped": list(skipped)})
    found = problems(whole, columns)
    if found:
        raise MappingFaulty(found)


def _sql(names: Sequence[str], rules: Sequence[Rule], source: str) -> str:
    """Each row's first fault by its number (-1: none), counted, with two identities of each."""
    cases = " ".join(f"WHEN {rule.condition} THEN {number}" for number, rule in enumerate(rules))
    who = identity_sql(cells_of(names)[names[0]])
    fault = f"CASE {cases} ELSE -1 END" if cases else "-1"
    counted = "fault, COUNT(*) AS found, MIN(SUBSTR(who, 1, 120)) AS one"
    parts = (
        f"SELECT {counted}, MAX(SUBSTR(who, 1, 120)) AS other",
        f"FROM (SELECT {fault} AS fault, {who} AS who",
        f"FROM (SELECT {checked_cells(names)} FROM {source})) GROUP BY fault",  # noqa: S608
    )
    return " ".join(parts)


def _result(mapping: Mapping, check: Check, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    lines, reasons, accepted = list(lines_of(mapping)), list[Reason](), 0
    for fault, count, one, other in rows:
        if int(fault) < 0:
            accepted = int(count)
            continue
        rule = check.rules[int(fault)]
        line = next(
            (ln for ln in lines if (ln.column, ln.is_role) == (rule.column, rule.role)), None
        ) or next((ln for ln in lines if ln.column == rule.column), None)
        examples = [
            {"row": None, "identity": who, "value": ""}
            for who in dict.fromkeys((one, other))
            if who
        ]
        key = (line.column, line.name) if line else None
        sentence = REFUSALS[rule.code]
        reasons.append(Reason("rules", rule.code.value, sentence, key, int(count), examples))
    result = shown_result(mapping, lines, _together(reasons), sent=None, accepted=accepted)
    return result | {"is_whole": True, "unchecked": list(check.unchecked)}


def _together(reasons: Sequence[Reason]) -> list[Reason]:
    """Two conditions may lead to the same reason: an identity that is NULL, or empty."""
    found: dict[tuple[str, Any], Reason] = {}
    for reason in reasons:
        same = found.setdefault((reason.code, reason.line), reason)
        if same is not reason:
            same.rows += reason.rows
            same.examples = [*same.examples, *reason.examples][:3]
    return list(found.values())
