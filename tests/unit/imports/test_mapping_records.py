"""From rows to records: identity, event name, time, refusals, and bytes that never vary."""

import json
import subprocess
import sys

import pytest

from imports.mapping import (
    REFUSALS,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    MappingFaulty,
    PropertyRule,
    RefusalCode,
    TimeRule,
    compile_mapping,
)
from imports.mapping.storable import is_cut
from tests.unit.imports.mapping_makers import ID, RUN_TS, event_maker, make_one

PEOPLE = [ID, Column("email", "STRING"), Column("age", "INTEGER"), Column("secret", "STRING")]
PROFILES = Mapping(
    identity=IdentityRule("id"),
    properties=(PropertyRule("email", "Email"), PropertyRule("age", "Age", "integer")),
    skipped=("secret",),
)
ROW = ["c1", "a@shop.example", "31", "hush"]


REFUSED_WORDS = [
    "undefined", "null", "NA", "n/a", "0", "nil", "-1", "infinity", "-infinity", "inf", "-inf",
    "nan", "-nan", "empty", "xxxxxx", "none",
]  # fmt: skip


def profiles(rows, first_row=0, **changes):
    mapping = Mapping(**{**_fields(PROFILES), **changes})
    return compile_mapping(mapping, PEOPLE, run_ts=RUN_TS).make(rows, first_row)


def _fields(mapping):
    return {name: getattr(mapping, name) for name in Mapping.__dataclass_fields__}


def test_a_profile_is_the_documented_record_with_sorted_keys():
    assert profiles([ROW]).records == [
        b'{"identity":"c1","profileData":{"Age":31,"Email":"a@shop.example"},'
        b'"ts":1700000000,"type":"profile"}'
    ]


def test_a_profile_can_be_keyed_on_the_clevertap_id():
    record = json.loads(profiles([ROW], identity=IdentityRule("id", "objectId")).records[0])
    assert record["objectId"] == "c1"
    assert "identity" not in record


def test_a_profile_whose_properties_are_all_null_is_still_a_profile():
    made = profiles([["c1", None, None, None]])
    assert json.loads(made.records[0])["profileData"] == {}


def test_an_event_is_the_documented_record_with_sorted_keys():
    columns = (Column("what", "STRING"), Column("at", "TIMESTAMP"), Column("price", "FLOAT64"))
    maker = event_maker(
        columns=columns,
        event_name=EventNameRule(column="what"),
        created_on=TimeRule("at"),
        properties=(PropertyRule("price", "Price", "float"),),
    )
    assert maker.make([["c1", " Bought ", "1640995200000000", "9.5"]], 0).records == [
        b'{"evtData":{"Price":9.5},"evtName":"Bought","identity":"c1","ts":1640995200,'
        b'"type":"event"}'
    ]


def test_an_event_without_created_on_has_the_fixed_time_of_its_run():
    record = json.loads(event_maker().make([["c1"]], 0).records[0])
    assert record["ts"] == RUN_TS
    assert record["evtName"] == "Purchase"
    assert record["evtData"] == {}


def test_an_events_properties_are_not_judged_as_a_profiles():
    maker = event_maker(
        columns=(Column("email", "STRING"),), properties=(PropertyRule("email", "Email"),)
    )
    record = json.loads(maker.make([["c1", "not an address"]], 0).records[0])
    assert record["evtData"] == {"Email": "not an address"}


@pytest.mark.parametrize("cell", ["  c1\n", "c1"])
def test_an_identity_is_trimmed(cell):
    assert json.loads(profiles([[cell, *ROW[1:]]]).records[0])["identity"] == "c1"


@pytest.mark.parametrize(
    "word",
    [
        "undefined",
        "null",
        "NA",
        "n/a",
        "0",
        "nil",
        "-1",
        "infinity",
        "-infinity",
        "inf",
        "-inf",
        "nan",
        "-nan",
        "empty",
        "xxxxxx",
        "none",
    ],
)
def test_refuses_the_words_that_clevertap_refuses_as_an_identity(word):
    refusal = profiles([[f" {word} ", *ROW[1:]]]).refusals[0]
    assert (refusal.code, refusal.column, refusal.identity) == ("identity_refused", "id", word)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "identity_missing"),
        ("  ", "identity_missing"),
        ("x" * 1025, "identity_too_long"),
        ("a\0", "text_unreadable"),
        ("\udc00", "text_unreadable"),
        (["c1"], "cell_unreadable"),
    ],
)
def test_refuses_a_row_that_names_nobody(cell, code):
    assert profiles([[cell, *ROW[1:]]]).refusals[0].code == code


def test_an_identity_of_1024_characters_is_sent():
    assert profiles([["é" * 1024, *ROW[1:]]]).records


EVENT_NAMES = [
    (None, "event_name_missing"),
    (" ", "event_name_missing"),
    ("50% off", "event_name_forbidden"),
    ("a#b", "event_name_forbidden"),
    ("é" * 61, "event_name_too_long"),
    ("App Launched", "event_name_reserved"),
    ("app  LAUNCHED", "event_name_reserved"),
    (["x"], "cell_unreadable"),
]


