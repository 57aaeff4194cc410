"""Changing an import without touching what it maps: its name, its account, a copy of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import trail
from accounts.models import User
from accounts.permissions import by_creator
from connections.models import folded
from imports.models import CleverTapAccount, Import, Run
from imports.services import cursors
from imports.services.definitions import NicknameTaken
from imports.services.locking import lock

# What a copy takes over. It is a draft without a schedule, and has never run.
COPIED: Final = (
    *("connection_id", "account_id", "query_type", "table_id", "sql", "bytes_cap", "estimate"),
    *("columns", "kind", "mapping", "kept_mappings", "unknown_policy"),
    *("refused_limit", "write_back"),
)
_LONGEST_NICKNAME: Final = 100
_MOST_COPIES: Final = 1_000


class CannotEdit(Exception):
    """The import cannot be changed or copied now; the message is fit for the user."""


class EditedMeanwhile(Exception):
    """Somebody else saved it since the form was opened; the message is fit for the user."""


@dataclass(frozen=True)
class Change:
    """What the form says, and the ``version`` that it was filled in for."""

    nickname: str
    account: CleverTapAccount
    unknown_policy: str
    version: int
    refused_limit: int | None = None
    write_back: bool = False


@by_creator
def edit_import(*, subject: Import, change: Change, by: User, now: datetime) -> None:
    """Save the change. It holds from the next run on; nickname and policy are only words.

    Raises:
        CannotEdit: it was deleted or stopped, or a run of it sends to the account of before.
        EditedMeanwhile: somebody saved it since ``change.version``.
        NicknameTaken: whatever the case or the spaces of the other nickname.
    """
    try:
        with transaction.atomic():
            _, locked = lock(subject)
            _refuse(locked, change)
            before, after = _described(locked), _wanted(change)
            changed = [name for name in after if after[name] != before[name]]
            if changed:
                _write(locked, change, by=by, now=now)
                _record(
                    locked,
                    by,
                    "import changed",
                    before={name: before[name] for name in changed},
                    after={name: after[name] for name in changed},
                )
    except IntegrityError:
        raise NicknameTaken(
            f"There is already an import called “{change.nickname}”. Choose another nickname."
        ) from None


@by_creator
def duplicate(*, subject: Import, by: User, now: datetime) -> Import:
    """A draft with the same table, mapping and account, called “Copy of …”.

    Raises:
        CannotEdit: the import was deleted, or its connection is leaving.
    """
    with transaction.atomic():
        connection, original = lock(subject)
        if original.is_deleted:
            raise CannotEdit(f"“{original.nickname}” was deleted and cannot be duplicated.")
        if not connection.is_active:
            raise CannotEdit(f"The connection “{connection.name}” is being deleted.")
        nickname = _free_nickname(original.nickname)
        copy = Import.objects.create(
            **{name: getattr(original, name) for name in COPIED},
            nickname=nickname,
            nickname_key=folded(nickname),
            created_by=by,
            created_at=now,
            updated_by=by,
            updated_at=now,
        )
        going = cursors.going_of(original)
        cursors.follow(parent=copy, mapping=copy.mapping, columns=copy.columns, going=going)
        _record(copy, by, "import duplicated", after={"copy_of": original.nickname})
    return copy


def _refuse(subject: Import, change: Change) -> None:
    if subject.is_deleted or subject.status == Import.Status.STOPPED:
        raise CannotEdit("This import was stopped or deleted meanwhile, so nothing was changed.")
    if subject.version != change.version:
        raise EditedMeanwhile(
            f"Somebody changed “{subject.nickname}” since you opened this page. Your words are "
            "still here. Save again to put them in its place."
        )
    is_moved = subject.account_id != change.account.pk
    if is_moved and Run.objects.active().filter(parent=subject).exists():
        raise CannotEdit(
            "A run of it is at work, and its rows would go to two accounts. Stop it or let it "
            "end, then change the account."
        )


def _write(subject: Import, change: Change, *, by: User, now: datetime) -> None:
    Import.objects.filter(pk=subject.pk).update(
        nickname=change.nickname,
        nickname_key=folded(change.nickname),
        account=change.account,
        unknown_policy=change.unknown_policy,
        refused_limit=change.refused_limit,
        write_back=change.write_back,
        version=F("version") + 1,
        updated_by=by,
        updated_at=now,
    )


def _described(subject: Import) -> dict[str, Any]:
    return {
        "nickname": subject.nickname,
        "account": subject.account.name,
        "unknown_policy": subject.unknown_policy,
        "refused_limit": subject.refused_limit,
        "write_back": subject.write_back,
    }


def _wanted(change: Change) -> dict[str, Any]:
    return {
        "nickname": change.nickname,
        "account": change.account.name,
        "unknown_policy": change.unknown_policy,
        "refused_limit": change.refused_limit,
        "write_back": change.write_back,
    }


def _free_nickname(nickname: str) -> str:
    """“Copy of …”, with a number when that is taken."""
    for number in range(1, _MOST_COPIES):
        ending = f" ({number})" if number > 1 else ""
        name = f"Copy of {nickname}"[: _LONGEST_NICKNAME - len(ending)].rstrip() + ending
        if not Import.objects.listed().filter(nickname_key=folded(name)).exists():
            return name
    raise CannotEdit(f"“{nickname}” has too many copies. Rename some of them first.")


def _record(subject: Import, by: User, action: str, **values: Any) -> None:
    trail.record(
        by=by, action=action, kind="import", object_id=subject.pk, name=subject.nickname, **values
    )
