"""Making imports: configure first, map then; nothing typed is lost in between."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.models import Connection, folded
from imports.models import CleverTapAccount, Import
from imports.services import cursors
from imports.services.cursors import Going

_READY = Value(Import.Status.READY)


class NicknameTaken(Exception):
    """Another import has this nickname already; the message is fit for the user."""


class CannotMap(Exception):
    """The mapping cannot be saved now; the message is fit for the user."""


@dataclass(frozen=True)
class Source:
    """What is read, from where, and to which account it goes."""

    nickname: str
    connection: Connection
    account: CleverTapAccount
    table_id: str = ""
    sql: str = ""
    bytes_cap: int | None = None
    # Of the last dry run: {"bytes": …, "tables": …}; empty where none was made.
    estimate: dict[str, int] = field(default_factory=dict)
    write_back: bool = False

    def values(self) -> dict[str, Any]:
        """The columns of an import that say what it reads, and where it goes."""
        return {
            "nickname": self.nickname,
            "nickname_key": folded(self.nickname),
            "connection": self.connection,
            "account": self.account,
            "query_type": Import.QueryType.SQL if self.sql else Import.QueryType.TABLE,
            "table_id": "" if self.sql else self.table_id,
            "sql": self.sql,
            "bytes_cap": self.bytes_cap,
            "estimate": self.estimate,
            "write_back": self.write_back,
        }

    def told(self) -> dict[str, Any]:
        """For the trail: the text of a query may name people, so it stays out."""
        told: dict[str, Any] = {
            "table": "" if self.sql else self.table_id,
            "byte_cap": self.bytes_cap,
            "write_back": self.write_back,
        }
        return told | ({"query": f"{len(self.sql):,} characters"} if self.sql else {})


@by_creator
def create_import(*, source: Source, by: User, now: datetime) -> Import:
    """Save a draft: what is read and where it goes. The mapping comes next.

    Raises:
        NicknameTaken: whatever the case or the spaces of the other nickname.
        CannotMap: the connection is being deleted.
    """
    try:
        with transaction.atomic():
            connection = Connection.objects.select_for_update().get(pk=source.connection.pk)
            if not connection.is_active:
                raise CannotMap(f"The connection “{connection.name}” is being deleted.")
            draft = Import.objects.create(
                **source.values(),
                created_by=by,
                created_at=now,
                updated_by=by,
                updated_at=now,
            )
            record(draft, by=by, action="import created", after=source.told())
    except IntegrityError:
        raise nickname_taken(source.nickname) from None
    return draft


def nickname_taken(nickname: str) -> NicknameTaken:
    """The refusal in words."""
    return NicknameTaken(
        f"There is already an import called “{nickname}”. Choose another nickname."
    )


@by_creator
def save_mapping(
    *,
    draft: Import,
    mapping: dict[str, Any],
    columns: list[dict[str, Any]],
    by: User,
    now: datetime,
    going: Going | None = None,
) -> None:
    """Store a mapping that was checked against ``columns``; a draft is then *Ready*.

    ``going``: how it goes by the mapping's Updated On column, if it has one.

    Raises:
        CannotMap: the import was stopped or deleted meanwhile.
    """
    with transaction.atomic():
        before = Import.objects.select_for_update().get(pk=draft.pk)
        changed = (
            Import.objects.listed()
            .filter(pk=draft.pk)
            .exclude(status=Import.Status.STOPPED)
            .update(
                mapping=mapping,
                kept_mappings=_kept_beside(before, mapping["kind"]),
                columns=columns,
                kind=mapping["kind"],
                status=Case(When(status=Import.Status.DRAFT, then=_READY), default=F("status")),
                version=F("version") + 1,
                updated_by=by,
                updated_at=now,
            )
        )
        if not changed:
            raise CannotMap("This import was stopped meanwhile, so the mapping was not saved.")
        cursors.follow(parent=draft, mapping=mapping, columns=columns, going=going)
        record(
            draft,
            by=by,
            action="import mapped",
            after={"properties": len(mapping["properties"])},
        )


def keep_mapping(
    *, draft: Import, mapping: dict[str, Any], then: str, version: int | None = None
) -> None:
    """Keep a mapping as it was left, for its kind of data; what runs go by stays as it is.

    ``then``: the kind that is mapped next; a draft opens with it when somebody comes back.
    ``version``: what the page was made from; a page that is older than what was saved since
    keeps nothing.
    """
    with transaction.atomic():
        found = Import.objects.select_for_update().get(pk=draft.pk)
        if version is not None and found.version != version:
            return
        kept = {**found.kept_mappings, mapping["kind"]: mapping}
        kind = found.kind if found.mapping else then
        Import.objects.filter(pk=draft.pk).update(kept_mappings=kept, kind=kind)


def _kept_beside(before: Import, kind: str) -> dict[str, Any]:
    """What stays kept when a mapping of ``kind`` is saved: that of the other kind of data."""
    saved = {before.kind: before.mapping} if before.mapping else {}
    return {
        name: mapping for name, mapping in (saved | before.kept_mappings).items() if name != kind
    }


@by_creator
def record(subject: Import, *, by: User, action: str, after: dict[str, Any]) -> None:
    """An entry of the trail about the import."""
    trail.record(
        by=by,
        action=action,
        kind="import",
        object_id=subject.pk,
        name=subject.nickname,
        after=after,
    )
