"""A mapping as people define it: which column becomes what. Holds no rules of CleverTap."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

PROFILE: Literal["profile"] = "profile"
EVENT: Literal["event"] = "event"

STRING, INTEGER, FLOAT, LONG, BOOLEAN, DATE = (
    "string",
    "integer",
    "float",
    "long",
    "boolean",
    "date",
)
TYPES = (STRING, INTEGER, FLOAT, LONG, BOOLEAN, DATE)
OMIT, DELETE = "omit", "delete"


class MappingUnreadable(ValueError):
    """The stored JSON is not a mapping at all. The message is fit for the user."""


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """The column that says whose row it is; ``sent_as`` is "identity" or "objectId"."""

    column: str
    sent_as: str = "identity"


@dataclass(frozen=True, slots=True)
class TimeRule:
    """A column that holds a moment. ``format`` is a key of ``dates.FORMATS``."""

    column: str
    format: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class EventNameRule:
    """Exactly one of the two: Event from Column, or Specific Event."""

    column: str | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """One column sent as one property. ``nulls``: leave out, or delete in CleverTap."""

    column: str
    name: str
    type: str = STRING
    format: str | None = None
    time_zone: str | None = None
    nulls: str = OMIT


@dataclass(frozen=True, slots=True)
class Mapping:
    """The whole mapping. It may be faulty: ``problems`` tells, ``compile_mapping`` refuses."""

    kind: str = PROFILE
    identity: IdentityRule | None = None
    updated_on: TimeRule | None = None
    created_on: TimeRule | None = None
    event_name: EventNameRule | None = None
    properties: tuple[PropertyRule, ...] = field(default=())
    skipped: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Read what ``to_json`` wrote; missing keys mean "not mapped yet".

        Raises: MappingUnreadable when a key holds another kind of value than it must.
        """
        whole = _Reader(stored, "The mapping")
        return cls(
            kind=whole.text("kind") or PROFILE,
            identity=_identity_rule(whole.child("identity")),
            updated_on=_time_rule(whole.child("updated_on")),
            created_on=_time_rule(whole.child("created_on")),
            event_name=_event_name_rule(whole.child("event_name")),
            properties=tuple(_property_rule(each) for each in whole.children("properties")),
            skipped=whole.texts("skipped"),
        )

    def to_json(self) -> dict[str, Any]:
        """A dict of plain JSON values; ``from_json`` gives the equal mapping back."""
        identity = self.identity
        return {
            "kind": self.kind,
            "identity": identity and {"column": identity.column, "as": identity.sent_as},
            "updated_on": self.updated_on and asdict(self.updated_on),
            "created_on": self.created_on and asdict(self.created_on),
            "event_name": self.event_name and asdict(self.event_name),
            "properties": [asdict(rule) for rule in self.properties],
            "skipped": list(self.skipped),
        }

    def used_columns(self) -> tuple[str, ...]:
        """Names of the columns that some rule reads, each once, identity first."""
        rules = (self.identity, self.event_name, self.created_on, self.updated_on)
        names = [rule.column for rule in (*rules, *self.properties) if rule and rule.column]
        return tuple(dict.fromkeys(names))


def _identity_rule(stored: "_Reader | None") -> IdentityRule | None:
    return None if stored is None else IdentityRule(stored.need("column"), stored.need("as"))


def _event_name_rule(stored: "_Reader | None") -> EventNameRule | None:
    return None if stored is None else EventNameRule(stored.text("column"), stored.text("fixed"))


def _time_rule(stored: "_Reader | None") -> TimeRule | None:
    if stored is None:
        return None
    return TimeRule(stored.need("column"), stored.text("format"), stored.text("time_zone"))


def _property_rule(stored: "_Reader") -> PropertyRule:
    return PropertyRule(
        column=stored.need("column"),
        name=stored.need("name"),
        type=stored.text("type") or STRING,
        format=stored.text("format"),
        time_zone=stored.text("time_zone"),
        nulls=stored.text("nulls") or OMIT,
    )


class _Reader:
    """Takes values of the right kind out of parsed JSON, or says which one is wrong."""

    def __init__(self, stored: object, where: str) -> None:
        if not isinstance(stored, dict):
            raise MappingUnreadable(f"{where} cannot be read. Map the columns again.")
        self._stored, self._where = stored, where

    def text(self, key: str) -> str | None:
        value = self._stored.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise MappingUnreadable(f"{self._where}: {key} must be text. Map the columns again.")
        return value

    def need(self, key: str) -> str:
        return self.text(key) or ""

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise MappingUnreadable(f"{self._where}: {key} must be names. Map the columns again.")
        return tuple(values)

    def child(self, key: str) -> "_Reader | None":
        value = self._stored.get(key)
        return None if value is None else _Reader(value, f"{self._where}, {key}")

    def children(self, key: str) -> list["_Reader"]:
        return [_Reader(value, f"{self._where}, {key}") for value in self._list(key)]

    def _list(self, key: str) -> list[Any]:
        value = self._stored.get(key) or []
        if not isinstance(value, list):
            raise MappingUnreadable(f"{self._where}: {key} must be a list. Map the columns again.")
        return value
