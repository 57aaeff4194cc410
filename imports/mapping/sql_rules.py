"""The refusal rules as conditions in GoogleSQL, for all rows of a table at once.

Pure text. Each condition says of one cell what a converter of ``values``, ``frame`` or
``texts`` says of it; tests hold both to the same counts. What SQL cannot judge as they do
(dates written as text) is named by ``unchecked_columns`` instead of being guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated
from imports.mapping.dates import EPOCH_FORMATS, EPOCH_SECONDS
from imports.mapping.definition import (
    BOOLEAN,
    DATE,
    EVENT,
    FLOAT,
    PROFILE,
    STRING,
    Mapping,
    PropertyRule,
    TimeRule,
)
from imports.mapping.names import MAX_NAME_BYTES, RESERVED_EVENTS, fold
from imports.mapping.refusals import RefusalCode
from imports.mapping.texts import MAX_IDENTITY_LENGTH, MAX_TEXT_BYTES, REFUSED_IDENTITIES
from imports.mapping.values import MAX_LIST_ITEMS

Code = RefusalCode
Test = tuple[str, RefusalCode]  # a condition, and what a row is refused with when it holds

_EMAIL = r"^[^\s@<>,;:\"()\[\]\\]+@([^\s@.]+\.)+[^\s@.]+$"
_PHONE = r"^\+([ ().-]*[0-9]){5,}[ ().-]*$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_FORBIDDEN = r"[%><!|&.:;$'\"\\#]"
_NUL, _SPACE = r"[\x00]", r"[[:space:]]"
_LONGEST_NUMBER = 120
_TWO_TO_63 = "9223372036854775808.0"
_BOOLEANS = ("0", "1", "false", "true")
_WORDS_OF = {
    "Gender": (("m", "f"), Code.GENDER_INVALID),
    "Employed": (("y", "n"), Code.CHOICE_INVALID),
    "Married": (("y", "n"), Code.CHOICE_INVALID),
    "Education": (("school", "college", "graduate"), Code.CHOICE_INVALID),
}
# How a cell is written as text where it can be longer than a property may be.
_LONG_TEXT = {
    "STRING": "{0}",
    "BYTES": "TO_BASE64({0})",
    "JSON": "TO_JSON_STRING({0})",
    "GEOGRAPHY": "ST_ASTEXT({0})",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition over the cells. ``role``: of the identity, name or time, not a property."""

    condition: str
    code: RefusalCode
    column: str
    role: bool


def refusal_rules(
    mapping: Mapping, columns: Sequence[ColumnLike], cells: dict[str, str]
) -> list[Rule]:
    """The rules in the order in which a row's first fault is looked for.

    ``cells``: for each used column, the SQL that gives its cell. The mapping must have no
    problems (see ``problems``).
    """
    known = {column.name: column for column in columns}
    found = [
        (column, Rule(condition, code, column, role))
        for column, role, tests in _parts(mapping, known, cells)
        for condition, code in tests
    ]
    identity = mapping.used_columns()[0]
    ordered = [rule for _, rule in sorted(found, key=lambda pair: pair[0] != identity)]
    return [*ordered, *_unreadable(mapping, known, cells)]


def unchecked_columns(mapping: Mapping, columns: Sequence[ColumnLike]) -> tuple[str, ...]:
    """Columns whose values only the engine can judge: dates that are written as text."""
    known = {column.name: column for column in columns}
    rules: list[TimeRule | PropertyRule] = [
        rule for rule in mapping.properties if rule.type == DATE
    ]
    if mapping.kind == EVENT and mapping.created_on:
        rules.append(mapping.created_on)
    return tuple(
        rule.column
        for rule in rules
        if family_of(known[rule.column]) is Family.TEXT and rule.format not in EPOCH_FORMATS
    )


def identity_sql(cell: str) -> str:
    """The identity as it is shown: trimmed text."""
    return f"TRIM(CAST({cell} AS STRING))"


def _parts(
    mapping: Mapping, known: dict[str, ColumnLike], cells: dict[str, str]
) -> Iterator[tuple[str, bool, list[Test]]]:
    """As ``records`` takes them apart: the frame's columns, then the properties by name."""
    identity, event, created = mapping.identity, mapping.event_name, mapping.created_on
    if mapping.kind == EVENT and event and event.column:
        yield event.column, True, list(_event_name(cells[event.column]))
    if identity:
        yield identity.column, True, list(_identity(cells[identity.column]))
    if mapping.kind == EVENT and created:
        cell = cells[created.column]
        yield created.column, True, list(_created_on(cell, known[created.column], created))
    for rule in sorted(mapping.properties, key=lambda rule: rule.name):
        tests = _property(rule, known[rule.column], cells[rule.column], mapping.kind)
        yield rule.column, False, list(tests)


