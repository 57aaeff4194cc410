"""Which data types a column can be sent as, and why some columns can only be skipped."""

from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated, shown_type
from imports.mapping.definition import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    LONG,
    PROFILE,
    STRING,
    TYPES,
)

LABELS = {name: name.capitalize() for name in TYPES}
_TYPES_OF: dict[Family, tuple[str, ...]] = {
    Family.TEXT: TYPES,
    Family.WHOLE: TYPES,
    Family.FLOAT: (STRING, INTEGER, FLOAT, LONG, DATE),
    Family.DECIMAL: (STRING, INTEGER, FLOAT, LONG, DATE),
    Family.BOOLEAN: (STRING, BOOLEAN),
    Family.TIMESTAMP: (STRING, DATE),
    Family.DATETIME: (STRING, DATE),
    Family.DATE: (STRING, DATE),
    Family.OPAQUE: (STRING,),
    Family.NESTED: (),
}


def type_choices(column: ColumnLike, kind: str) -> tuple[str, ...]:
    """The data types that a column may be mapped to; none: it cannot be mapped."""
    if is_repeated(column):
        return (STRING,) if kind == PROFILE and family_of(column) is not Family.NESTED else ()
    return _TYPES_OF[family_of(column)]


def why_unmappable(column: ColumnLike, kind: str) -> str | None:
    """One sentence when the column can only be skipped, else None."""
    if type_choices(column, kind):
        return None
    if family_of(column) is Family.NESTED:
        return (
            f"{column.name} is nested ({shown_type(column)}) and cannot be mapped as a whole. "
            "Skip it, or turn it into text in a view."
        )
    return (
        f"{column.name} is a list ({shown_type(column)}), and event properties cannot be lists. "
        "Skip it, or turn it into text in a view."
    )
