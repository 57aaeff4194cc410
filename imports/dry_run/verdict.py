"""What a dry run has shown, property by property and reason by reason. Pure.

Everything that goes into the result is cut to a bounded length; the caller seals it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.clevertap import RecordVerdict
from imports.mapping import EVENT, Made, Mapping, Refusal
from imports.mapping.choices import LABELS
from imports.mapping.definition import DATE, STRING
from imports.mapping.storable import storable_text

EXAMPLES = 3
_LONGEST_VALUE = 120
# Which property a code of CleverTap's speaks of: https://developer.clevertap.com/docs/api-errors
_PROPERTY_OF = {
    514: "Gender", 515: "Email", 516: "Phone", 517: "Employed", 518: "Education",
    519: "Married", 520: "Age",
}  # fmt: skip
_IDENTITY, _EVENT_NAME, _CREATED_ON = "Identity", "Event name", "Created On"
_ROLE_OF = {509: _EVENT_NAME, 513: _EVENT_NAME, 523: _IDENTITY, 525: _CREATED_ON, 526: _IDENTITY}


@dataclass(frozen=True)
class Line:
    """One line of the result: a property, or a part of every record."""

    column: str
    name: str
    type: str
    is_role: bool = False


@dataclass
class Reason:
    """Why rows were refused: by whom, how many, and the first few of them."""

    by: str
    code: str
    sentence: str
    line: tuple[str, str] | None
    rows: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


def result_of(
    mapping: Mapping,
    made: Made,
    verdicts: Sequence[RecordVerdict],
    *,
    numbers: Sequence[int] | None,
    not_asked: str,
) -> dict[str, Any]:
    """The result as plain JSON. ``verdicts``: those of ``made.records``, by position.

    ``numbers``: the row's number in the table for each row of the sample, if it has one.
    ``not_asked``: why CleverTap has judged nothing; empty when it has.
    """
    lines = list(lines_of(mapping))
    reasons = [*_of_rules(lines, made, numbers), *_of_clevertap(lines, made, verdicts, numbers)]
    sent = [json.loads(record) for record in made.records]
    accepted = len(made.records) - len(verdicts)
    shown = shown_result(mapping, lines, reasons, sent=sent, accepted=accepted)
    return shown | {"not_asked": not_asked}


def shown_result(
    mapping: Mapping,
    lines: Sequence[Line],
    reasons: Sequence[Reason],
    *,
    sent: list[dict[str, Any]] | None,
    accepted: int,
) -> dict[str, Any]:
    """Lines and reasons as plain JSON. ``sent``: the records, where they were made."""
    refused = sum(reason.rows for reason in reasons)
    return {
        "rows": accepted + refused,
        "accepted": accepted,
        "refused": refused,
        "not_asked": "",
        "is_whole": False,
        "unchecked": [],
        "lines": [_shown(line, mapping, reasons, sent) for line in lines],
        "reasons": [_reason_shown(one) for one in sorted(reasons, key=lambda one: -one.rows)],
    }


def lines_of(mapping: Mapping) -> Iterator[Line]:
    """The parts of every record, then the properties in the order of the mapping."""
    identity, event, created = mapping.identity, mapping.event_name, mapping.created_on
    if identity:
        yield Line(identity.column, _IDENTITY, LABELS[STRING], is_role=True)
    if mapping.kind == EVENT and event:
        yield Line(event.column or "", _EVENT_NAME, LABELS[STRING], is_role=True)
    if mapping.kind == EVENT and created:
        yield Line(created.column, _CREATED_ON, LABELS[DATE], is_role=True)
    for rule in mapping.properties:
        yield Line(rule.column, rule.name, LABELS.get(rule.type, rule.type))


def _key(line: Line) -> tuple[str, str]:
    return line.column, line.name


def _of_rules(lines: list[Line], made: Made, numbers: Sequence[int] | None) -> Iterator[Reason]:
    found: dict[tuple[str, str], Reason] = {}
    for refusal in made.refusals:
        line = _line_of(refusal, lines)
        reason = found.setdefault(
            (refusal.code, refusal.column),
            Reason("rules", refusal.code, refusal.sentence, _key(line) if line else None),
        )
        _count(reason, refusal.row_number, refusal.identity, numbers, _cell_of(refusal))
    yield from found.values()


def _line_of(refusal: Refusal, lines: list[Line]) -> Line | None:
    """One column may be both the identity and a property: the code tells which is meant."""
    of_column = [line for line in lines if line.column == refusal.column]
    is_role = refusal.code.startswith(("identity_", "event_name_", "created_on_"))
    return next((line for line in of_column if line.is_role == is_role), None) or next(
        iter(of_column), None
    )


def _of_clevertap(
    lines: list[Line], made: Made, verdicts: Sequence[RecordVerdict], numbers: Sequence[int] | None
) -> Iterator[Reason]:
    found: dict[int, Reason] = {}
    for verdict in verdicts:
        wanted = _ROLE_OF.get(verdict.code) or _PROPERTY_OF.get(verdict.code)
        line = next((line for line in lines if line.name == wanted), None)
        reason = found.setdefault(
            verdict.code,
            Reason("clevertap", str(verdict.code), verdict.sentence, _key(line) if line else None),
        )
        record = json.loads(made.records[verdict.position])
        identity = str(record.get("identity") or record.get("objectId") or "")
        value = _value_in(record, line) if line else ""
        _count(reason, made.row_numbers[verdict.position], identity, numbers, value)
    yield from found.values()


def _count(
    reason: Reason, row: int, identity: str, numbers: Sequence[int] | None, value: str
) -> None:
    reason.rows += 1
    if len(reason.examples) < EXAMPLES:
        number = numbers[row] if numbers is not None else None
        reason.examples.append(
            {"row": number, "identity": identity[:_LONGEST_VALUE], "value": value}
        )


def _cell_of(refusal: Refusal) -> str:
    cell = refusal.record.get(refusal.column)
    if cell is None:
        return "NULL" if refusal.column else ""
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return storable_text(text, _LONGEST_VALUE)


def _shown(
    line: Line, mapping: Mapping, reasons: Sequence[Reason], sent: list[dict[str, Any]] | None
) -> dict[str, Any]:
    values = [value for record in sent or () if (value := _value_in(record, line))]
    mine = [reason for reason in reasons if reason.line == _key(line)]
    often = Counter({reason.sentence: reason.rows for reason in mine}).most_common(1)
    fixed = mapping.event_name.fixed if mapping.event_name and line.name == _EVENT_NAME else None
    return {
        "column": line.column,
        "name": line.name,
        "type": line.type,
        "is_role": line.is_role,
        "fixed": fixed or "",
        "errors": sum(reason.rows for reason in mine),
        "detail": often[0][0] if often else "",
        "kinds": len(mine),
        "sent": None if sent is None else len(values),
        "examples": list(dict.fromkeys(values))[:EXAMPLES],
    }


def _value_in(record: dict[str, Any], line: Line) -> str:
    """What the record holds for the line, as JSON text; empty if it leaves it out."""
    if line.is_role:
        value = {
            _IDENTITY: record.get("identity", record.get("objectId")),
            _EVENT_NAME: record.get("evtName"),
            _CREATED_ON: record.get("ts"),
        }[line.name]
    else:
        value = record.get("profileData", record.get("evtData", {})).get(line.name)
    return (
        ""
        if value is None
        else storable_text(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)
    )


def _reason_shown(reason: Reason) -> dict[str, Any]:
    return {
        "by": reason.by,
        "code": reason.code,
        "sentence": reason.sentence,
        "column": reason.line[0] if reason.line else "",
        "rows": reason.rows,
        "examples": reason.examples,
    }
