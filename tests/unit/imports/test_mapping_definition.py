"""Mappings as stored JSON, and the first mapping that is suggested."""

import json

import pytest

from imports.mapping import (
    EVENT,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    MappingUnreadable,
    PropertyRule,
    TimeRule,
    compile_mapping,
    problems,
    suggest,
)

FULL = Mapping(
    kind=EVENT,
    identity=IdentityRule("id", "objectId"),
    updated_on=TimeRule("updated", "epoch_seconds"),
    created_on=TimeRule("at", "iso8601", "Asia/Kolkata"),
    event_name=EventNameRule(column="what"),
    properties=(PropertyRule("price", "Price", "float", None, None, "omit"),),
    skipped=("note",),
)


@pytest.mark.parametrize("mapping", [FULL, Mapping()])
def test_a_mapping_comes_back_from_json_as_it_was(mapping):
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_nothing_stored_is_a_mapping_without_rules():
    assert Mapping.from_json({}) == Mapping()


UNREADABLE = [
    None,
    [],
    "mapping",
    {"kind": 1},
    {"identity": "id"},
    {"identity": {"column": ["id"]}},
    {"properties": {"a": 1}},
    {"properties": ["a"]},
    {"properties": [{"column": 5}]},
    {"skipped": "note"},
    {"skipped": [1]},
    {"updated_on": 5},
]


@pytest.mark.parametrize("stored", UNREADABLE)
def test_refuses_json_that_is_not_a_mapping(stored):
    with pytest.raises(MappingUnreadable, match=r"Map the columns again\."):
        Mapping.from_json(stored)


def test_names_the_columns_that_are_read_once_each_with_the_identity_first():
    mapping = Mapping(
        identity=IdentityRule("id"),
        updated_on=TimeRule("updated"),
        properties=(PropertyRule("id", "Id"), PropertyRule("age", "Age", "integer")),
    )
    assert mapping.used_columns() == ("id", "updated", "age")


CUSTOMERS = [
    Column("customer_id", "STRING"),
    Column("email_address", "STRING"),
    Column("Mobile", "STRING"),
    Column("full_name", "STRING"),
    Column("date_of_birth", "DATE"),
    Column("age", "INTEGER"),
    Column("loyalty_points", "NUMERIC"),
    Column("msg_email", "BOOLEAN"),
    Column("interests", "STRING", "REPEATED"),
    Column("seen_local", "DATETIME"),
    Column("address", "RECORD", "NULLABLE", (Column("city", "STRING"),)),
    Column("photo", "BYTES"),
    Column("updated_at", "TIMESTAMP"),
]


def test_suggests_by_name_and_type():
    mapping = suggest(CUSTOMERS)
    names = {rule.column: (rule.name, rule.type) for rule in mapping.properties}
    assert mapping.identity == IdentityRule("customer_id")
    assert mapping.updated_on == TimeRule("updated_at")
    assert mapping.skipped == ("address", "photo")
    assert names == {
        "email_address": ("Email", "string"),
        "Mobile": ("Phone", "string"),
        "full_name": ("Name", "string"),
        "date_of_birth": ("DOB", "date"),
        "age": ("Age", "integer"),
        "loyalty_points": ("loyalty_points", "float"),
        "msg_email": ("MSG-email", "boolean"),
        "interests": ("interests", "string"),
        "seen_local": ("seen_local", "date"),
    }


def test_suggests_for_events_the_name_and_the_time():
    columns = [
        Column("user_id", "INTEGER"),
        Column("event_name", "STRING"),
        Column("event_time", "TIMESTAMP"),
        Column("tags", "STRING", "REPEATED"),
        Column("price", "FLOAT64"),
    ]
    mapping = suggest(columns, EVENT)
    assert mapping.event_name == EventNameRule(column="event_name")
    assert mapping.created_on == TimeRule("event_time")
    assert mapping.skipped == ("tags",)
    assert problems(mapping, columns) == []


def test_an_email_that_identifies_is_also_sent_as_email():
    mapping = suggest([Column("email", "STRING")])
    assert mapping.identity == IdentityRule("email")
    assert mapping.properties == (PropertyRule("email", "Email"),)


def test_suggests_the_clevertap_id_only_where_there_is_no_identity():
    only = suggest([Column("clevertap_id", "STRING")])
    both = suggest([Column("clevertap_id", "STRING"), Column("user_id", "STRING")])
    assert only.identity == IdentityRule("clevertap_id", "objectId")
    assert both.identity == IdentityRule("user_id")


AWKWARD = [
    [Column("id", "STRING"), Column("a.b$c", "STRING"), Column("a_b_c", "STRING")],
    [Column("id", "STRING"), Column("email", "INTEGER"), Column("Email", "STRING")],
    [Column("id", "STRING"), Column("phone", "STRING"), Column("mobile", "STRING")],
    [Column("id", "STRING"), Column("dob", "STRING"), Column("birthday", "BOOLEAN")],
    [Column("id", "STRING"), Column("é" * 100, "STRING")],
    [Column("id", "STRING"), *(Column(f"c{n}", "STRING") for n in range(300))],
    [Column("id", "FLOAT64"), Column("email", "STRING", "REPEATED"), Column("phone", "STRING")],
    CUSTOMERS,
]


@pytest.mark.parametrize("columns", AWKWARD)
def test_what_is_suggested_can_be_run_as_it_is(columns):
    mapping = suggest(columns)
    assert problems(mapping, columns) == []
    compile_mapping(mapping, columns, run_ts=1)


def test_says_that_the_identity_is_missing_when_no_column_looks_like_one():
    columns = [Column("price", "FLOAT64")]
    assert [problem.code for problem in problems(suggest(columns), columns)] == ["identity_missing"]
