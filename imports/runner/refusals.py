"""Rows to keep for reading and replay: what our rules refused, and what CleverTap refused."""

import json

from imports.clevertap import Answer, CleverTapRefused
from imports.models import RefusedRow, Run
from imports.runner.parcels import Parcel

KEPT = 10_000


def keep(run: Run, rows: list[RefusedRow]) -> None:
    """All are counted elsewhere; the first 10,000 of a run are kept."""
    if rows and run.refused_rows.count() < KEPT:
        RefusedRow.objects.bulk_create(rows, ignore_conflicts=True)


def by_rules(run: Run, parcel: Parcel) -> list[RefusedRow]:
    """The rows of the parcel that are never sent."""
    return [
        RefusedRow(
            run=run,
            row_number=refusal.row_number,
            refused_by=RefusedRow.By.RULES,
            code=refusal.code,
            column=refusal.column[:300],
            identity=refusal.identity[:1024],
            sentence=refusal.sentence,
            record=refusal.record,
        )
        for refusal in parcel.refusals
    ]


def by_clevertap(run: Run, parcel: Parcel, answer: Answer) -> list[RefusedRow]:
    """The records that an answer names."""
    rows = []
    for verdict in answer.refused:
        record = json.loads(parcel.records[verdict.position])
        rows.append(
            RefusedRow(
                run=run,
                row_number=parcel.row_numbers[verdict.position],
                refused_by=RefusedRow.By.CLEVERTAP,
                code=str(verdict.code),
                identity=str(record.get("identity") or record.get("objectId") or "")[:1024],
                sentence=verdict.sentence,
                record=record,
            )
        )
    return rows


def culprit(run: Run, parcel: Parcel, error: CleverTapRefused) -> RefusedRow:
    """The one record of the parcel, which makes CleverTap refuse any request that holds it."""
    return RefusedRow(
        run=run,
        row_number=parcel.row_numbers[0],
        refused_by=RefusedRow.By.CLEVERTAP,
        code=error.reason,
        sentence=error.sentence,
        record=json.loads(parcel.records[0]),
    )
