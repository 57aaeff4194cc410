"""What the mapping lets through, judged by the stand-in's own rules, which share no code."""

import pytest

from imports.mapping import (
    EVENT,
    Column,
    EventNameRule,
    IdentityRule,
    Mapping,
    PropertyRule,
    TimeRule,
    body_of,
    compile_mapping,
)

RUN_TS = 1_700_000_000
COLUMNS = [
    Column("id", "STRING"),
    Column("email", "STRING"),
    Column("phone", "STRING"),
    Column("gender", "STRING"),
    Column("born", "DATE"),
    Column("flag", "STRING"),
    Column("score", "FLOAT64"),
    Column("points", "NUMERIC"),
    Column("at", "TIMESTAMP"),
    Column("tags", "STRING", "REPEATED"),
    Column("note", "STRING"),
]
PROFILES = Mapping(
    identity=IdentityRule("id"),
    properties=(
        PropertyRule("email", "Email"),
        PropertyRule("phone", "Phone"),
        PropertyRule("gender", "Gender"),
        PropertyRule("born", "DOB", "date"),
        PropertyRule("flag", "MSG-email", "boolean"),
        PropertyRule("score", "Score", "float"),
        PropertyRule("points", "Points", "long"),
        PropertyRule("at", "Signed Up", "date"),
        PropertyRule("tags", "Tags"),
        PropertyRule("note", "Note", nulls="delete"),
    ),
)
ROW = [
    " c1 ", "ann@shop.example", "+4917012345678", "f", "1959-12-31", "1", "1.5E-7", "12.00",
    "1640995200123456", [{"v": "a"}, {"v": "b"}], 'Zoë "\u2028" \\ 😀',
]  # fmt: skip
STORED = {
    "Email": "ann@shop.example",
    "Phone": "+4917012345678",
    "Gender": "F",
    "DOB": "$D_-315662400",
    "MSG-email": True,
    "Score": 1.5e-7,
    "Points": 12,
    "Signed Up": "$D_1640995200",
    "Tags": ["a", "b"],
    "Note": 'Zoë "\u2028" \\ 😀',
}


def upload(gateway, mapping, rows, columns=COLUMNS):
    """Maps and sends: (rows that our rules refused, records that CleverTap refused)."""
    made = compile_mapping(mapping, columns, run_ts=RUN_TS).make(rows, 0)
    codes = [refusal.code for refusal in made.refusals]
    if not made.records:
        return codes, []
    count = len(made.records)
    answer = gateway.upload(body_of(made.records), count=count, run="r", batch=0)
    return codes, [(made.row_numbers[each.position], each.code) for each in answer.refused]


def test_a_row_of_every_type_arrives_as_it_was_mapped(sandbox, gateway):
    assert upload(gateway, PROFILES, [ROW]) == ([], [])
    assert sandbox.profile("c1") == STORED


def test_a_null_leaves_a_property_alone_or_deletes_it(sandbox, gateway):
    upload(gateway, PROFILES, [ROW, ["c1", *[None] * 10]])
    kept = {name: value for name, value in STORED.items() if name != "Note"}
    assert sandbox.profile("c1") == kept


def test_the_same_rows_again_change_no_profile(sandbox, gateway):
    upload(gateway, PROFILES, [ROW])
    upload(gateway, PROFILES, [ROW])
    assert sandbox.profile("c1") == STORED
    assert sandbox.received()["distinct_bodies"] == 1


EDGES = [
    ("id", "é" * 1023),
    ("email", "a" * 60 + "@shop.example"),
    ("email", "o'neil+tag@sub.shop.example"),
    ("phone", "+12345"),
    ("born", "0001-01-01"),
    ("born", "5138-11-15"),
    ("score", "-1.7976931348623157e308"),
    ("points", "-9223372036854775808"),
    ("tags", [{"v": f"{n:03}" + "é" * 254} for n in range(100)]),
    ("note", "é" * 256),
    ("note", "\x01\x7f\ufffe"),
]


@pytest.mark.parametrize(("column", "cell"), EDGES)
def test_what_just_fits_our_rules_fits_clevertaps(gateway, column, cell):
    names = [each.name for each in COLUMNS]
    row = [cell if name == column else kept for name, kept in zip(names, ROW, strict=True)]
    assert upload(gateway, PROFILES, [row]) == ([], [])


BEYOND = [
    ("id", "n/a", 523),
    ("email", "nobody", 515),
    ("phone", "4917012345678", 516),
    ("gender", "female", 514),
    ("note", "é" * 257, 555),
]


@pytest.mark.parametrize(("column", "cell", "code"), BEYOND)
def test_what_our_rules_refuse_clevertap_would_have_refused(send, column, cell, code):
    """The record that we would have sent without our rules."""
    data = {"Email": ROW[1], "Phone": ROW[2], "Gender": "F", "Note": "n"}
    name = {"email": "Email", "phone": "Phone", "gender": "Gender", "note": "Note"}.get(column)
    record = {"identity": "c1" if name else cell, "type": "profile", "profileData": data}
    if name:
        data[name] = cell
    assert [verdict.code for verdict in send([record]).refused] == [code]


def test_what_only_clevertap_can_judge_comes_back_with_its_row_number(gateway):
    rows = [ROW, [*ROW[:2], "+1 (415) 555-1234", *ROW[3:]], ROW]
    assert upload(gateway, PROFILES, rows) == ([], [(1, 516)])


def test_events_arrive_under_their_own_names_and_times(sandbox, gateway):
    columns = [
        Column("id", "INTEGER"),
        Column("what", "STRING"),
        Column("at", "DATETIME"),
        Column("price", "FLOAT64"),
    ]
    mapping = Mapping(
        kind=EVENT,
        identity=IdentityRule("id"),
        event_name=EventNameRule(column="what"),
        created_on=TimeRule("at", time_zone="Asia/Kolkata"),
        properties=(PropertyRule("price", "Price", "float"),),
    )
    rows = [["7", "Bought", "2024-03-18T06:00:00", "9.5"], ["7", "Stayed", None, None]]
    assert upload(gateway, mapping, rows, columns) == (["event_name_reserved"], [])
    stored = sandbox.get("/control/clevertap/events?identity=7")["events"][0]
    assert (stored["name"], stored["ts"]) == ("Bought", 1_710_721_800)
    assert stored["data"] == {"Price": 9.5}
