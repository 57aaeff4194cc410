"""What stays of a mapping when an import reads something else: all but the vanished columns. Pure.

It works on the stored form, and needs to know of it only that a rule names its ``column``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Stored = dict[str, Any]


def columns_used(mapping: Any) -> Iterator[str]:
    """The columns that some rule of the stored mapping reads, each as often as it is read."""
    if isinstance(mapping, dict):
        column = mapping.get("column")
        if isinstance(column, str) and column:
            yield column
        for value in mapping.values():
            yield from columns_used(value)
    elif isinstance(mapping, list):
        for value in mapping:
            yield from columns_used(value)


def vanished(mapping: Stored, columns: Iterable[str]) -> list[str]:
    """The columns that the mapping reads and the new source does not have, by name."""
    there = set(columns)
    return sorted({used for used in columns_used(mapping) if _base(used) not in there})


def without(mapping: Stored, gone: Iterable[str]) -> Stored:
    """The mapping without the rules that read a column of ``gone``."""
    left_out = set(gone)
    return {name: _kept(value, left_out) for name, value in mapping.items()}


def _kept(value: Any, gone: set[str]) -> Any:
    if isinstance(value, dict):
        return None if value.get("column") in gone else without(value, gone)
    if isinstance(value, list):
        return [_kept(one, gone) for one in value if not _reads(one, gone)]
    return value


def _reads(value: Any, gone: set[str]) -> bool:
    return isinstance(value, dict) and value.get("column") in gone


def _base(column: str) -> str:
    """Of a path into a nested column the column itself."""
    return column.partition(".")[0]
