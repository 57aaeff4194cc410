"""A first mapping, guessed from column names and types. The user decides."""

from collections.abc import Iterable, Sequence

from imports.mapping.choices import type_choices
from imports.mapping.columns import ColumnLike, Family, family_of, is_repeated
from imports.mapping.dates import ISO_8601
from imports.mapping.definition import (
    BOOLEAN,
    DATE,
    EVENT,
    FLOAT,
    INTEGER,
    PROFILE,
    STRING,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    TimeRule,
)
from imports.mapping.names import FORBIDDEN_CHARACTERS, MAX_PROPERTIES, SYSTEM_PROPERTIES
from imports.mapping.names import system_spelling as spelling_of
from imports.mapping.problems import problems
from imports.mapping.texts import SYSTEM_TEXTS

_IDENTITIES = (
    "identity", "customerid", "userid", "memberid", "clientid", "accountid", "personid",
    "externalid", "uid", "id", "email", "emailaddress", "emailid", "phone", "phonenumber",
)  # fmt: skip
_CLEVERTAP_IDS = ("clevertapid", "objectid", "ctid")
_UPDATED = (
    "updatedat", "updatedon", "lastupdated", "lastupdatedat", "modifiedat", "modifiedon",
    "lastmodified", "lastmodifiedat", "updated", "modified", "updatetime",
)  # fmt: skip
_CREATED = (
    "eventtime", "eventtimestamp", "occurredat", "eventat", "eventdate", "timestamp",
    "createdat", "createdon", "created", "ts", "time",
)  # fmt: skip
_EVENT_NAMES = ("eventname", "event", "eventtype", "evtname")
SYSTEM_NAMES = {
    "email": "Email", "emailaddress": "Email", "emailid": "Email",
    "phone": "Phone", "phonenumber": "Phone", "mobile": "Phone", "mobilenumber": "Phone",
    "msisdn": "Phone", "name": "Name", "fullname": "Name", "customername": "Name",
    "gender": "Gender", "sex": "Gender", "dob": "DOB", "dateofbirth": "DOB",
    "birthdate": "DOB", "birthday": "DOB", "timezone": "Timezone", "age": "Age",
    "msgemail": "MSG-email", "msgpush": "MSG-push", "msgsms": "MSG-sms",
    "msgwhatsapp": "MSG-whatsapp",
}  # fmt: skip
_TYPES = {
    Family.WHOLE: INTEGER,
    Family.FLOAT: FLOAT,
    Family.DECIMAL: FLOAT,
    Family.BOOLEAN: BOOLEAN,
    Family.TIMESTAMP: DATE,
    Family.DATETIME: DATE,
    Family.DATE: DATE,
}
_TIMES = (Family.TIMESTAMP, Family.DATETIME, Family.DATE)
# Kinds of text that are seldom meant for a profile: long, binary or for machines.
LEFT_OUT = frozenset({"BYTES", "JSON", "GEOGRAPHY", "INTERVAL", "RANGE"})


def suggest(columns: Sequence[ColumnLike], kind: str = PROFILE) -> Mapping:
    """A mapping in which every column is mapped or skipped, and every property is valid.

    What no column looks like (identity, event name) stays open, and ``problems`` says so.
    """
    plain = {plain_name(column.name): column for column in columns if not is_repeated(column)}
    identity = _identity(plain)
    updated = _time_rule(plain, _UPDATED)
    created = _time_rule(plain, _CREATED) if kind == EVENT else None
    name = _first(plain, _EVENT_NAMES, (Family.TEXT,)) if kind == EVENT else None
    taken = {rule.column for rule in (identity, updated, created) if rule}
    taken |= {name.name} if name else set()
    rules = _properties(columns, kind, identity, taken)
    mapped = taken | {rule.column for rule in rules}
    return Mapping(
        kind=kind,
        identity=identity,
        updated_on=updated,
        created_on=created,
        event_name=EventNameRule(column=name.name) if name else None,
        properties=rules,
        skipped=tuple(column.name for column in columns if column.name not in mapped),
    )


