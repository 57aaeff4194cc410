"""How a table differs from the one that was mapped: what stops a run, and what is only told."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from imports.mapping.choices import type_choices
from imports.mapping.columns import ColumnLike, is_repeated, shown_type
from imports.mapping.definition import EventNameRule, IdentityRule, Mapping, PropertyRule, TimeRule

Rule = TypeVar("Rule", IdentityRule, TimeRule, EventNameRule)

# The REST API answers with the older names; both are the same type.
_OLDER_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
_NAMED = 3
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A mapped column that is gone (``now`` is empty) or has another type."""

    column: str
    was: str
    now: str

    @property
    def in_words(self) -> str:
        name = self.column[:_LONGEST_NAME]
        return f"{name} was {self.was} and is {self.now}" if self.now else f"{name} is gone"


@dataclass(frozen=True, slots=True)
class Drift:
    """``changed`` are mapped columns; ``added`` are the names of new ones, which nobody mapped."""

    changed: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added)

    @property
    def sentence(self) -> str:
        """Why the run was ended; fit for the user."""
        told = "; ".join(change.in_words for change in self.changed[:_NAMED])
        more = len(self.changed) - _NAMED
        rest = f"; and {more:,} more" if more > 0 else ""
        return f"The table changed since it was mapped: {told}{rest}. Remap it, then run again."

    def to_json(self) -> dict[str, Any]:
        """A dict of plain JSON values; ``from_json`` gives the equal drift back."""
        return {"changed": [asdict(one) for one in self.changed], "added": list(self.added)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Drift":
        changed = tuple(Change(**one) for one in stored.get("changed", []))
        return cls(changed, tuple(stored.get("added", [])))


def drift_of(
    mapping: Mapping, *, known: Sequence[ColumnLike], present: Sequence[ColumnLike]
) -> Drift:
    """``known``: the columns as they were mapped. ``present``: as they are now."""
    here = {column.name: column for column in present}
    before = {column.name: column for column in known}
    changed = []
    for name in mapping.used_columns():
        was, now = before.get(name), here.get(name)
        if was is None:  # a path into a nested column: its query tells
            continue
        if now is None:
            changed.append(Change(name, shown_type(was), ""))
        elif _type_of(was) != _type_of(now):
            changed.append(Change(name, shown_type(was), shown_type(now)))
    return Drift(tuple(changed), tuple(name for name in here if name not in before))


def _type_of(column: ColumnLike) -> tuple[str, bool]:
    """NULLABLE or REQUIRED makes no difference to who reads."""
    name = column.type.upper()
    return _OLDER_NAMES.get(name, name), is_repeated(column)


def taken_out(before: Mapping, after: Mapping) -> tuple[str, ...]:
    """The columns that some rule of ``before`` reads and none of ``after``, by name."""
    return tuple(sorted(set(before.used_columns()) - set(after.used_columns())))


def remapped(mapping: Mapping, present: Sequence[ColumnLike]) -> Mapping:
    """The mapping over the columns of now: without what is gone, and with types that fit.

    New columns are skipped. It may be faulty, as when the identity is gone: ``problems`` tells.
    """
    here = {column.name: column for column in present}

    def kept(rule: Rule | None) -> Rule | None:
        return rule if rule and (rule.column is None or rule.column in here) else None

    rules = tuple(
        fitting
        for rule in mapping.properties
        if (column := here.get(rule.column)) and (fitting := _fitting(rule, column, mapping.kind))
    )
    named = {rule.column for rule in rules}
    return replace(
        mapping,
        identity=kept(mapping.identity),
        updated_on=kept(mapping.updated_on),
        created_on=kept(mapping.created_on),
        event_name=kept(mapping.event_name),
        properties=rules,
        skipped=tuple(name for name in here if name not in named),
    )


def _fitting(rule: PropertyRule, column: ColumnLike, kind: str) -> PropertyRule | None:
    """The rule as it is, or as String where the column's new type does not allow its own."""
    choices = type_choices(column, kind)
    if rule.type in choices:
        return rule
    return replace(rule, type=choices[0], format=None, time_zone=None) if choices else None
