"""Faults that several parts of a mapping can have: in names, dates, and missing columns."""

from collections.abc import Iterator
from dataclasses import dataclass

from imports.mapping.columns import ColumnLike, Family, family_of
from imports.mapping.dates import EPOCH_FORMATS, FORMATS, zone_named
from imports.mapping.names import forbidden_in, is_too_long

NUMBERS = (Family.WHOLE, Family.FLOAT, Family.DECIMAL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. ``where``: a column's name, or identity, updated_on, created_on,
    event_name, properties, kind. ``code`` is stable, ``sentence`` is for the user.
    """

    where: str
    code: str
    sentence: str


def unknown_column(where: str, name: str) -> Problem:
    """The table does not have, or no longer has, a column that a rule names."""
    return Problem(
        where,
        "unknown_column",
        f"The table has no column {name}. Open the mapping again: the table may have changed.",
    )


def name_faults(where: str, name: str, what: str) -> Iterator[Problem]:
    """Faults of the name of a property or an event; ``what`` says which it is."""
    forbidden = forbidden_in(name)
    if not name.strip():
        yield Problem(where, "name_missing", f"Type the {what} for {where}, or skip the column.")
    elif name != name.strip():
        yield Problem(where, "name_spaces", f"Remove the spaces around the {what} {name.strip()}.")
    if forbidden:
        yield Problem(
            where,
            "forbidden_character",
            f"The {what} {name} has characters that CleverTap forbids ({forbidden}). Remove them.",
        )
    if is_too_long(name):
        yield Problem(
            where, "name_too_long", f"The {what} {name[:40]}… is longer than 120 bytes. Shorten it."
        )


def date_faults(
    where: str, column: ColumnLike, format_key: str | None, time_zone: str | None
) -> Iterator[Problem]:
    """Whether the column's values can be read as moments with what is chosen."""
    family = family_of(column)
    chosen = FORMATS.get(format_key or "")
    if family in NUMBERS:
        yield from epoch_format_faults(where, column, format_key)
        return
    if family is Family.TEXT and chosen is None:
        yield Problem(where, "format_needed", f"Choose the date format of {column.name}.")
        return
    if zone_named(time_zone) is None:
        yield Problem(
            where, "unknown_time_zone", f"{time_zone} is not a time zone. Choose one from the list."
        )
    local_time = family is Family.DATETIME or (
        family is Family.TEXT and chosen is not None and chosen.has_time and not chosen.has_zone
    )
    if local_time and time_zone is None:
        yield Problem(
            where,
            "time_zone_needed",
            f"The times in {column.name} carry no time zone. Choose the one they are written in.",
        )


def epoch_format_faults(
    where: str, column: ColumnLike, format_key: str | None
) -> Iterator[Problem]:
    """A number is seconds or milliseconds; only the user can know."""
    if format_key not in EPOCH_FORMATS:
        yield Problem(
            where,
            "format_needed",
            f"{column.name} holds numbers. Choose Epoch Seconds or Epoch Milliseconds.",
        )
