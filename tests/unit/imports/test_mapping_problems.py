"""Every fault of a mapping is found before it is run, and said where it is."""

from dataclasses import replace

import pytest

from imports.mapping import (
    EVENT,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    TimeRule,
    problems,
    type_choices,
    why_unmappable,
)

COLUMNS = [
    Column("id", "STRING"),
    Column("text", "STRING"),
    Column("number", "INTEGER"),
    Column("score", "FLOAT64"),
    Column("flag", "BOOLEAN"),
    Column("at", "TIMESTAMP"),
    Column("local", "DATETIME"),
    Column("day", "DATE"),
    Column("clock", "TIME"),
    Column("tags", "STRING", "REPEATED"),
    Column("address", "RECORD", "NULLABLE", (Column("city", "STRING"),)),
    Column("lines", "RECORD", "REPEATED", (Column("sku", "STRING"),)),
]
NAMES = tuple(column.name for column in COLUMNS)
GOOD = Mapping(identity=IdentityRule("id"), skipped=NAMES)
GOOD_EVENT = replace(GOOD, kind=EVENT, event_name=EventNameRule(fixed="Purchase"))


def codes(mapping):
    return [(problem.where, problem.code) for problem in problems(mapping, COLUMNS)]


def with_rule(mapping, *rules):
    mapped = {rule.column for rule in rules}
    skipped = tuple(name for name in mapping.skipped if name not in mapped)
    return replace(mapping, properties=tuple(rules), skipped=skipped)


@pytest.mark.parametrize("mapping", [GOOD, GOOD_EVENT])
def test_a_sound_mapping_has_no_problem(mapping):
    assert codes(mapping) == []


def test_an_empty_mapping_lacks_its_identity_and_every_column():
    found = codes(Mapping())
    assert found[0] == ("identity", "identity_missing")
    assert found[1:] == [(name, "not_mapped") for name in NAMES]


FRAMES = [
    ({"kind": "people"}, ("kind", "unknown_kind")),
    ({"identity": None}, ("identity", "identity_missing")),
    ({"identity": IdentityRule("")}, ("identity", "identity_missing")),
    ({"identity": IdentityRule("gone")}, ("identity", "unknown_column")),
    ({"identity": IdentityRule("id", "guid")}, ("identity", "unknown_choice")),
    ({"identity": IdentityRule("score")}, ("identity", "identity_type")),
    ({"identity": IdentityRule("tags")}, ("identity", "identity_type")),
    ({"updated_on": TimeRule("gone")}, ("updated_on", "unknown_column")),
    ({"updated_on": TimeRule("text")}, ("updated_on", "time_type")),
    ({"updated_on": TimeRule("flag")}, ("updated_on", "time_type")),
    ({"updated_on": TimeRule("number")}, ("updated_on", "format_needed")),
    ({"skipped": (*NAMES, "gone")}, ("gone", "unknown_column")),
]


@pytest.mark.parametrize(("changes", "problem"), FRAMES)
def test_names_the_fault_of_a_profile_mapping(changes, problem):
    assert codes(replace(GOOD, **changes)) == [problem]


EVENT_FRAMES = [
    ({"event_name": None}, "event_name_missing"),
    ({"event_name": EventNameRule()}, "event_name_missing"),
    ({"event_name": EventNameRule("text", "Purchase")}, "event_name_missing"),
    ({"event_name": EventNameRule(column="gone")}, "unknown_column"),
    ({"event_name": EventNameRule(column="number")}, "event_name_type"),
    ({"event_name": EventNameRule(column="tags")}, "event_name_type"),
    ({"event_name": EventNameRule(fixed="Notification viewed")}, "reserved_event"),
    ({"event_name": EventNameRule(fixed="UTMVisited")}, "reserved_event"),
    ({"event_name": EventNameRule(fixed="50% off")}, "forbidden_character"),
    ({"event_name": EventNameRule(fixed="é" * 61)}, "name_too_long"),
    ({"created_on": TimeRule("gone")}, "unknown_column"),
    ({"created_on": TimeRule("clock")}, "time_type"),
    ({"created_on": TimeRule("tags")}, "time_type"),
    ({"created_on": TimeRule("text")}, "format_needed"),
    ({"created_on": TimeRule("local")}, "time_zone_needed"),
    ({"created_on": TimeRule("at", time_zone="Mars/Olympus")}, "unknown_time_zone"),
]


@pytest.mark.parametrize(("changes", "code"), EVENT_FRAMES)
def test_names_the_fault_of_an_event_mapping(changes, code):
    where = next(iter(changes))
    assert codes(replace(GOOD_EVENT, **changes)) == [(where, code)]


