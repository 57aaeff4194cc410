"""Faults of the columns that are sent as properties: each rule, and all of them together."""

from collections import Counter
from collections.abc import Iterator

from imports.mapping.choices import LABELS, type_choices, why_unmappable
from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated, shown_type
from imports.mapping.definition import (
    DATE,
    DELETE,
    EVENT,
    OMIT,
    PROFILE,
    TYPES,
    Mapping,
    PropertyRule,
)
from imports.mapping.faults import Problem, date_faults, name_faults, unknown_column
from imports.mapping.names import MAX_PROPERTIES, SYSTEM_PROPERTIES, system_spelling
from imports.mapping.texts import SYSTEM_TEXTS


def property_faults(mapping: Mapping, known: dict[str, ColumnLike]) -> Iterator[Problem]:
    """Every fault of the property rules; ``known``: the table's columns by name."""
    names = Counter(rule.name for rule in mapping.properties)
    for name, count in names.items():
        if count > 1:
            yield Problem(
                "properties",
                "duplicate_name",
                f"{count:,} columns are mapped to {name}. Give each its own property name.",
            )
    if len(mapping.properties) > MAX_PROPERTIES:
        yield Problem(
            "properties",
            "too_many_properties",
            f"{len(mapping.properties):,} properties are mapped; CleverTap takes {MAX_PROPERTIES:,}. "
            "Skip some columns.",
        )
    for rule in mapping.properties:
        yield from name_faults(rule.column, rule.name, "property name")
        column = known.get(rule.column)
        if column is None:
            yield unknown_column(rule.column, rule.column)
            continue
        if mapping.kind == PROFILE:
            yield from _system_faults(mapping, rule, column)
        yield from _rule_faults(mapping, rule, column)


def _system_faults(mapping: Mapping, rule: PropertyRule, column: ColumnLike) -> Iterator[Problem]:
    system = system_spelling(rule.name)
    if system is None:
        return
    fixed = SYSTEM_PROPERTIES[system]
    if rule.name != system:
        yield Problem(
            rule.column,
            "system_spelling",
            f"CleverTap has a property {system}; write {rule.name} exactly so.",
        )
    if rule.type != fixed and rule.type in TYPES:
        yield Problem(
            rule.column,
            "fixed_type",
            f"{system} is always of type {LABELS[fixed]} in CleverTap. Choose {LABELS[fixed]}.",
        )
    elif system in SYSTEM_TEXTS and system != "Identity" and family_of(column) is not Family.TEXT:
        yield Problem(
            rule.column,
            "system_needs_text",
            f"{system} needs a STRING column; {column.name} is {shown_type(column)}. "
            "Convert it in a view.",
        )
    if is_repeated(column):
        yield Problem(
            rule.column, "system_not_list", f"{system} holds one value; {column.name} is a list."
        )
    if system == "Identity" and mapping.identity and mapping.identity.sent_as == "identity":
        yield Problem(
            rule.column,
            "identity_twice",
            "The identity is chosen above already. Skip the property Identity.",
        )


def _rule_faults(mapping: Mapping, rule: PropertyRule, column: ColumnLike) -> Iterator[Problem]:
    where, unmappable = rule.column, why_unmappable(column, mapping.kind)
    if unmappable is not None:
        yield Problem(where, "unmappable", unmappable)
    elif rule.type not in TYPES:
        yield Problem(where, "unknown_type", f"Choose a data type for {column.name}.")
    elif rule.type not in type_choices(column, mapping.kind):
        choices = ", ".join(LABELS[name] for name in type_choices(column, mapping.kind))
        yield Problem(
            where,
            "type_mismatch",
            f"{column.name} is {shown_type(column)} and cannot be sent as {LABELS[rule.type]}. "
            f"Choose one of: {choices}.",
        )
    elif rule.type == DATE:
        yield from date_faults(where, column, rule.format, rule.time_zone)
    if rule.nulls not in (OMIT, DELETE):
        yield Problem(where, "unknown_nulls", f"Choose what a NULL in {column.name} means.")
    elif rule.nulls == DELETE and mapping.kind == EVENT:
        yield Problem(
            where,
            "delete_on_event",
            f"Events keep no values, so a NULL in {column.name} cannot delete one. "
            "Choose to leave it out.",
        )
