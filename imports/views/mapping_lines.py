"""The mapping of an import as a table to read: what each column becomes, and why one does not."""

from collections.abc import Iterator
from dataclasses import dataclass

from imports.mapping import Column, Mapping, why_unmappable
from imports.mapping.columns import shown_type
from imports.mapping.definition import DELETE, MappingUnreadable, PropertyRule, TimeRule
from imports.models import Import
from imports.views.map_rows import format_in_words


@dataclass(frozen=True)
class Line:
    """One column. ``role`` is what CleverTap calls what it becomes, where it is no property."""

    column: str
    type: str
    role: str = ""
    name: str = ""
    becomes: str = ""
    note: str = ""


@dataclass(frozen=True)
class Lines:
    """``trouble``: why the stored mapping cannot be shown; then there are no lines."""

    mapped: tuple[Line, ...] = ()
    skipped: tuple[Line, ...] = ()
    trouble: str = ""


def lines_of(subject: Import) -> Lines | None:
    """None while nothing is mapped."""
    if not subject.mapping:
        return None
    try:
        mapping = Mapping.from_json(subject.mapping)
    except MappingUnreadable as trouble:
        return Lines(trouble=str(trouble))
    columns = {column.name: column for column in map(Column.from_json, subject.columns)}
    types = {name: shown_type(column) for name, column in columns.items()}
    return Lines(tuple(_mapped(mapping, types)), tuple(_skipped(mapping, columns)))


def _mapped(mapping: Mapping, types: dict[str, str]) -> Iterator[Line]:
    if mapping.identity:
        role = "CleverTap ID" if mapping.identity.sent_as == "objectId" else "Identity"
        said = "Says whose row it is. A row without one is refused."
        yield _line(mapping.identity.column, types, role=role, becomes="String", note=said)
    if mapping.event_name and mapping.event_name.column:
        yield _line(mapping.event_name.column, types, role="Event name", becomes="String")
    for role, time in (("Created On", mapping.created_on), ("Updated On", mapping.updated_on)):
        if time:
            yield _line(time.column, types, role=role, becomes="Date", note=_date(time))
    for rule in mapping.properties:
        note = " ".join(filter(None, (_date(rule), _nulls(rule))))
        yield _line(rule.column, types, name=rule.name, becomes=rule.type.title(), note=note)


def _skipped(mapping: Mapping, columns: dict[str, Column]) -> Iterator[Line]:
    used = set(mapping.used_columns())
    for name in mapping.skipped:
        if name not in used:
            column = columns.get(name)
            why = why_unmappable(column, mapping.kind) if column else None
            yield Line(name, shown_type(column) if column else "", note=why or "On purpose.")


def _line(column: str, types: dict[str, str], **words: str) -> Line:
    return Line(column, types.get(column, ""), **words)


def _date(rule: TimeRule | PropertyRule) -> str:
    parts = [format_in_words(rule.format) if rule.format else "", rule.time_zone or ""]
    return ", ".join(filter(None, parts))


def _nulls(rule: PropertyRule) -> str:
    return "NULL deletes the property." if rule.nulls == DELETE else ""