RULES = [
    (PropertyRule("text", ""), "name_missing"),
    (PropertyRule("text", "  "), "name_missing"),
    (PropertyRule("text", " City"), "name_spaces"),
    (PropertyRule("text", "x" * 121), "name_too_long"),
    (PropertyRule("text", "email"), "system_spelling"),
    (PropertyRule("text", "MSG-Push", "boolean"), "system_spelling"),
    (PropertyRule("text", "Email", "integer"), "fixed_type"),
    (PropertyRule("text", "DOB"), "fixed_type"),
    (PropertyRule("flag", "MSG-email", "string"), "fixed_type"),
    (PropertyRule("number", "Phone"), "system_needs_text"),
    (PropertyRule("text", "Identity"), "identity_twice"),
    (PropertyRule("tags", "Name"), "system_not_list"),
    (PropertyRule("gone", "Gone"), "unknown_column"),
    (PropertyRule("text", "T", "text"), "unknown_type"),
    (PropertyRule("flag", "F", "integer"), "type_mismatch"),
    (PropertyRule("at", "A", "float"), "type_mismatch"),
    (PropertyRule("clock", "C", "date"), "type_mismatch"),
    (PropertyRule("tags", "T", "integer"), "type_mismatch"),
    (PropertyRule("score", "S", "boolean"), "type_mismatch"),
    (PropertyRule("address", "A"), "unmappable"),
    (PropertyRule("lines", "L"), "unmappable"),
    (PropertyRule("text", "D", "date"), "format_needed"),
    (PropertyRule("text", "D", "date", "dd-MM"), "format_needed"),
    (PropertyRule("number", "D", "date", "dd/MM/yyyy"), "format_needed"),
    (PropertyRule("text", "D", "date", "dd/MM/yyyy HH:mm:ss"), "time_zone_needed"),
    (PropertyRule("text", "D", "date", "iso8601"), "time_zone_needed"),
    (PropertyRule("local", "D", "date"), "time_zone_needed"),
    (PropertyRule("day", "D", "date", time_zone="../etc/passwd"), "unknown_time_zone"),
    (PropertyRule("text", "T", nulls="zero"), "unknown_nulls"),
]


@pytest.mark.parametrize(("rule", "code"), RULES)
def test_names_the_fault_of_a_property(rule, code):
    assert codes(with_rule(GOOD, rule)) == [(rule.column, code)]


SOUND_RULES = [
    PropertyRule("number", "Signed Up", "date", "epoch_seconds"),
    PropertyRule("text", "Born", "date", "dd/MM/yyyy"),
    PropertyRule("day", "DOB", "date"),
    PropertyRule("at", "Seen", "date"),
    PropertyRule("local", "Seen", "date", time_zone="Asia/Kolkata"),
    PropertyRule("tags", "Tags"),
    PropertyRule("clock", "Clock"),
    PropertyRule("text", "Flag", "boolean", nulls="delete"),
]


@pytest.mark.parametrize("rule", SOUND_RULES)
def test_a_sound_property_has_no_problem(rule):
    assert codes(with_rule(GOOD, rule)) == []


@pytest.mark.parametrize("letter", list("%><!|&.:;$'\"\\#"))
def test_refuses_each_forbidden_character_in_a_property_name(letter):
    rule = PropertyRule("text", f"a{letter}b")
    assert codes(with_rule(GOOD, rule)) == [("text", "forbidden_character")]


def test_a_property_of_an_event_is_not_held_to_the_rules_of_profiles():
    assert codes(with_rule(GOOD_EVENT, PropertyRule("number", "email", "integer"))) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (PropertyRule("tags", "Tags"), "unmappable"),
        (PropertyRule("text", "T", nulls="delete"), "delete_on_event"),
    ],
)
def test_events_have_no_lists_and_nothing_to_delete(rule, code):
    assert codes(with_rule(GOOD_EVENT, rule)) == [(rule.column, code)]


def test_two_columns_cannot_become_the_same_property():
    rules = PropertyRule("text", "City"), PropertyRule("number", "City", "integer")
    assert codes(with_rule(GOOD, *rules)) == [("properties", "duplicate_name")]


def test_refuses_a_257th_property():
    rules = [PropertyRule("text", f"p{number}") for number in range(257)]
    assert codes(with_rule(GOOD, *rules)) == [("properties", "too_many_properties")]
    assert codes(with_rule(GOOD, *rules[:256])) == []


def test_a_column_is_not_both_sent_and_skipped():
    mapping = replace(GOOD, properties=(PropertyRule("text", "City"),))
    assert codes(mapping) == [("text", "mapped_and_skipped")]


def test_an_identity_column_may_be_skipped_as_a_property():
    assert "id" in GOOD.skipped
    assert codes(GOOD) == []


def test_every_problem_is_a_sentence_with_a_cure():
    faulty = with_rule(GOOD, *(rule for rule, _ in RULES))
    found = problems(faulty, COLUMNS) + problems(Mapping(kind="x"), COLUMNS)
    assert all(problem.sentence.endswith(".") for problem in found)


def test_says_why_a_nested_column_can_only_be_skipped():
    assert "nested" in why_unmappable(COLUMNS[10], "profile")
    assert "list" in why_unmappable(COLUMNS[9], "event")
    assert why_unmappable(COLUMNS[9], "profile") is None


def test_a_type_that_is_not_known_yet_can_be_sent_as_text():
    assert type_choices(Column("x", "HOLOGRAM"), "profile") == ("string",)
