"""The first rows as CleverTap would receive them, while the mapping is still being made.

Pure: rows that a worker has read, mapped as the engine maps them. Nothing is asked or sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from imports.mapping import Column, Made, Mapping, Problem, compile_mapping, problems

ROWS = 3
_FRAME = {"identity", "event_name", "created_on", "updated_on", "kind", "properties"}


@dataclass(frozen=True)
class LiveRow:
    """One row: its JSON, or why it would be refused and for which column."""

    number: int
    json: str = ""
    refusal: str = ""
    column: str = ""


@dataclass(frozen=True)
class LiveRows:
    """``trouble``: why there are no rows. ``left_out``: columns that are wrong as yet."""

    rows: tuple[LiveRow, ...] = ()
    left_out: tuple[str, ...] = ()
    trouble: str = ""


def live_rows(
    mapping: Mapping, columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, run_ts: int
) -> LiveRows:
    """Map the first rows by what is right in the mapping; ``rows`` have ``columns``' cells."""
    if not rows:
        return LiveRows(
            trouble="No first rows are at hand: the table is empty, or the view or query "
            "was not previewed."
        )
    found = problems(mapping, columns)
    unusable = next((one.sentence for one in found if one.where in _FRAME), "")
    if unusable:
        return LiveRows(trouble=unusable)
    left_out = _faulty(found, mapping)
    sound = tuple(rule for rule in mapping.properties if rule.column not in left_out)
    sent = {rule.column for rule in sound}
    skipped = tuple(column.name for column in columns if column.name not in sent)
    maker = compile_mapping(
        replace(mapping, properties=sound, skipped=skipped), columns, run_ts=run_ts
    )
    return LiveRows(_shown(maker.make(rows[:ROWS], 1)), left_out)


def _faulty(found: list[Problem], mapping: Mapping) -> tuple[str, ...]:
    wrong = {problem.where for problem in found}
    return tuple(rule.column for rule in mapping.properties if rule.column in wrong)


def _shown(made: Made) -> tuple[LiveRow, ...]:
    good = [
        LiveRow(number, spread(record.decode()))
        for number, record in zip(made.row_numbers, made.records, strict=True)
    ]
    bad = [
        LiveRow(one.row_number, refusal=one.sentence, column=one.column) for one in made.refusals
    ]
    return tuple(sorted(good + bad, key=lambda row: row.number))


def spread(text: str) -> str:
    """JSON text over several lines. Only white space is added: every value stays as it is."""
    lines: list[str] = []
    depth, in_text, escaped = 0, False, False
    for letter in text:
        if in_text:
            lines.append(letter)
            in_text = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
            continue
        in_text = letter == '"'
        if letter in "}]":
            depth -= 1
            lines.append("\n" + "  " * depth)
        lines.append(": " if letter == ":" else letter)
        if letter in "{[":
            depth += 1
        if letter in "{[,":
            lines.append("\n" + "  " * depth)
    return "".join(lines)