def plain_name(name: str) -> str:
    """The name without case, spaces and signs, as the tables of usual names have it."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _first(
    plain: dict[str, ColumnLike], names: Iterable[str], families: Sequence[Family]
) -> ColumnLike | None:
    found = (plain[name] for name in names if name in plain)
    return next((column for column in found if family_of(column) in families), None)


def _identity(plain: dict[str, ColumnLike]) -> IdentityRule | None:
    families = (Family.TEXT, Family.WHOLE, Family.DECIMAL)
    column = _first(plain, _IDENTITIES, families)
    if column is not None:
        return IdentityRule(column.name)
    column = _first(plain, _CLEVERTAP_IDS, (Family.TEXT,))
    return IdentityRule(column.name, "objectId") if column is not None else None


def _time_rule(plain: dict[str, ColumnLike], names: Iterable[str]) -> TimeRule | None:
    column = _first(plain, names, _TIMES)
    return None if column is None else TimeRule(column.name, time_zone=_zone_for(column))


def _zone_for(column: ColumnLike) -> str | None:
    return "UTC" if family_of(column) is Family.DATETIME else None


def _properties(
    columns: Sequence[ColumnLike], kind: str, identity: IdentityRule | None, taken: set[str]
) -> tuple[PropertyRule, ...]:
    names: set[str] = set()
    rules: list[PropertyRule] = []
    for column in columns:
        if column.name in taken and not _identity_is_property(column, kind, identity):
            continue
        if column.type.upper() in LEFT_OUT or not type_choices(column, kind):
            continue
        rule = _system_rule(column, names) if kind == PROFILE else None
        rule = rule or _custom_rule(column, kind, names)
        if len(rules) < MAX_PROPERTIES and rule is not None:
            names.add(rule.name)
            rules.append(rule)
    return tuple(rules)


def _identity_is_property(column: ColumnLike, kind: str, identity: IdentityRule | None) -> bool:
    """An e-mail address that identifies the user is also worth having as Email."""
    is_identity = identity is not None and identity.column == column.name
    return (
        is_identity
        and kind == PROFILE
        and SYSTEM_NAMES.get(plain_name(column.name)) in SYSTEM_TEXTS
    )


def _system_rule(column: ColumnLike, names: set[str]) -> PropertyRule | None:
    name = SYSTEM_NAMES.get(plain_name(column.name))
    if name is None or name in names or is_repeated(column):
        return None
    is_text = family_of(column) is Family.TEXT
    kind = SYSTEM_PROPERTIES[name]
    if kind not in type_choices(column, PROFILE) or (name in SYSTEM_TEXTS and not is_text):
        return None
    if kind == DATE and family_of(column) not in (*_TIMES, Family.TEXT):
        return None
    reads_text = kind == DATE and is_text
    return PropertyRule(
        column=column.name,
        name=name,
        type=kind,
        format=ISO_8601 if reads_text else None,
        time_zone="UTC" if reads_text else _zone_for(column) if kind == DATE else None,
    )


def _custom_rule(column: ColumnLike, kind: str, names: set[str]) -> PropertyRule | None:
    name = "".join("_" if letter in FORBIDDEN_CHARACTERS else letter for letter in column.name)
    if kind == PROFILE and spelling_of(name):
        name = f"{name}_column"
    type_ = STRING if is_repeated(column) else _TYPES.get(family_of(column), STRING)
    rule = PropertyRule(column.name, name.strip(), type_)
    if type_ == DATE:
        rule = PropertyRule(column.name, name.strip(), type_, time_zone=_zone_for(column))
    return None if rule.name in names or _is_faulty(rule, column, kind) else rule


def _is_faulty(rule: PropertyRule, column: ColumnLike, kind: str) -> bool:
    alone = Mapping(kind=kind, properties=(rule,))
    frame = {"identity", "event_name"}
    return any(problem.where not in frame for problem in problems(alone, [column]))
