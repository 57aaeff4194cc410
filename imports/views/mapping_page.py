"""Between the mapping and its two forms: what is shown, what was posted, what is wrong."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from imports.cursor_form import UpdatedOnForm
from imports.forms import TargetForm
from imports.mapping import (
    EVENT,
    PROFILE,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    Problem,
    PropertyRule,
    TimeRule,
    reasons,
    shown_type,
    suggest,
    type_choices,
    why_unmappable,
)
from imports.mapping.definition import DATE, OMIT
from imports.models import Cursor
from imports.services.cursors import Going
from imports.views.drawn_rows import RowDrawer
from imports.views.map_rows import FORMAT_CHOICES, MapRow, posted_rows

KINDS = (PROFILE, EVENT)
_LONGEST_CELL = 60
NOT_WHOLE = "This page was not sent whole. Open it again, and repeat what you changed."


@dataclass
class MappingPage:
    """The forms of the mapping page and the columns that they stand for."""

    columns: list[Column]
    kind: str
    target: TargetForm
    rows: list[MapRow]
    updated_on: UpdatedOnForm
    suggested: dict[str, str] = field(default_factory=dict)
    shown: Mapping = field(default_factory=Mapping)

    @classmethod
    def of(
        cls,
        columns: list[Column],
        stored: dict[str, Any],
        *,
        kind: str,
        time_zone: str,
        cursor: Cursor | None = None,
    ) -> "MappingPage":
        """Filled in from a stored mapping, or from suggestions by name and type.

        ``time_zone`` is offered for dates that carry none, until another was stored.
        """
        mapping = Mapping.from_json(stored) if stored else suggest(columns, kind)
        rules = {rule.column: rule for rule in mapping.properties}
        target = _target_of(mapping)
        target["time_zone"] = _stored_zone(mapping) if stored else time_zone
        rows = [MapRow.of(n, one, rules.get(one.name)) for n, one in enumerate(columns)]
        going = UpdatedOnForm.initial_of(cursor)
        if stored:
            going |= UpdatedOnForm.initial_of_rule(mapping.updated_on)
        page = cls(
            columns,
            kind,
            _target(columns, kind, initial=target),
            rows,
            UpdatedOnForm(initial=going, columns=columns),
        )
        page.shown, page.suggested = mapping, {} if stored else reasons(mapping, columns)
        return page

    @classmethod
    def posted(cls, columns: list[Column], data: QueryDict, *, kind: str) -> "MappingPage":
        target, rows = _target(columns, kind, data=data), posted_rows(data)
        page = cls(columns, kind, target, rows or [], UpdatedOnForm(data, columns=columns))
        if rows is None:
            target.add_error(None, NOT_WHOLE)
        return page

    @property
    def is_event(self) -> bool:
        return self.kind == EVENT

    @property
    def identity(self) -> str:
        """The name of the column that identifies the user, as far as it is chosen."""
        return str(self.target["identity_column"].value() or "")

    @property
    def faulty_rows(self) -> list[MapRow]:
        """The rows of the columns that cannot be mapped as they are."""
        return [row for row in self.rows if row.errors]

    @property
    def is_valid(self) -> bool:
        forms = (self.target, self.updated_on)
        return not any(form.errors for form in forms) and not self.faulty_rows

    @property
    def going(self) -> Going:
        """How it goes by its Updated On column, once that is valid."""
        said = self.updated_on.cleaned_data
        return Going(
            look_back_seconds=self.updated_on.look_back_seconds,
            nulls=said.get("nulls") or Cursor.Nulls.EACH_RUN,
            newest_only=bool(said.get("newest_only")),
        )

    def pairs(self) -> list[tuple[str, str | None, MapRow, str]]:
        """For each column: its type in words, why it can only be skipped, its row, and why it
        is suggested so."""
        rows = {row.column: row for row in self.rows}
        return [
            (
                shown_type(column),
                why_unmappable(column, self.kind),
                rows.get(column.name) or MapRow(number, column.name),
                self.suggested.get(column.name, ""),
            )
            for number, column in enumerate(self.columns)
        ]

    def drawn_rows(self) -> list[str]:
        """The rows of the table of columns."""
        drawer = RowDrawer()
        return [
            drawer.drawn(
                {
                    **row.said,
                    "type": type_in_words,
                    "why_not": why_not,
                    "reason": reason,
                    "is_identity": row.column == self.identity,
                    "is_event": self.is_event,
                }
            )
            for type_in_words, why_not, row, reason in self.pairs()
        ]

    def mapping(self) -> Mapping:
        """The mapping that is shown, or that was posted, without what a form has refused already.

        So that ``problems`` finds the other mistakes too, and all are said at once.
        """
        if not self.target.is_bound:
            return self.shown
        self.target.is_valid()
        self.updated_on.is_valid()
        values = self.target.cleaned_data
        zone = values.get("time_zone", "UTC")
        posted = {row.column: row for row in self.rows if row.use and not row.errors}
        used = [column.name for column in self.columns if column.name in posted]
        rules = tuple(_rule(posted[name], zone, self.kind) for name in used)
        named = {rule.column for rule in rules}
        column, sent_as = values.get("identity_column"), values.get("identity_as", "identity")
        return Mapping(
            kind=self.kind,
            identity=IdentityRule(column, sent_as) if column else None,
            updated_on=self.updated_on.rule(zone),
            created_on=_created_on(values, zone),
            event_name=_event_name(values),
            properties=rules,
            skipped=tuple(c.name for c in self.columns if c.name not in named),
        )

    def add_problems(self, found: list[Problem]) -> None:
        """Put each problem beside the field that it is about."""
        rows = {row.column: row for row in self.rows}
        for problem in found:
            if problem.where == "updated_on":
                about = "number" if problem.code == "format_needed" else "updated_on"
                self.updated_on.add_error(about, problem.sentence)
                continue
            name = self._field_of(problem)
            if problem.where in rows:
                rows[problem.where].add_error("name", problem.sentence)
            elif name is None or name not in self.target.errors:
                self.target.add_error(name, problem.sentence)

    def _field_of(self, problem: Problem) -> str | None:
        """The field of the upper form that the problem is about; None: of no single one."""
        if problem.where == "event_name":
            return "event_name" if self.target["event_name"].value() else "event_column"
        if problem.where == "created_on" and problem.code == "format_needed":
            return "created_on_format"
        return {"identity": "identity_column", "created_on": "created_on"}.get(problem.where)


def shown(column: Column, cell: Any) -> str:
    """A raw cell for reading: nested values as JSON, moments as dates, NULL as NULL."""
    if cell is None:
        return "NULL"
    if column.mode != "REPEATED" and column.type == "TIMESTAMP" and isinstance(cell, str):
        return f"{datetime.fromtimestamp(int(cell) / 1_000_000, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    return cell if isinstance(cell, str) else json.dumps(_plain(cell), ensure_ascii=False)


def cut(words: str) -> str:
    """A cell of the preview, short enough for a table."""
    return words if len(words) <= _LONGEST_CELL else f"{words[: _LONGEST_CELL - 1]}…"


def _plain(cell: Any) -> Any:
    """REST's {"v": …} and {"f": […]} wrappers taken off."""
    if isinstance(cell, dict):
        if "v" in cell:
            return _plain(cell["v"])
        return [_plain(inner) for inner in cell.get("f", [])]
    return [_plain(inner) for inner in cell] if isinstance(cell, list) else cell


