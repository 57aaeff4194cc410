"""Between the mapping and its two forms: what is shown, what was posted, what is wrong."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from imports.cursor_form import UpdatedOnForm
from imports.forms import ColumnFormSet, TargetForm
from imports.mapping import (
    FORMATS,
    TYPES,
    Column,
    IdentityRule,
    Mapping,
    Problem,
    PropertyRule,
    shown_type,
    suggest,
    type_choices,
    why_unmappable,
)
from imports.mapping.definition import DATE
from imports.models import Cursor
from imports.services.cursors import Going

_TYPE_LABELS = [(name, name.capitalize()) for name in TYPES]
_CALLED = {
    "epoch_seconds": "Epoch Seconds",
    "epoch_milliseconds": "Epoch Milliseconds",
    "iso8601": "ISO 8601",
}


def format_in_words(key: str) -> str:
    """What people choose it by."""
    return _CALLED.get(key, key)


_FORMAT_LABELS = [(key, format_in_words(key)) for key in FORMATS]
_TARGET_FIELDS = {"identity": "identity_column"}


@dataclass
class MappingPage:
    """The forms of the mapping page and the columns that they stand for."""

    columns: list[Column]
    target: TargetForm
    rows: Any
    updated_on: UpdatedOnForm

    @classmethod
    def of(
        cls,
        columns: list[Column],
        stored: dict[str, Any],
        *,
        time_zone: str,
        cursor: Cursor | None = None,
    ) -> "MappingPage":
        """Filled in from a stored mapping, or from suggestions by name and type.

        ``time_zone`` is offered for dates that carry none, until another was stored.
        """
        mapping = Mapping.from_json(stored) if stored else suggest(columns)
        rules = {rule.column: rule for rule in mapping.properties}
        target = {
            "identity_column": mapping.identity.column if mapping.identity else "",
            "identity_as": mapping.identity.sent_as if mapping.identity else "identity",
            "time_zone": _stored_zone(mapping) if stored else time_zone,
        }
        rows = [_initial(column, rules.get(column.name)) for column in columns]
        going = UpdatedOnForm.initial_of(cursor)
        return cls._built(
            columns, target_initial=target, rows_initial=rows, updated_on_initial=going
        )

    @classmethod
    def posted(cls, columns: list[Column], data: QueryDict) -> "MappingPage":
        return cls._built(columns, data=data)

    @classmethod
    def _built(
        cls,
        columns: list[Column],
        *,
        data: QueryDict | None = None,
        target_initial: dict[str, Any] | None = None,
        rows_initial: list[dict[str, Any]] | None = None,
        updated_on_initial: dict[str, Any] | None = None,
    ) -> "MappingPage":
        target = TargetForm(
            data,
            initial=target_initial,
            columns=[column.name for column in columns if type_choices(column, "profile")],
        )
        rows = ColumnFormSet(
            data,
            initial=rows_initial,
            prefix="columns",
            form_kwargs={"types": _TYPE_LABELS, "formats": _FORMAT_LABELS},
        )
        updated_on = UpdatedOnForm(data, initial=updated_on_initial, columns=columns)
        return cls(columns, target, rows, updated_on)

    @property
    def identity(self) -> str:
        """The name of the column that identifies the user, as far as it is chosen."""
        return str(self.target["identity_column"].value() or "")

    @property
    def faulty_rows(self) -> list[Any]:
        """The forms of the columns that cannot be mapped as they are."""
        return [form for form in self.rows if form.errors]

    @property
    def is_valid(self) -> bool:
        forms = (self.target, self.updated_on)
        return not any(form.errors for form in forms) and not any(self.rows.errors)

    @property
    def going(self) -> Going:
        """How it goes by its Updated On column, once that is valid."""
        said = self.updated_on.cleaned_data
        return Going(
            look_back_seconds=self.updated_on.look_back_seconds,
            nulls=said.get("nulls") or Cursor.Nulls.EACH_RUN,
            newest_only=bool(said.get("newest_only")),
        )

    def pairs(self) -> list[tuple[Column, str, str | None, Any]]:
        """For each column: itself, its type in words, why it can only be skipped, its form."""
        forms = {form["column"].value(): form for form in self.rows}
        return [
            (
                column,
                shown_type(column),
                why_unmappable(column, "profile"),
                forms.get(column.name),
            )
            for column in self.columns
        ]

    def mapping(self) -> Mapping:
        """The mapping that was posted, without what a form has refused already.

        So that ``problems`` finds the other mistakes too, and all are said at once.
        """
        self.target.is_valid()
        self.updated_on.is_valid()
        values = self.target.cleaned_data
        posted = {form.cleaned_data["column"]: form.cleaned_data for form in self._readable()}
        used = [column for column in self.columns if posted.get(column.name, {}).get("use")]
        rules = tuple(_rule(posted[column.name], values.get("time_zone", "UTC")) for column in used)
        named = {rule.column for rule in rules}
        column, sent_as = values.get("identity_column"), values.get("identity_as", "identity")
        return Mapping(
            identity=IdentityRule(column, sent_as) if column else None,
            updated_on=self.updated_on.rule(values.get("time_zone", "UTC")),
            properties=rules,
            skipped=tuple(c.name for c in self.columns if c.name not in named),
        )

    def add_problems(self, found: list[Problem]) -> None:
        """Put each problem beside the field that it is about."""
        forms = {form["column"].value(): form for form in self.rows}
        for problem in found:
            field = _TARGET_FIELDS.get(problem.where)
            if problem.where == "updated_on":
                about = "number" if problem.code == "format_needed" else "updated_on"
                self.updated_on.add_error(about, problem.sentence)
            elif problem.where in forms:
                forms[problem.where].add_error("name", problem.sentence)
            elif field is None or field not in self.target.errors:
                self.target.add_error(field, problem.sentence)

    def _readable(self) -> list[Any]:
        """The rows that have no error of their own; one without a column stands for none."""
        self.rows.is_valid()
        return [form for form in self.rows if not form.errors and form.cleaned_data.get("column")]


def column_of(stored: dict[str, Any]) -> Column:
    """A column as ``connections.lookups.column_to_json`` keeps it."""
    fields = tuple(column_of(inner) for inner in stored.get("fields", []))
    return Column(stored["name"], stored["type"], stored["mode"], fields)


def column_to_json(column: Column) -> dict[str, Any]:
    """A column as an import keeps it; ``column_of`` reads it."""
    fields = [column_to_json(inner) for inner in column.fields]
    return {"name": column.name, "type": column.type, "mode": column.mode, "fields": fields}


def shown(column: Column, cell: Any) -> str:
    """A raw cell for reading: nested values as JSON, moments as dates, NULL as NULL."""
    if cell is None:
        return "NULL"
    if column.mode != "REPEATED" and column.type == "TIMESTAMP" and isinstance(cell, str):
        return f"{datetime.fromtimestamp(int(cell) / 1_000_000, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    return cell if isinstance(cell, str) else json.dumps(_plain(cell), ensure_ascii=False)


def _plain(cell: Any) -> Any:
    """REST's {"v": …} and {"f": […]} wrappers taken off."""
    if isinstance(cell, dict):
        if "v" in cell:
            return _plain(cell["v"])
        return [_plain(inner) for inner in cell.get("f", [])]
    return [_plain(inner) for inner in cell] if isinstance(cell, list) else cell


def _initial(column: Column, rule: PropertyRule | None) -> dict[str, Any]:
    return {
        "column": column.name,
        "use": rule is not None,
        "name": rule.name if rule else "",
        "type": rule.type if rule else "string",
        "format": (rule.format or "") if rule else "",
    }


def _stored_zone(mapping: Mapping) -> str:
    return next((rule.time_zone for rule in mapping.properties if rule.time_zone), "UTC")


def _rule(row: dict[str, Any], time_zone: str) -> PropertyRule:
    return PropertyRule(
        column=row["column"],
        name=row["name"].strip(),
        type=row["type"] or "string",
        format=row["format"] or None,
        time_zone=time_zone if row["type"] == DATE else None,
    )
