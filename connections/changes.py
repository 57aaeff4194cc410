"""Entries of the audit trail about a connection, in words. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts.models import AuditEntry
from connections.models import Access

_TERMS: Final = {
    "project_id": "Project ID",
    "dataset_id": "Dataset ID",
    "client_email": "Service account",
    "key_id": "Key ID",
}


@dataclass(frozen=True)
class Value:
    """One thing that the entry is about: what it was and what it became; empty is nothing."""

    term: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return bool(self.before and self.after)


@dataclass(frozen=True)
class Change:
    """Who did what, when. ``email`` is empty for what the product did by itself."""

    at: datetime
    email: str
    action: str
    values: tuple[Value, ...]


def change_of(entry: AuditEntry) -> Change:
    """The entry, with those values left out that did not change."""
    names = [*entry.after, *(name for name in entry.before if name not in entry.after)]
    values = (
        Value(_term(name), _words(name, entry.before), _words(name, entry.after)) for name in names
    )
    return Change(
        at=entry.at,
        email=entry.email,
        action=entry.action[:1].upper() + entry.action[1:],
        values=tuple(value for value in values if value.before != value.after),
    )


def _term(name: str) -> str:
    return _TERMS.get(name) or name.replace("_", " ").capitalize()


def _words(name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if value is None or value == "":
        return ""
    if name == "access" and value in Access.values:
        return str(Access(value).label)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return f"{len(value):,}"  # many ids say less than how many there are
    return str(value)
