"""Making imports: configure first, map then; nothing typed is lost in between."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from accounts import trail
from accounts.models import User
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
    table_id: str


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
                nickname=source.nickname,
                nickname_key=folded(source.nickname),
                connection=connection,
                account=source.account,
                table_id=source.table_id,
                created_by=by,
                created_at=now,
                updated_by=by,
                updated_at=now,
            )
            _record(draft, by, "import created", {"table": source.table_id})
    except IntegrityError:
        raise NicknameTaken(
            f"There is already an import called “{source.nickname}”. Choose another nickname."
        ) from None
    return draft


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
        changed = (
            Import.objects.listed()
            .filter(pk=draft.pk)
            .exclude(status=Import.Status.STOPPED)
            .update(
                mapping=mapping,
                columns=columns,
                kind=mapping["kind"],
                status=Case(When(status=Import.Status.DRAFT, then=_READY), default=F("status")),
                version=F("version") + 1,
                updated_by=by,
                updated_at=now,
            )
        )
        if not changed:
            raise CannotMap("This import was stopped meanwhile; its mapping can no longer change.")
        cursors.follow(parent=draft, mapping=mapping, columns=columns, going=going)
        _record(draft, by, "import mapped", {"properties": len(mapping["properties"])})


def _record(subject: Import, by: User, action: str, after: dict[str, Any]) -> None:
    trail.record(
        by=by,
        action=action,
        kind="import",
        object_id=subject.pk,
        name=subject.nickname,
        after=after,
    )