@pytest.mark.parametrize(("cell", "code"), EVENT_NAMES)
def test_refuses_an_event_name_from_a_column(cell, code):
    columns = (Column("what", "STRING"),)
    maker = event_maker(columns=columns, event_name=EventNameRule(column="what"))
    refusal = maker.make([["c1", cell]], 0).refusals[0]
    assert (refusal.code, refusal.column) == (code, "what")


EVENT_TIMES = [
    (None, "created_on_missing"),
    ("0", "created_on_out_of_range"),
    ("-5", "created_on_out_of_range"),
    ("1640995200000", "date_invalid"),
]


@pytest.mark.parametrize(("cell", "code"), EVENT_TIMES)
def test_refuses_an_event_time_that_clevertap_would_refuse(cell, code):
    columns = (Column("at", "INTEGER"),)
    maker = event_maker(columns=columns, created_on=TimeRule("at", "epoch_seconds"))
    refusal = maker.make([["c1", cell]], 0).refusals[0]
    assert (refusal.code, refusal.column) == (code, "at")


def test_rows_keep_their_numbers_around_a_refused_one():
    made = profiles([ROW, ["null", *ROW[1:]], ROW], first_row=500)
    assert made.row_numbers == [500, 502]
    assert [refusal.row_number for refusal in made.refusals] == [501]
    assert made.skipped == []


def test_of_several_faults_the_identity_is_named_first():
    refusal = profiles([["0", "nobody", "many", None]]).refusals[0]
    assert refusal.column == "id"


def test_of_an_events_faults_the_name_is_named_before_the_time():
    maker = event_maker(
        columns=(Column("what", "STRING"), Column("at", "TIMESTAMP")),
        event_name=EventNameRule(column="what"),
        created_on=TimeRule("at"),
    )
    made = maker.make([["0", None, None], ["c1", None, None], ["c1", "Bought", None]], 0)
    assert [refusal.column for refusal in made.refusals] == ["id", "what", "at"]


def test_a_refusal_holds_the_mapped_cells_and_never_a_skipped_column():
    refusal = profiles([["c1", "nobody", "31", "hush"]]).refusals[0]
    assert refusal.record == {"id": "c1", "email": "nobody", "age": "31"}
    assert refusal.identity == "c1"


def test_a_refusal_holds_its_cells_as_they_were_read():
    cell = "\0\ud800" + "x" * 9000
    record = make_one(cell).refusals[0].record
    assert cell in record.values()
    assert json.loads(json.dumps(record)) == record


def test_of_a_cell_that_is_too_large_the_beginning_is_held_and_that_it_was_cut():
    record = make_one("x" * 50_001).refusals[0].record
    assert not any(isinstance(cell, str) and len(cell) > 4096 for cell in record.values())
    assert any(map(is_cut, record.values()))


def test_every_refusal_code_has_one_sentence_that_fits_the_database():
    assert set(REFUSALS) == set(RefusalCode)
    assert all(text.endswith(".") and len(text) <= 500 for text in REFUSALS.values())
    assert len(set(REFUSALS.values())) == len(REFUSALS)


def test_refuses_a_row_with_another_number_of_cells():
    made = profiles([ROW, ROW[:2], ROW])
    assert made.row_numbers == [0, 2]
    assert made.refusals[0].code == "row_unreadable"


def test_refuses_a_record_that_no_request_can_carry():
    names = [f"list{number}" for number in range(100)]
    columns = [ID, *(Column(name, "STRING", "REPEATED") for name in names)]
    rules = tuple(PropertyRule(name, name) for name in names)
    mapping = Mapping(identity=IdentityRule("id"), properties=rules)
    full = [{"v": f"{number:03}" + "x" * 509} for number in range(100)]
    made = compile_mapping(mapping, columns, run_ts=RUN_TS).make([["c1"] + [full] * 100], 0)
    assert made.refusals[0].code == "record_too_large"


def test_a_backslash_before_u0000_is_text_like_any_other():
    assert json.loads(make_one("\\u0000").records[0])["profileData"]["Value"] == "\\u0000"


def test_a_text_cannot_break_out_of_its_place_in_the_record():
    cell = '"},"type":"event"}]},{"d":[{'
    record = json.loads(make_one(cell).records[0])
    assert record["profileData"]["Value"] == cell
    assert record["type"] == "profile"


def test_the_bytes_are_what_the_json_library_writes_with_sorted_keys():
    record = profiles([["ü\u2028", "ü@shop.example", "-5", ""]]).records[0]
    options = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    assert record == json.dumps(json.loads(record), **options).encode()


def test_a_mapping_that_does_not_fit_the_table_is_refused_with_every_reason():
    with pytest.raises(MappingFaulty, match=r"no column id") as caught:
        compile_mapping(PROFILES, PEOPLE[1:], run_ts=RUN_TS)
    assert [problem.code for problem in caught.value.problems] == ["unknown_column"]


def test_the_package_needs_nothing_of_the_rest_of_the_product():
    banned = "{'django', 'celery', 'google', 'urllib3', 'connections', 'accounts'}"
    code = f"import sys, imports.mapping; sys.exit(bool({banned} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
