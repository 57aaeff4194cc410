"""Rows to keep for reading and replay: what our rules refused, and what CleverTap refused."""

import json
from typing import Any

from django.conf import settings

from imports import contents
from imports.clevertap import Answer, CleverTapRefused
from imports.contents import Content
from imports.models import KeptRows, RefusedRow, Run
from imports.runner.parcels import Parcel

# Rows of one keeping: where each lies, and what it held.
Refused = list[tuple[RefusedRow, Content]]


def keep(run: Run, refused: Refused) -> None:
    """All are counted elsewhere; the first of a run are kept, as many as the settings say.

    A row that is kept already is left as it is: a parcel that is cut in halves comes again.
    Call it in the transaction that counts them.
    """
    room = _room(run) if refused else 0
    if room and run.shard_count:  # others keep rows, too: one after the other, to count them
        list(Run.objects.select_for_update(no_key=True).filter(pk=run.pk).values_list("pk"))
        room = _room(run)
    if not room:
        return
    numbers = [row.row_number for row, _ in refused]
    known = _known(run, min(numbers), max(numbers))
    new = [one for one in refused if one[0].row_number not in known][:room]
    KeptRows.objects.bulk_create(contents.seal_rows(new))
    RefusedRow.objects.bulk_create(row for row, _ in new)


def _room(run: Run) -> int:
    return max(0, settings.REFUSED_ROWS_KEPT - run.refused_rows.count())


def by_rules(run: Run, parcel: Parcel) -> Refused:
    """The rows of the parcel that are never sent."""
    return [
        (
            RefusedRow(
                run=run,
                row_number=refusal.row_number,
                refused_by=RefusedRow.By.RULES,
                code=refusal.code,
                column=refusal.column[:300],
                sentence=refusal.sentence,
            ),
            Content(refusal.identity, cells=refusal.record or None),
        )
        for refusal in parcel.refusals
    ]


def by_clevertap(run: Run, parcel: Parcel, answer: Answer) -> Refused:
    """The records that an answer names."""
    return [
        (
            _refused(run, parcel, verdict.position, str(verdict.code), verdict.sentence),
            _content(parcel, verdict.position),
        )
        for verdict in answer.refused
    ]


def culprit(run: Run, parcel: Parcel, error: CleverTapRefused) -> Refused:
    """The one record of the parcel, which makes CleverTap refuse any request that holds it."""
    row = _refused(run, parcel, 0, error.reason, error.sentence)
    return [(row, _content(parcel, 0))]


def _refused(run: Run, parcel: Parcel, position: int, code: str, sentence: str) -> RefusedRow:
    return RefusedRow(
        run=run,
        row_number=parcel.row_numbers[position],
        refused_by=RefusedRow.By.CLEVERTAP,
        code=code,
        sentence=sentence,
    )


def _content(parcel: Parcel, position: int) -> Content:
    record: dict[str, Any] = json.loads(parcel.records[position])
    identity = str(record.get("identity") or record.get("objectId") or "")
    cells = parcel.cells(parcel.row_numbers[position]) if parcel.cells else None
    return Content(identity[:1024], cells, record)


def _known(run: Run, first: int, last: int) -> set[int]:
    kept = run.refused_rows.filter(row_number__range=(first, last))
    return set(kept.values_list("row_number", flat=True))
