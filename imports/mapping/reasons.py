"""Why each column is suggested as it is: one short sentence, shown beside its row."""

from collections.abc import Sequence

from imports.mapping.choices import LABELS, type_choices
from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated, shown_type
from imports.mapping.definition import PROFILE, Mapping, PropertyRule
from imports.mapping.names import MAX_PROPERTIES
from imports.mapping.suggestions import LEFT_OUT, SYSTEM_NAMES, plain_name


def reasons(suggested: Mapping, columns: Sequence[ColumnLike]) -> dict[str, str]:
    """By column, why ``suggest`` has mapped or skipped it; none for what cannot be mapped."""
    rules = {rule.column: rule for rule in suggested.properties}
    return {
        column.name: _reason(suggested, column, rules.get(column.name))
        for column in columns
        if type_choices(column, suggested.kind)
    }


def _reason(suggested: Mapping, column: ColumnLike, rule: PropertyRule | None) -> str:
    role = _role(suggested, column.name)
    if role:
        return f"Its name is usual for {role}."
    if rule is None:
        return _why_skipped(suggested, column)
    if suggested.kind == PROFILE and SYSTEM_NAMES.get(plain_name(column.name)) == rule.name:
        return f"Its name is usual for {rule.name}."
    if is_repeated(column):
        return "A list becomes a property of many values."
    if family_of(column) is Family.OPAQUE:
        return f"{shown_type(column)} is sent as text."
    kind, sent_as = shown_type(column), LABELS[rule.type]
    # The data type stands beside it: that an INT64 is an Integer needs no sentence.
    return "" if kind[:3] == sent_as[:3].upper() else f"{kind} is sent as {sent_as}."


def _role(suggested: Mapping, name: str) -> str:
    roles = (
        ("the identity", suggested.identity),
        ("the event’s name", suggested.event_name),
        ("the event’s time", suggested.created_on),
        ("the time of the last change", suggested.updated_on),
    )
    return next((words for words, rule in roles if rule and rule.column == name), "")


def _why_skipped(suggested: Mapping, column: ColumnLike) -> str:
    if column.type.upper() in LEFT_OUT:
        return f"{column.type} is seldom wanted in CleverTap."
    if len(suggested.properties) >= MAX_PROPERTIES:
        return f"CleverTap takes {MAX_PROPERTIES:,} properties."
    return "No property name follows from its name. Type one."
