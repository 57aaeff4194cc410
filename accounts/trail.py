"""The trail of what people did: the only module that writes it, and it only adds.

Must not hold secrets: values are plain, and names that sound like a secret are refused.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts import address
from accounts.models import AuditEntry, User

_SECRET_WORDS = {
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pem",
    "private",
    "secret",
    "secrets",
    "token",
    "tokens",
}
# "key_id" and "key_age" say which key; "key", "api_key" or "key_text" would be the key.
_ABOUT_A_KEY = {"age", "at", "count", "id", "ids"}
_NAME_LENGTH = 255
# Its first line. Names of ours may speak of keys: “Private key of the shop”.
_KEY_TEXT = re.compile(r"-----BEGIN[ A-Z]*KEY", re.IGNORECASE)


class NotForTheTrail(TypeError):
    """A caller's mistake: something secret, or not plain, was handed to the trail."""


def record(  # noqa: PLR0913 - one argument per column of the row
    *,
    by: User | None,
    action: str,
    kind: str,
    object_id: UUID | str,
    name: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    ip_address: str | None = None,
) -> AuditEntry:
    """Add one entry, in the caller's transaction.

    ``by`` is None for somebody not signed in, and for the command line. ``before`` and
    ``after`` hold texts, numbers, dates, ids, and lists and mappings of those.

    Raises:
        NotForTheTrail: a value is not plain, or is or sounds like a secret.
    """
    return AuditEntry.objects.create(
        email=by.email if by else "",
        action=action,
        object_kind=kind,
        object_id=str(object_id),
        object_name=name[:_NAME_LENGTH],
        before=_plain(before or {}, "before"),
        after=_plain(after or {}, "after"),
        ip_address=ip_address or address.current(),
    )


def record_about_user(
    user: User,
    action: str,
    *,
    by: User | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """``record`` for what happens to a person."""
    return record(
        by=by, action=action, kind="user", object_id=user.pk, name=user.email, after=after
    )


def record_refused_sign_in(
    *, action: str, after: Mapping[str, Any], user: User | None = None, name: str = ""
) -> AuditEntry:
    """Somebody did not get in. ``name`` is the e-mail address that was given, if any was."""
    return record(
        by=None,
        action=action,
        kind="user",
        object_id=user.pk if user else "",
        name=user.email if user else name,
        after=after,
    )


def record_end_of_lock(*, lock_id: UUID, refused: int) -> None:
    """How many were refused after the lock that this entry tells of: one entry for all of them."""
    began = AuditEntry.objects.filter(pk=lock_id).first()
    if began is None:
        return
    record(
        by=None,
        action="lock ended",
        kind=began.object_kind,
        object_id=began.object_id,
        name=began.object_name,
        after={"locked at": began.at, "further tries refused": refused},
        ip_address=began.ip_address,
    )


def newest_first() -> QuerySet[AuditEntry]:
    """Every entry, newest first, in an order that two pages agree on."""
    return AuditEntry.objects.order_by("-at", "-id")


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Each thing that the entry is about, before and after, in words."""
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    return [
        (_term(name), _in_words(entry.before.get(name)), _in_words(entry.after.get(name)))
        for name in names
    ]


def _term(name: str) -> str:
    words = re.sub(r"\bid\b", "ID", name.replace("_", " "))
    return words[:1].upper() + words[1:]


def _in_words(value: object) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_in_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_in_words(item)}" for name, item in value.items())
    return str(value)


def _plain(value: object, where: str) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {_named(key, where): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where) for item in value]
    raise NotForTheTrail(f"{where} is a {type(value).__name__}; the trail takes plain values only.")


def _text(value: str, where: str) -> str:
    if _KEY_TEXT.search(value):
        raise NotForTheTrail(f"{where} holds a private key.")
    return str(value)


def _named(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise NotForTheTrail(f"A name in {where} is a {type(key).__name__}, not a text.")
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())
    is_a_key = {"key", "keys"} & set(words) and words[-1] not in _ABOUT_A_KEY
    if is_a_key or _SECRET_WORDS & set(words):
        raise NotForTheTrail(f"{where}.{key} is named like a secret; the trail must not hold it.")
    return key
