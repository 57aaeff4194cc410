"""One record of an upload: who it is about, when, and whether it is a profile or an event.

Pure functions: no storage, no HTTP.
"""

from typing import Any, NamedTuple

from sandbox.clevertap import events, profiles, refusals
from sandbox.clevertap.refusals import Refusal
from sandbox.clevertap.values import is_encodable

IDENTITY_KINDS = ("identity", "objectId", "FBID", "GPID")
IDENTITY_LIMIT = 1024  # "under 1,024 characters"
REFUSED_IDENTITIES = frozenset(
    {"undefined", "null", "na", "n/a", "0", "nil", "-1", "empty", "xxxxxx", "none"}
    | {"infinity", "-infinity", "inf", "-inf", "nan", "-nan"}
)
_LATEST_EPOCH = 99_999_999_999  # eleven digits are seconds, thirteen would be milliseconds


class Person(NamedTuple):
    """What the record is keyed on: one of the four kinds of identity, and its value."""

    kind: str
    value: str


class Profile(NamedTuple):
    """An accepted profile record."""

    person: Person
    data: dict[str, Any]


class Event(NamedTuple):
    """An accepted event record; `ts` in epoch seconds, None when it was left out."""

    person: Person
    name: str
    ts: int | None
    data: dict[str, Any]


def check(record: object) -> Profile | Event | Refusal:
    """Judge one record by the rules of the upload API; of several faults the first counts."""
    if not isinstance(record, dict) or record.get("type") not in ("profile", "event"):
        return refusals.TYPE
    person = _person(record)
    if isinstance(person, Refusal):
        return person
    ts = record.get("ts")
    if ts is not None and not _is_epoch(ts):
        return refusals.TIMESTAMP
    if record["type"] == "profile":
        properties: Any = record.get("profileData")
        return profiles.check(properties) or Profile(person, properties)
    name: Any = record.get("evtName")
    data: Any = record.get("evtData")
    return events.check(name, data) or Event(person, name, ts, data or {})


def _person(record: dict[str, Any]) -> Person | Refusal:
    for kind in IDENTITY_KINDS:
        value = record.get(kind)
        if value is None:
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if _is_identity(value):
            return Person(kind, value)
        return refusals.OBJECT_ID if kind == "objectId" else refusals.IDENTITY
    return refusals.IDENTITY


def _is_identity(value: object) -> bool:
    if not isinstance(value, str) or len(value) >= IDENTITY_LIMIT:
        return False
    stripped = value.strip()
    if not stripped or stripped.casefold() in REFUSED_IDENTITIES:
        return False
    return is_encodable(value)


def _is_epoch(ts: object) -> bool:
    return isinstance(ts, int) and not isinstance(ts, bool) and 0 < ts <= _LATEST_EPOCH
