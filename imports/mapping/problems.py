"""Finds every fault of a mapping before it is run, each with one sentence and its cure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from imports.cursor_values import COUNTER, INT64, cursor_type
from imports.mapping.choices import type_choices
from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated, shown_type
from imports.mapping.definition import DATE, EVENT, PROFILE, Mapping, TimeRule
from imports.mapping.faults import (
    Problem,
    date_faults,
    epoch_format_faults,
    name_faults,
    unknown_column,
)
from imports.mapping.names import is_reserved_event
from imports.mapping.property_faults import property_faults

_IDENTITY_FAMILIES = (Family.TEXT, Family.WHOLE, Family.DECIMAL)


def problems(mapping: Mapping, columns: Sequence[ColumnLike]) -> list[Problem]:
    """All faults of ``mapping`` for a table of ``columns``; none means it can be compiled."""
    known = {column.name: column for column in columns}
    return [
        *_kind(mapping),
        *_identity(mapping, known),
        *_updated_on(mapping.updated_on, known),
        *(_created_on(mapping, known) if mapping.kind == EVENT else ()),
        *(_event_name(mapping, known) if mapping.kind == EVENT else ()),
        *property_faults(mapping, known),
        *_coverage(mapping, known),
    ]


def _kind(mapping: Mapping) -> Iterator[Problem]:
    if mapping.kind not in (PROFILE, EVENT):
        yield Problem("kind", "unknown_kind", "Choose User Profile Data or Event Data.")


def _identity(mapping: Mapping, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    rule, where = mapping.identity, "identity"
    if rule is None or not rule.column:
        yield Problem(where, "identity_missing", "Choose the column that identifies the user.")
        return
    if rule.sent_as not in ("identity", "objectId"):
        yield Problem(where, "unknown_choice", "Choose Identity or CleverTap ID.")
    column = known.get(rule.column)
    if column is None:
        yield unknown_column(where, rule.column)
    elif is_repeated(column) or family_of(column) not in _IDENTITY_FAMILIES:
        yield Problem(
            where,
            "identity_type",
            f"{column.name} is {shown_type(column)}; an identity must be STRING, INT64 or NUMERIC. "
            "Choose another column or convert it in a view.",
        )


def _updated_on(rule: TimeRule | None, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    if rule is None:
        return
    column, where = known.get(rule.column), "updated_on"
    if column is None:
        yield unknown_column(where, rule.column)
    elif not (kind := cursor_type(column.type, column.mode)):
        yield Problem(
            where,
            "time_type",
            f"{column.name} is {shown_type(column)}; Updated On needs TIMESTAMP, DATETIME, DATE "
            "or INT64. Choose another column.",
        )
    elif kind == INT64 and rule.format != COUNTER:
        for fault in epoch_format_faults(where, column, rule.format):
            yield replace(fault, sentence=f"{column.name} holds numbers. Choose what they are.")


def _created_on(mapping: Mapping, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    rule, where = mapping.created_on, "created_on"
    if rule is None:
        return
    column = known.get(rule.column)
    if column is None:
        yield unknown_column(where, rule.column)
    elif DATE not in type_choices(column, EVENT):
        yield Problem(
            where,
            "time_type",
            f"{column.name} is {shown_type(column)}, which holds no time. "
            "Choose another column for Created On.",
        )
    else:
        yield from date_faults(where, column, rule.format, rule.time_zone)


def _event_name(mapping: Mapping, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    rule, where = mapping.event_name, "event_name"
    if rule is None or bool(rule.column) == bool(rule.fixed):
        yield Problem(
            where,
            "event_name_missing",
            "Choose the column that holds the event name, or type one specific event.",
        )
    elif rule.fixed:
        yield from name_faults(where, rule.fixed, "event name")
        if is_reserved_event(rule.fixed):
            yield Problem(
                where,
                "reserved_event",
                f"{rule.fixed} is an event of CleverTap’s own and cannot be imported. "
                "Choose another name.",
            )
    elif rule.column not in known:
        yield unknown_column(where, rule.column or "")
    elif is_repeated(known[rule.column]) or family_of(known[rule.column]) is not Family.TEXT:
        yield Problem(
            where,
            "event_name_type",
            f"{rule.column} is {shown_type(known[rule.column])}; event names need a STRING column.",
        )


def _coverage(mapping: Mapping, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    """A skipped column is sent as no property; it may still hold the identity or a time."""
    used, skipped = set(mapping.used_columns()), set(mapping.skipped)
    sent = {rule.column for rule in mapping.properties}
    for name in known:
        if name in sent and name in skipped:
            yield Problem(
                name,
                "mapped_and_skipped",
                f"{name} is both mapped and skipped. Choose one of the two.",
            )
        elif name not in used and name not in skipped:
            yield Problem(name, "not_mapped", f"Map {name} to a property, or skip it on purpose.")
    for name in mapping.skipped:
        if name not in known:
            yield unknown_column(name, name)