def _identity(cell: str, *, nullable: bool = False) -> Iterator[Test]:
    text = identity_sql(cell)
    if not nullable:
        yield f"{cell} IS NULL", Code.IDENTITY_MISSING
    yield f"CHAR_LENGTH({text}) > {MAX_IDENTITY_LENGTH:d}", Code.IDENTITY_TOO_LONG
    yield f"LOWER({text}) IN ({_listed(sorted(REFUSED_IDENTITIES))})", Code.IDENTITY_REFUSED
    yield f"{text} = ''", Code.IDENTITY_MISSING


def _event_name(cell: str) -> Iterator[Test]:
    name = f"TRIM({cell})"
    folded = f"REGEXP_REPLACE(LOWER({name}), {_raw(_SPACE)}, '')"
    yield f"{cell} IS NULL OR {name} = ''", Code.EVENT_NAME_MISSING
    yield f"REGEXP_CONTAINS({name}, {_raw(_FORBIDDEN)})", Code.EVENT_NAME_FORBIDDEN
    yield f"BYTE_LENGTH({name}) > {MAX_NAME_BYTES:d}", Code.EVENT_NAME_TOO_LONG
    reserved = _listed(sorted(map(fold, RESERVED_EVENTS)))
    yield f"{folded} IN ({reserved})", Code.EVENT_NAME_RESERVED


def _created_on(cell: str, column: ColumnLike, rule: TimeRule) -> Iterator[Test]:
    yield f"{cell} IS NULL", Code.CREATED_ON_MISSING
    family, zone = family_of(column), _quoted(rule.time_zone or "UTC")
    if family is Family.TIMESTAMP:
        seconds = f"UNIX_SECONDS({cell})"
    elif family is Family.DATETIME:
        seconds = f"UNIX_SECONDS(TIMESTAMP({cell}, {zone}))"
    elif family is Family.DATE:
        seconds = f"UNIX_SECONDS(TIMESTAMP(DATETIME({cell}, TIME(12, 0, 0)), {zone}))"
    elif rule.format in EPOCH_FORMATS:
        yield from _epoch(cell, family, rule.format)
        moment = f"SAFE_CAST(TRIM({cell}) AS INT64)" if family is Family.TEXT else f"FLOOR({cell})"
        seconds = moment if rule.format == EPOCH_SECONDS else f"FLOOR({moment} / 1000)"
    else:
        return
    yield f"{seconds} <= 0 OR {seconds} > 9999999999", Code.CREATED_ON_OUT_OF_RANGE


def _property(rule: PropertyRule, column: ColumnLike, cell: str, kind: str) -> Iterator[Test]:
    family = family_of(column)
    if is_repeated(column):
        yield from _list(cell, column)
    elif rule.type == STRING:
        yield from _text(rule, column, cell, kind)
    elif rule.type == DATE:
        if family in (Family.WHOLE, Family.FLOAT, Family.DECIMAL) or rule.format in EPOCH_FORMATS:
            yield from _epoch(cell, family, rule.format)
    elif rule.type == BOOLEAN:
        if family is not Family.BOOLEAN:
            word = f"LOWER(TRIM(CAST({cell} AS STRING)))"
            yield f"{word} NOT IN ({_listed(_BOOLEANS)})", Code.BOOLEAN_INVALID
    elif rule.type == FLOAT:
        yield from _float(cell, family)
    else:
        yield from _whole(cell, family)


def _text(rule: PropertyRule, column: ColumnLike, cell: str, kind: str) -> Iterator[Test]:
    name = rule.name if kind == PROFILE else ""
    trimmed = f"TRIM({cell})"
    if name == "Identity":
        yield from _identity(cell, nullable=True)
        return
    if name in _WORDS_OF:
        words, code = _WORDS_OF[name]
        yield f"LOWER({trimmed}) NOT IN ({_listed(words)})", code
        return
    if name in ("Email", "Phone"):
        pattern, code = (
            (_EMAIL, Code.EMAIL_INVALID) if name == "Email" else (_PHONE, Code.PHONE_INVALID)
        )
        yield f"NOT REGEXP_CONTAINS({trimmed}, {_raw(pattern)})", code
        yield f"BYTE_LENGTH({trimmed}) > {MAX_TEXT_BYTES:d}", Code.TEXT_TOO_LONG
        return
    written = _LONG_TEXT.get(column.type.upper())
    if written:
        yield f"BYTE_LENGTH({written.format(cell)}) > {MAX_TEXT_BYTES:d}", Code.TEXT_TOO_LONG


