"""Mappings and rows for the tests of ``imports.mapping``, with as little as a test needs."""

import json

from imports.mapping import (
    EVENT,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    compile_mapping,
)

RUN_TS = 1_700_000_000
ID = Column("id", "STRING")
VALUE = "value"


def make_one(cell, type_="string", column="STRING", *, name="Value", mode="NULLABLE", **rule):
    """One profile row with one property made of ``cell``: its ``Made``."""
    columns = [ID, Column(VALUE, column, mode)]
    mapping = Mapping(
        identity=IdentityRule("id"), properties=(PropertyRule(VALUE, name, type_, **rule),)
    )
    return compile_mapping(mapping, columns, run_ts=RUN_TS).make([["c1", cell]], 0)


def sent(cell, type_="string", column="STRING", **rule):
    """The property's value as CleverTap would get it; MISSING when it is left out."""
    made = make_one(cell, type_, column, **rule)
    assert not made.refusals, made.refusals[0].code
    return json.loads(made.records[0])["profileData"].get(rule.get("name", "Value"), MISSING)


def refused(cell, type_="string", column="STRING", **rule):
    """The code with which the row is refused."""
    made = make_one(cell, type_, column, **rule)
    assert not made.records, made.records[0]
    return made.refusals[0].code


def event_maker(*, columns=(), **rules):
    """A compiled event mapping over the columns ``id`` and ``columns``."""
    rules.setdefault("event_name", EventNameRule(fixed="Purchase"))
    mapping = Mapping(kind=EVENT, identity=IdentityRule("id"), **rules)
    return compile_mapping(mapping, [ID, *columns], run_ts=RUN_TS)


MISSING = object()
