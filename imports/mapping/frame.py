"""The frame of a record: identity, event name and time, around the properties.

Keys are written in sorted order, so a profile opens with its identity and an event with
its properties. https://developer.clevertap.com/docs/upload-user-profiles-api and
https://developer.clevertap.com/docs/upload-events-api.
"""

from dataclasses import dataclass
from typing import Any

from imports.mapping.columns import ColumnLike, family_of
from imports.mapping.dates import ReadMoment, moment_reader, zone_named
from imports.mapping.definition import EVENT, IdentityRule, Mapping, TimeRule
from imports.mapping.encoding import quote
from imports.mapping.names import event_name_refusal
from imports.mapping.refusals import RefusalCode
from imports.mapping.texts import identity_text
from imports.mapping.values import Convert, Fragment, remembering

_LAST_OF_TEN_DIGITS = 9_999_999_999

Piece = tuple[str, Convert]  # the column's name, and its converter


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and after the properties; ``opening`` and ``closing`` are the same
    for every record.
    """

    opening: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    closing: str


def frame_of(mapping: Mapping, columns: dict[str, ColumnLike], run_ts: int) -> Frame:
    """The frame for a mapping without problems. ``run_ts``: see ``compile_mapping``."""
    identity = mapping.identity or IdentityRule("")
    if mapping.kind != EVENT:
        opens = _identity(f'{{"{identity.sent_as}":', ',"profileData":{')
        closing = f'}},"ts":{run_ts},"type":"profile"}}'
        return Frame("", ((identity.column, opens),), (), closing)
    closing = ',"type":"event"}'
    after = [*_event_name_pieces(mapping), (identity.column, _identity(f',"{identity.sent_as}":'))]
    if mapping.created_on is None:
        closing = f',"ts":{run_ts}{closing}'
    else:
        column = columns[mapping.created_on.column]
        after.append((column.name, _created_on(_reader(mapping.created_on, column))))
    return Frame('{"evtData":{', (), tuple(after), closing)


def _event_name_pieces(mapping: Mapping) -> list[Piece]:
    prefix = '},"evtName":'
    name = mapping.event_name
    if name is not None and name.column:
        return [(name.column, remembering(_event_name(prefix)))]
    text = prefix + quote((name and name.fixed) or "")
    # A constant rides on the identity's column; whatever the cell holds, it is the name.
    return [(mapping.used_columns()[0], lambda _cell: text)]


def _identity(prefix: str, suffix: str = "") -> Convert:
    def convert(cell: Any) -> Fragment:
        if cell is None:
            return RefusalCode.IDENTITY_MISSING
        text = identity_text(cell)
        return prefix + quote(text) + suffix if text.__class__ is str else text

    return convert


def _event_name(prefix: str) -> Convert:
    def convert(cell: Any) -> Fragment:
        if cell is None:
            return RefusalCode.EVENT_NAME_MISSING
        name = cell.strip()
        return event_name_refusal(name) or prefix + quote(name)

    return convert


def _reader(rule: TimeRule, column: ColumnLike) -> ReadMoment:
    zone = zone_named(rule.time_zone)
    if zone is None:
        raise ValueError(f"no time zone named {rule.time_zone}")
    return moment_reader(family_of(column), rule.format, zone)


def _created_on(read: ReadMoment) -> Convert:
    """Code 525 is what CleverTap answers to 0 and to anything that is no epoch."""

    def convert(cell: Any) -> Fragment:
        if cell is None:
            return RefusalCode.CREATED_ON_MISSING
        moment = read(cell)
        if isinstance(moment, RefusalCode):
            return moment
        if 0 < moment <= _LAST_OF_TEN_DIGITS:
            return f',"ts":{moment}'
        return RefusalCode.CREATED_ON_OUT_OF_RANGE

    return convert
