"""Changing what an import reads and where it goes, after it was made.

The mapping is kept as far as its columns are still there; only what it can no longer do
sends the import back to *Draft*.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection
from imports import remapping
from imports.mapping import Column, Mapping, MappingUnreadable, problems
from imports.models import Import
from imports.services.definitions import CannotMap, Source, nickname_taken, record

Columns = list[dict[str, Any]]


class NotChecked(Exception):
    """BigQuery has not said yet which columns there are; the message is fit for the user."""


@dataclass(frozen=True)
class Change:
    """``gone``: mapped columns that the new source does not have. ``needs_mapping``: to do next."""

    gone: tuple[str, ...] = ()
    needs_mapping: bool = False


@by_creator
def configure_import(
    *, subject: Import, source: Source, columns: Columns | None, by: User, now: datetime
) -> Change:
    """Save what the import reads; ``columns`` are those of the new source, None if not known.

    A run that is at work goes on with what it began with.

    Raises:
        NicknameTaken: whatever the case or the spaces of the other nickname.
        NotChecked: the source of a mapped import changes, and its columns are not known.
        CannotMap: the import was stopped, or the connection is being deleted.
    """
    try:
        with transaction.atomic():
            parent = _locked(subject, source.connection)
            change, values = _change(parent, source, columns)
            values |= {"version": F("version") + 1, "updated_by": by, "updated_at": now}
            Import.objects.filter(pk=parent.pk).update(**values)
            record(parent, by=by, action="import configured", after=source.told())
    except IntegrityError:
        raise nickname_taken(source.nickname) from None
    return change


def keep_estimate(*, subject: Import, answer: dict[str, Any]) -> None:
    """Note what a dry run said, where the import was saved before there was an answer."""
    if not subject.estimate and answer.get("bytes") is not None:
        found = {"bytes": answer["bytes"], "tables": answer.get("tables", 1)}
        Import.objects.filter(pk=subject.pk, version=subject.version).update(estimate=found)


def _locked(subject: Import, target: Connection) -> Import:
    """The import under the locks of its connection and of the one that it is to read from."""
    places = Connection.objects.filter(pk__in={subject.connection_id, target.pk})
    held = {place.pk: place for place in places.select_for_update().order_by("pk")}
    parent = Import.objects.select_for_update().get(pk=subject.pk)
    if parent.connection_id not in held:
        raise CannotMap("This import was moved to another connection meanwhile. Open it again.")
    if not held[target.pk].is_active:
        raise CannotMap(f"The connection “{target.name}” is being deleted.")
    if parent.is_deleted or parent.status == Import.Status.STOPPED:
        raise CannotMap("This import was stopped meanwhile; it can no longer be changed.")
    return parent


def _change(
    parent: Import, source: Source, columns: Columns | None
) -> tuple[Change, dict[str, Any]]:
    values = source.values()
    same = ("connection", "query_type", "table_id", "sql")
    if not parent.mapping or all(getattr(parent, name) == values[name] for name in same):
        if not values["estimate"]:
            del values["estimate"]  # of the same source, and nothing newer is known
        return Change(needs_mapping=parent.is_draft), values
    if columns is None:
        if not parent.is_draft:
            raise NotChecked("BigQuery is still checking this. Save again in a moment.")
        return Change(needs_mapping=True), values
    gone = remapping.vanished(parent.mapping, [column["name"] for column in columns])
    mapping = _with_new_ones_skipped(remapping.without(parent.mapping, gone), columns)
    needs_mapping = parent.is_draft or bool(gone) or not _works(mapping, columns)
    values |= {"mapping": mapping, "columns": columns}
    if needs_mapping:
        values |= {"status": Import.Status.DRAFT, "next_slot_at": None, "schedule": {}}
    return Change(tuple(gone), needs_mapping), values


def _with_new_ones_skipped(mapping: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """New columns are not sent until somebody maps them; vanished ones need no skipping."""
    used = set(remapping.columns_used(mapping))
    names = [column["name"] for column in columns]
    return {**mapping, "skipped": [name for name in names if name not in used]}


def _works(mapping: dict[str, Any], columns: Columns) -> bool:
    """Whether it can be run over these columns as it is: types may have changed too."""
    known = [Column(one["name"], one["type"], one["mode"], ()) for one in columns]
    try:
        return not problems(Mapping.from_json(mapping), known)
    except MappingUnreadable:
        return False
