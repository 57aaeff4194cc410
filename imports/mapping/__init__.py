"""From rows to CleverTap records. Pure: no clock, no network, no Django, no state."""

from imports.mapping.choices import type_choices, why_unmappable
from imports.mapping.columns import (
    MOST_COLUMNS,
    Column,
    ColumnLike,
    Family,
    family_of,
    is_repeated,
    shown_type,
    too_many,
)
from imports.mapping.dates import FORMATS
from imports.mapping.definition import (
    EVENT,
    PROFILE,
    TYPES,
    EventNameRule,
    IdentityRule,
    Mapping,
    MappingUnreadable,
    PropertyRule,
    TimeRule,
)
from imports.mapping.encoding import MAX_BODY_BYTES, body_of
from imports.mapping.faults import Problem
from imports.mapping.names import RESERVED_EVENTS, SYSTEM_PROPERTIES
from imports.mapping.nested import flat_columns, flat_rows, named, parts_of
from imports.mapping.problems import problems
from imports.mapping.reasons import reasons
from imports.mapping.records import Made, MappingFaulty, RecordMaker, Refusal, compile_mapping
from imports.mapping.refusals import REFUSALS, RefusalCode
from imports.mapping.sql_rules import Rule, identity_sql, refusal_rules, unchecked_columns
from imports.mapping.suggestions import suggest

__all__ = [
    "EVENT",
    "FORMATS",
    "MAX_BODY_BYTES",
    "MOST_COLUMNS",
    "PROFILE",
    "REFUSALS",
    "RESERVED_EVENTS",
    "SYSTEM_PROPERTIES",
    "TYPES",
    "Column",
    "ColumnLike",
    "EventNameRule",
    "Family",
    "IdentityRule",
    "Made",
    "Mapping",
    "MappingFaulty",
    "MappingUnreadable",
    "Problem",
    "PropertyRule",
    "RecordMaker",
    "Refusal",
    "RefusalCode",
    "Rule",
    "TimeRule",
    "body_of",
    "compile_mapping",
    "family_of",
    "flat_columns",
    "flat_rows",
    "identity_sql",
    "is_repeated",
    "named",
    "parts_of",
    "problems",
    "reasons",
    "refusal_rules",
    "shown_type",
    "suggest",
    "too_many",
    "type_choices",
    "unchecked_columns",
    "why_unmappable",
]
