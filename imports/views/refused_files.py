"""Refused rows as files: JSON Lines, which lose nothing, and CSV, which is for reading."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from accounts.spreadsheet import harmless
from imports.mapping import Column
from imports.reasons import official_code, title_of
from imports.services.refused import Shown
from imports.views.mapping_page import shown

FIRST: Final = ("Row", "Identity")
LAST: Final = ("Refused By", "Code", "Column", "Failure Description")


def json_lines(rows: Iterable[Shown]) -> Iterator[str]:
    """One object a line, in ASCII. ``cells`` are as BigQuery gave them."""
    for one in rows:
        row, content = one.row, one.content
        named = {"refused_by": row.refused_by, "code": row.code}
        whole = {
            "row": row.row_number,
            **named,
            "clevertap_code": official_code(**named) or None,
            "column": row.column or None,
            "reason": title_of(**named),
            "failure_description": row.sentence,
            "identity": content.identity if content else "",
            "cells": content.cells if content else None,
            "record": content.record if content else None,
            "is_whole": row.is_whole,
        }
        yield f"{json.dumps(whole, separators=(',', ':'))}\n"


def csv_lines(rows: Iterable[Shown], columns: Sequence[Column]) -> Iterator[str]:
    """A heading, and a line for each row; no cell of it is taken for a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(map(harmless, [*FIRST, *(column.name for column in columns), *LAST]))
    for one in rows:
        yield writer.writerow(map(harmless, _cells(one, columns)))


def _cells(one: Shown, columns: Sequence[Column]) -> list[Any]:
    row, content = one.row, one.content
    cells = (content.cells if content else None) or {}
    code = official_code(refused_by=row.refused_by, code=row.code) or row.code
    return [
        row.row_number,
        content.identity if content else "",
        *(_readable(column, cells.get(column.name)) for column in columns),
        row.get_refused_by_display(),
        code,
        row.column,
        row.sentence,
    ]


def _readable(column: Column, cell: Any) -> str:
    if cell is None:
        return ""
    try:
        return shown(column, cell)
    except (ValueError, TypeError, OverflowError, OSError):  # refused for not being what it says
        return str(cell)


class _Echo:
    """What the csv module writes to, one line at a time."""

    def write(self, line: str) -> str:
        return line
