"""For any cells whatever: nothing raises, no row is lost, and bytes depend on the row alone."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from imports.mapping import (
    EVENT,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    TimeRule,
    compile_mapping,
)
from imports.mapping.storable import is_cut

COLUMNS = [
    Column("id", "STRING"),
    Column("text", "STRING"),
    Column("email", "STRING"),
    Column("phone", "STRING"),
    Column("number", "INTEGER"),
    Column("score", "FLOAT64"),
    Column("money", "BIGNUMERIC"),
    Column("flag", "BOOLEAN"),
    Column("at", "TIMESTAMP"),
    Column("local", "DATETIME"),
    Column("day", "DATE"),
    Column("written", "STRING"),
    Column("tags", "STRING", "REPEATED"),
]
SHARED = (
    PropertyRule("text", "Zeta", "long"),
    PropertyRule("email", "Email"),
    PropertyRule("phone", "Phone"),
    PropertyRule("number", "Number", "integer"),
    PropertyRule("score", "Score", "float"),
    PropertyRule("money", "Money", "long"),
    PropertyRule("flag", "Flag", "boolean"),
    PropertyRule("local", "Local", "date", time_zone="America/New_York"),
    PropertyRule("day", "Day", "date"),
)
PROFILES = Mapping(
    identity=IdentityRule("id"),
    properties=(
        *SHARED,
        PropertyRule("at", "At", "date", nulls="delete"),
        PropertyRule("written", "Written", "date", "iso8601", "Europe/Berlin"),
        PropertyRule("tags", "Tags", nulls="delete"),
    ),
)
EVENTS = Mapping(
    kind=EVENT,
    identity=IdentityRule("id"),
    event_name=EventNameRule(column="written"),
    created_on=TimeRule("at"),
    properties=SHARED,
    skipped=("tags",),
)
TELLING = [
    "", " ", "0", "-1", "true", "NaN", "1e400", "-0.0", "1_0", "١٢", "+12345", "a@shop.example",
    "2024-03-18", "2024-02-30", "2024-03-31T02:30:00", "0001-01-01T00:00:00", "1640995200000000",
    "9999-12-31T23:59:59", "9" * 40, "\0", "\ud800", "\\u0000", "é" * 300, "null", "App Launched",
]  # fmt: skip
texts = st.sampled_from(TELLING) | st.text(st.characters(), max_size=30)
scalars = st.none() | texts | st.integers() | st.booleans() | st.floats()
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["v", "f", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
elements = st.lists(st.fixed_dictionaries({"v": st.none() | texts}), max_size=4)
cells = st.none() | texts | nested | elements
GOOD = [
    "c1", "12", "a@shop.example", "+12345678", "7", "0.5", "12", "true", "1640995200000000",
    "2024-03-18T06:25:32", "2024-03-18", "2024-03-18", [{"v": "a"}],
]  # fmt: skip


def changed(changes):
    return [changes.get(index, cell) for index, cell in enumerate(GOOD)]


# A good row with up to three cells of any kind, so that records as well as refusals come out.
rows = st.lists(
    st.dictionaries(st.integers(0, len(GOOD) - 1), cells, max_size=3).map(changed),
    min_size=1,
    max_size=4,
)
mappings = st.sampled_from([PROFILES, EVENTS])
always = settings(max_examples=250, derandomize=True, deadline=None, database=None)


def make(mapping, given_rows, first_row=0):
    return compile_mapping(mapping, COLUMNS, run_ts=1_700_000_000).make(given_rows, first_row)


@always
@given(mappings, rows)
def test_every_row_comes_out_exactly_once(mapping, given_rows):
    made = make(mapping, given_rows, 10)
    refused = [refusal.row_number for refusal in made.refusals]
    assert sorted(made.row_numbers + refused) == list(range(10, 10 + len(given_rows)))
    assert len(made.records) == len(made.row_numbers)


@always
@given(mappings, rows)
def test_a_record_does_not_depend_on_the_rows_beside_it(mapping, given_rows):
    together = make(mapping, given_rows)
    alone = [make(mapping, [row], number) for number, row in enumerate(given_rows)]
    assert together.records == [record for made in alone for record in made.records]
    assert together.refusals == [refusal for made in alone for refusal in made.refusals]


@always
@given(mappings, rows)
def test_records_are_canonical_json_that_utf_8_can_carry(mapping, given_rows):
    for record in make(mapping, given_rows).records:
        parsed = json.loads(record, parse_constant=lambda name: 1 / 0)
        data = parsed.get("profileData") or parsed["evtData"]
        assert list(parsed) == sorted(parsed)
        assert list(data) == sorted(data)
        assert "\\u0000" not in json.dumps(parsed).replace("\\\\", "")
        assert 0 < parsed["ts"] <= 9_999_999_999


@always
@given(mappings, rows)
def test_what_is_kept_of_a_refused_row_is_what_was_read(mapping, given_rows):
    for refusal in make(mapping, given_rows).refusals:
        stored = json.dumps([refusal.identity, refusal.record])
        assert stored.isascii()
        names = [column.name for column in COLUMNS]
        read = dict(zip(names, given_rows[refusal.row_number], strict=True))
        kept = json.loads(stored)[1]
        assert set(kept) <= set(read)
        assert all(cell == read[name] or is_cut(cell) for name, cell in kept.items())


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(st.text(st.characters(), max_size=40) | st.none(), min_size=2, max_size=2))
def test_a_text_arrives_as_it_was_or_the_row_is_refused(pair):
    columns = [Column("id", "STRING"), Column("text", "STRING")]
    mapping = Mapping(identity=IdentityRule("id"), properties=(PropertyRule("text", "Text"),))
    made = compile_mapping(mapping, columns, run_ts=1).make([pair], 0)
    for record in made.records:
        parsed = json.loads(record)
        assert parsed["identity"] == pair[0].strip()
        assert parsed["profileData"].get("Text") == pair[1]