def _target_of(mapping: Mapping) -> dict[str, Any]:
    identity, event, created = mapping.identity, mapping.event_name, mapping.created_on
    return {
        "identity_column": identity.column if identity else "",
        "identity_as": identity.sent_as if identity else "identity",
        "event_column": (event and event.column) or "",
        "event_name": (event and event.fixed) or "",
        "created_on": created.column if created else "",
        "created_on_format": (created and created.format) or "",
    }


def _target(columns: list[Column], kind: str, **values: Any) -> TargetForm:
    return TargetForm(
        **values,
        columns=[column.name for column in columns if type_choices(column, kind)],
        is_event=kind == EVENT,
        formats=list(FORMAT_CHOICES),
    )


def _stored_zone(mapping: Mapping) -> str:
    rules: list[TimeRule | PropertyRule] = list(mapping.properties)
    if mapping.created_on:
        rules.insert(0, mapping.created_on)
    return next((rule.time_zone for rule in rules if rule.time_zone), "UTC")


def _event_name(values: dict[str, Any]) -> EventNameRule | None:
    column, fixed = values.get("event_column") or None, values.get("event_name") or None
    return EventNameRule(column, fixed) if column or fixed else None


def _created_on(values: dict[str, Any], zone: str) -> TimeRule | None:
    column = values.get("created_on")
    return TimeRule(column, values.get("created_on_format") or None, zone) if column else None


def _rule(row: MapRow, time_zone: str, kind: str) -> PropertyRule:
    return PropertyRule(
        column=row.column,
        name=row.name,
        type=row.type or "string",
        format=row.format or None,
        time_zone=time_zone if row.type == DATE else None,
        nulls=(row.nulls or OMIT) if kind == PROFILE else OMIT,
    )
