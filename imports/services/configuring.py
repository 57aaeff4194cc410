"""Changing what an import reads and where it goes, after it was made.

The mapping is kept as far as its columns are still there; only what it can no longer do
sends the import back to *Draft*.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection
from imports.mapping import Column, Mapping, MappingUnreadable, flat_columns, problems
from imports.mapping.drift import remapped, taken_out
from imports.models import Import
from imports.models.cursor import source_of
from imports.services import cursors
from imports.services.definitions import CannotMap, Source, nickname_taken, record

Columns = list[dict[str, Any]]


class NotChecked(Exception):
    """BigQuery has not said yet which columns there are; the message is fit for the user."""


@dataclass(frozen=True)
class Change:
    """``gone``: mapped columns that the new source does not have, or not in a form that can be
    sent. ``needs_mapping``: to do next.

    ``goes_on``: whether the cursor does, where something else is read and there is one.
    """

    gone: tuple[str, ...] = ()
    needs_mapping: bool = False
    goes_on: bool | None = None


@by_creator
def configure_import(
    *,
    subject: Import,
    source: Source,
    columns: Columns | None,
    by: User,
    now: datetime,
    goes_on: bool = False,
) -> Change:
    """Save what the import reads; ``columns`` are those of the new source, None if not known.

    A run that is at work goes on with what it began with. If something else is read than
    before, the cursor begins anew unless it ``goes_on`` (ADR 32).

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
            change = replace(change, goes_on=_cursor_follows(parent, change, goes_on, by, now))
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
        raise CannotMap("This import was stopped meanwhile, so nothing was changed.")
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
    return _over(parent, [Column.from_json(column) for column in columns], values)


def _over(
    parent: Import, columns: list[Column], values: dict[str, Any]
) -> tuple[Change, dict[str, Any]]:
    """What stays of the mapping over other columns. New ones are skipped until they are mapped."""
    present = flat_columns(columns)
    values |= {"columns": [column.to_json() for column in present]}
    try:
        before = Mapping.from_json(parent.mapping)
    except MappingUnreadable:
        return Change(needs_mapping=True), values | _UNMAPPED
    after = remapped(before, present)
    gone = taken_out(before, after)
    # Where a type made a rule another one, somebody has to see it first.
    is_same = replace(after, skipped=()) == replace(before, skipped=())
    needs_mapping = parent.is_draft or not is_same or bool(problems(after, present))
    values |= {"mapping": after.to_json()} | (_UNMAPPED if needs_mapping else {})
    return Change(gone, needs_mapping), values


def _cursor_follows(
    before: Import, change: Change, goes_on: bool, by: User, now: datetime
) -> bool | None:
    """As ``cursors.read_other``, where something else is read than before."""
    after = Import.objects.select_related("connection").get(pk=before.pk)
    kept = None
    if source_of(after.read) != source_of(before.read):
        kept = cursors.read_other(parent=after, goes_on=goes_on, by=by, now=now)
    if change.needs_mapping or after.columns == before.columns:
        return kept
    going = cursors.going_of(after)
    cursors.follow(parent=after, mapping=after.mapping, columns=after.columns, going=going)
    return kept and cursors.stands(after)


_UNMAPPED: dict[str, Any] = {"status": Import.Status.DRAFT, "next_slot_at": None, "schedule": {}}
