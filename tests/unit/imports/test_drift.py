"""How a table differs from what was mapped, and the mapping over what it is now."""

from dataclasses import replace

import pytest

from imports.mapping import (
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    TimeRule,
    flat_columns,
    problems,
)
from imports.mapping.drift import Drift, drift_of, remapped, taken_out

KNOWN = [Column("id", "STRING"), Column("age", "INTEGER"), Column("note", "STRING")]
MAPPING = Mapping(
    identity=IdentityRule("id"),
    properties=(PropertyRule("age", "Age", "integer"),),
    skipped=("note",),
)


def drift(*present):
    return drift_of(MAPPING, known=KNOWN, present=present)


def test_the_same_columns_in_another_order_are_no_drift():
    assert not drift(*reversed(KNOWN))


@pytest.mark.parametrize(
    "same", [Column("age", "INT64"), Column("age", "INTEGER", "REQUIRED"), Column("age", "integer")]
)
def test_another_name_of_the_same_type_is_no_drift(same):
    assert not drift(KNOWN[0], same, KNOWN[2])


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (None, "age is gone"),
        (Column("age", "STRING"), "age was INT64 and is STRING"),
        (Column("age", "INTEGER", "REPEATED"), "age was INT64 and is ARRAY<INT64>"),
    ],
)
def test_a_mapped_column_that_is_gone_or_of_another_type_is_told(now, says):
    found = drift(*filter(None, (KNOWN[0], now, KNOWN[2])))
    assert says in found.sentence
    assert found.added == ()


def test_a_skipped_column_may_go_and_new_ones_are_only_told():
    found = drift(KNOWN[0], KNOWN[1], Column("city", "STRING"))
    assert (found.changed, found.added) == ((), ("city",))


def test_the_sentence_names_three_and_fits_the_database():
    names = [f"{number}{'x' * 299}" for number in range(9)]
    mapping = Mapping(properties=tuple(PropertyRule(name, name) for name in names))
    known = [Column(name, "STRING") for name in names]
    sentence = drift_of(mapping, known=known, present=[]).sentence
    assert "and 6 more" in sentence
    assert len(sentence) <= 500


def test_comes_back_from_json_as_it_was():
    found = drift(Column("age", "STRING"), Column("city", "STRING"))
    assert Drift.from_json(found.to_json()) == found
    assert not Drift.from_json({})


class TestRemapped:
    def test_leaves_out_what_is_gone_and_skips_what_is_new(self):
        present = [Column("id", "STRING"), Column("city", "STRING")]
        after = remapped(MAPPING, present)
        assert (after.properties, after.skipped) == ((), ("id", "city"))
        assert problems(after, present) == []

    def test_keeps_a_type_that_the_column_still_allows(self):
        after = remapped(MAPPING, [Column("id", "STRING"), Column("age", "STRING")])
        assert after.properties == MAPPING.properties

    def test_takes_string_where_the_type_is_not_allowed_any_more(self):
        after = remapped(MAPPING, [Column("id", "STRING"), Column("age", "TIMESTAMP")])
        assert after.properties == (PropertyRule("age", "Age", "string"),)

    def test_skips_what_can_not_be_sent_any_more(self):
        after = remapped(MAPPING, [Column("id", "STRING"), Column("age", "RECORD")])
        assert (after.properties, after.skipped) == ((), ("id", "age"))

    def test_a_path_stays_with_its_column_and_goes_with_it(self):
        geo = Column("geo", "RECORD", fields=(Column("city", "STRING"), Column("lat", "FLOAT")))
        mapping = replace(MAPPING, properties=(PropertyRule("geo.city", "City"),))
        present = flat_columns([Column("id", "STRING"), geo])
        assert remapped(mapping, present).properties == mapping.properties
        assert remapped(mapping, present).skipped == ("id", "geo.lat")
        assert taken_out(mapping, remapped(mapping, present[:1])) == ("geo.city",)

    def test_a_skipped_column_is_missed_by_nobody(self):
        assert taken_out(MAPPING, remapped(MAPPING, KNOWN[:2])) == ()

    def test_only_the_rules_of_what_is_gone_go(self):
        event = Mapping(
            kind="event",
            identity=IdentityRule("id"),
            updated_on=TimeRule("at"),
            event_name=EventNameRule(fixed="Ordered"),
            properties=(PropertyRule("age", "Age"), PropertyRule("old", "Old")),
        )
        after = remapped(event, [Column("age", "INTEGER")])
        assert after.event_name == event.event_name
        assert [rule.name for rule in after.properties] == ["Age"]
        assert taken_out(event, after) == ("at", "id", "old")

    def test_without_its_identity_it_is_faulty_and_says_so(self):
        present = [Column("age", "INTEGER")]
        assert problems(remapped(MAPPING, present), present)[0].code == "identity_missing"
