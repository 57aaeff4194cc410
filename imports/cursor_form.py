"""Forms about the Updated On column: of the Map step, and of the page of a cursor."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from accounts.spoken import SpokenForm
from imports.cursor_values import COUNTER, DATE, DATETIME, INT64, Scale, cursor_type
from imports.long_select import LongSelect
from imports.mapping import Column, TimeRule
from imports.models import Cursor
from imports.models.cursor import LOOK_BACK_SECONDS

_UNITS: Final = {"minutes": 60, "hours": 3_600, "days": 86_400}
_MOST_DAYS: Final = 31
_NUMBERS: Final = [
    ("", "Not a number"),
    ("epoch_seconds", "Epoch Seconds"),
    ("epoch_milliseconds", "Epoch Milliseconds"),
    (COUNTER, "A number that only grows"),
]
_NULLS: Final = [(one.value, one.label) for one in Cursor.Nulls]


class UpdatedOnForm(SpokenForm):
    """Which column tells that a row is new or changed, and what that takes."""

    updated_on = forms.ChoiceField(
        label="Updated On",
        required=False,
        widget=LongSelect,
        help_text="Later runs send only rows that are new or changed by this column.",
    )
    number = forms.ChoiceField(
        label="Its numbers are",
        required=False,
        choices=_NUMBERS,
        help_text="Only for an INT64 column.",
    )
    look_back = forms.IntegerField(
        label="Look-back",
        required=False,
        min_value=0,
        max_value=_MOST_DAYS * 1_440,
        help_text="How late a row may come and still be sent.",
        error_messages={
            "invalid": "Enter a whole number, for example 1.",
            "min_value": "A look-back of 0 is the shortest. Enter 0 or more.",
            "max_value": "A look-back of 31 days is the longest. Enter less.",
        },
    )
    look_back_unit = forms.ChoiceField(
        label="Unit", required=False, choices=[(name, name.capitalize()) for name in _UNITS]
    )
    nulls = forms.ChoiceField(label="Rows without a value", required=False, choices=_NULLS)
    newest_only = forms.BooleanField(
        label="Send only the newest row of each person",
        required=False,
        help_text="For User Profile Data. An older row is then never sent after a newer one.",
    )

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, told in self.fields.items():
            told.is_conditional = name != "updated_on"  # type: ignore[attr-defined]
        self._types = {one.name: cursor_type(one.type, one.mode) for one in columns}
        names = [name for name, type_ in self._types.items() if type_]
        field: Any = self.fields["updated_on"]
        field.choices = [("", "None: every run sends all rows"), *((name, name) for name in names)]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("updated_on") and not self.has_error("look_back"):
            longest = _MOST_DAYS * 86_400
            if self.look_back_seconds > longest:
                self.add_error("look_back", "A look-back of 31 days is the longest. Enter less.")
        return found

    @property
    def look_back_seconds(self) -> int:
        amount, unit = self.cleaned_data.get("look_back"), self.cleaned_data.get("look_back_unit")
        return LOOK_BACK_SECONDS if amount is None else amount * _UNITS[unit or "hours"]

    def rule(self, time_zone: str) -> TimeRule | None:
        """The column as the mapping has it; its own mistakes are told by ``problems``."""
        name = self.cleaned_data.get("updated_on")
        if not name:
            return None
        type_ = self._types[name]
        unit = self.cleaned_data.get("number") if type_ == INT64 else ""
        return TimeRule(name, unit or None, time_zone if type_ in {DATETIME, DATE} else None)

    def scale(self, time_zone: str) -> Scale | None:
        """How the chosen column is read, as far as that is said; None: none is chosen.

        A number that nothing is said of counts as one that only grows.
        """
        name = self.cleaned_data.get("updated_on")
        if not name:
            return None
        type_ = self._types[name] or ""
        unit = (self.cleaned_data.get("number") or COUNTER) if type_ == INT64 else ""
        return Scale(type_, unit, time_zone)

    @staticmethod
    def initial_of(cursor: Cursor | None) -> dict[str, Any]:
        """What the form says of a stored cursor, or of none."""
        seconds = cursor.look_back_seconds if cursor else LOOK_BACK_SECONDS
        whole = [name for name, size in _UNITS.items() if seconds and seconds % size == 0]
        unit = whole[-1] if whole else "hours" if not seconds else "minutes"
        return {
            "updated_on": cursor.column if cursor else "",
            "number": cursor.unit if cursor else "",
            "look_back": seconds // _UNITS[unit],
            "look_back_unit": unit,
            "nulls": cursor.nulls if cursor else Cursor.Nulls.EACH_RUN,
            "newest_only": cursor.newest_only if cursor else False,
        }

    @staticmethod
    def initial_of_rule(rule: TimeRule | None) -> dict[str, Any]:
        """The choice of a mapping that was kept, which may not be the cursor's yet."""
        return {
            "updated_on": rule.column if rule else "",
            "number": (rule.format if rule else "") or "",
        }


class MoveBackForm(SpokenForm):
    """From where on rows are to be sent again; the column's own rules are the service's."""

    to = forms.CharField(
        label="Move back to",
        max_length=64,
        error_messages={"required": "Enter the value from which rows are to be sent again."},
    )

    def __init__(self, *args: Any, cursor: Cursor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].help_text = _EXAMPLES[cursor.column_type]


class ColumnChoiceForm(SpokenForm):
    """Which column the adviser is asked about."""

    column = forms.ChoiceField(
        label="Column", error_messages={"required": "Choose the column to look at."}
    )

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = {one.name: cursor_type(one.type, one.mode) for one in columns}
        field: Any = self.fields["column"]
        field.choices = [(name, name) for name, type_ in self.types.items() if type_]


_EXAMPLES: Final = {
    "TIMESTAMP": "For example 2026-01-31 09:30:00, in UTC.",
    DATETIME: "For example 2026-01-31 09:30:00, as the table writes it.",
    DATE: "For example 2026-01-31.",
    INT64: "A whole number, as the table writes it.",
}