def _list(cell: str, column: ColumnLike) -> Iterator[Test]:
    written = _LONG_TEXT.get(column.type.upper())
    item = (written or "{0}").format("item")
    if written:
        yield (
            f"EXISTS(SELECT 1 FROM UNNEST({cell}) AS item "  # noqa: S608 - a name of ours
            f"WHERE BYTE_LENGTH({item}) > {MAX_TEXT_BYTES:d})",
            Code.LIST_ITEM_TOO_LONG,
        )
    yield (
        f"(SELECT COUNT(DISTINCT {item}) FROM UNNEST({cell}) AS item) "  # noqa: S608 - as above
        f"> {MAX_LIST_ITEMS:d}",
        Code.LIST_TOO_LONG,
    )


def _epoch(cell: str, family: Family, format_key: str | None) -> Iterator[Test]:
    """Ten digits at most are seconds, eleven to thirteen milliseconds."""
    is_seconds = format_key == EPOCH_SECONDS
    if family is Family.TEXT:
        pattern = r"^-?[0-9]{1,10}$" if is_seconds else r"^-?[0-9]{11,13}$"
        yield f"NOT REGEXP_CONTAINS(TRIM({cell}), {_raw(pattern)})", Code.DATE_INVALID
        return
    size = f"ABS(FLOOR({cell}))" if family is not Family.WHOLE else f"ABS({cell})"
    beyond = f"{size} > 9999999999" if is_seconds else (
        f"{size} < 10000000000 OR {size} > 9999999999999"
    )  # fmt: skip
    odd = f"IS_NAN({cell}) OR IS_INF({cell}) OR " if family is Family.FLOAT else ""
    yield f"{odd}{beyond}", Code.DATE_INVALID


def _float(cell: str, family: Family) -> Iterator[Test]:
    if family is Family.FLOAT:
        yield f"IS_NAN({cell}) OR IS_INF({cell})", Code.NUMBER_OUT_OF_RANGE
    elif family is Family.TEXT:
        value = f"SAFE_CAST(TRIM({cell}) AS FLOAT64)"
        yield f"NOT REGEXP_CONTAINS(TRIM({cell}), {_raw(_NUMBER)})", Code.NUMBER_INVALID
        yield (
            f"{cell} IS NOT NULL AND ({value} IS NULL OR IS_INF({value}))",
            (Code.NUMBER_OUT_OF_RANGE),
        )


def _whole(cell: str, family: Family) -> Iterator[Test]:
    if family is Family.WHOLE:
        return
    value, exact = f"CAST({cell} AS FLOAT64)", cell
    if family is Family.FLOAT:
        yield f"IS_NAN({cell}) OR IS_INF({cell})", Code.NUMBER_INVALID
    elif family is Family.TEXT:
        text = f"TRIM({cell})"
        value, exact = f"SAFE_CAST({text} AS FLOAT64)", f"SAFE_CAST({text} AS BIGNUMERIC)"
        yield (
            f"CHAR_LENGTH({text}) > {_LONGEST_NUMBER:d} "
            f"OR NOT REGEXP_CONTAINS({text}, {_raw(_NUMBER)})",
            Code.NUMBER_INVALID,
        )
    yield f"ABS({value}) > {_TWO_TO_63}", Code.NUMBER_OUT_OF_RANGE
    yield f"{exact} != TRUNC({exact})", Code.NUMBER_NOT_WHOLE
    yield f"{value} >= {_TWO_TO_63} AND {exact} > 9223372036854775807", Code.NUMBER_OUT_OF_RANGE


def _unreadable(
    mapping: Mapping, known: dict[str, ColumnLike], cells: dict[str, str]
) -> Iterator[Rule]:
    """A NUL in a text that would be sent, looked for when nothing else is wrong."""
    for name in mapping.used_columns():
        if family_of(known[name]) is Family.TEXT and not is_repeated(known[name]):
            condition = f"REGEXP_CONTAINS({cells[name]}, {_raw(_NUL)})"
            yield Rule(condition, Code.TEXT_UNREADABLE, name, role=False)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(_quoted, words))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _raw(pattern: str) -> str:
    """A pattern as a SQL string; backslashes doubled, so that no raw string is needed."""
    return _quoted(pattern)
