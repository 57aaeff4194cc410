"""Columns and rows give the same bytes and the same refusals, whatever the cells hold."""

import base64
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
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
from imports.mapping.columnar import ColumnMaker, rows_of, speakable
from imports.runner.parcels import whole_of

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - BigQuery's DATETIME has no zone
KINDS = {
    "STRING": pa.string(), "INTEGER": pa.int64(), "FLOAT": pa.float64(), "BOOLEAN": pa.bool_(),
    "NUMERIC": pa.decimal128(38, 9), "BIGNUMERIC": pa.decimal256(76, 38), "BYTES": pa.binary(),
    "TIMESTAMP": pa.timestamp("us", "UTC"), "DATETIME": pa.timestamp("us"), "DATE": pa.date32(),
    "TIME": pa.time64("us"), "JSON": pa.string(),
}  # fmt: skip
COLUMNS = [
    Column("id", "STRING"),
    Column("text", "STRING"),
    Column("email", "STRING"),
    Column("phone", "STRING"),
    Column("gender", "STRING"),
    Column("number", "INTEGER"),
    Column("score", "FLOAT"),
    Column("money", "NUMERIC"),
    Column("fine", "BIGNUMERIC"),
    Column("flag", "BOOLEAN"),
    Column("at", "TIMESTAMP"),
    Column("local", "DATETIME"),
    Column("day", "DATE"),
    Column("hour", "TIME"),
    Column("raw", "BYTES"),
    Column("json", "JSON"),
    Column("tags", "STRING", "REPEATED"),
]
ONE_WAY = (
    PropertyRule("text", "Text"),
    PropertyRule("number", "Number", "integer"),
    PropertyRule("score", "Score", "float"),
    PropertyRule("money", "Money", "float"),
    PropertyRule("fine", "Fine", "long"),
    PropertyRule("flag", "Flag", "boolean"),
    PropertyRule("at", "At", "date"),
    PropertyRule("local", "Local", "date", time_zone="UTC"),
    PropertyRule("day", "Day", "date"),
    PropertyRule("hour", "Hour"),
    PropertyRule("raw", "Raw"),
    PropertyRule("json", "Json"),
)
OTHER_WAY = (
    PropertyRule("text", "5", "float"),
    PropertyRule("number", "Number", "float"),
    PropertyRule("score", "Score"),
    PropertyRule("money", "Money"),
    PropertyRule("fine", "Fine", "float"),
    PropertyRule("flag", "true"),
    PropertyRule("at", "At"),
    PropertyRule("local", "Local", "date", time_zone="America/New_York"),
    PropertyRule("day", "Day", "date", time_zone="Asia/Kolkata"),
)
MAPPINGS = [
    Mapping(
        identity=IdentityRule("id"),
        properties=(
            *ONE_WAY,
            PropertyRule("email", "Email"),
            PropertyRule("phone", "Phone"),
            PropertyRule("gender", "Gender"),
            PropertyRule("tags", "Tags", nulls="delete"),
        ),
    ),
    Mapping(
        identity=IdentityRule("number", "objectId"),
        properties=(
            *[PropertyRule(*(getattr(r, n) for n in ("column", "name", "type", "format", "time_zone")), "delete") for r in OTHER_WAY],
            PropertyRule("id", "Old id", "long"),
        ),
        skipped=("email", "phone", "gender", "hour", "raw", "json", "tags"),
    ),
    Mapping(
        kind=EVENT,
        identity=IdentityRule("money"),
        event_name=EventNameRule(column="text"),
        created_on=TimeRule("at"),
        properties=(
            PropertyRule("score", "Score", "integer"),
            PropertyRule("number", "When", "date", "epoch_seconds"),
            PropertyRule("local", "Local"),
            PropertyRule("day", "Day"),
        ),
        skipped=tuple(c.name for c in COLUMNS if c.name not in ("money", "text", "at", "score", "number", "local", "day")),
    ),
    Mapping(
        kind=EVENT,
        identity=IdentityRule("id"),
        event_name=EventNameRule(fixed="Bought"),
        created_on=TimeRule("number", "epoch_milliseconds"),
        properties=(PropertyRule("flag", "Flag", "boolean"),),
        skipped=tuple(c.name for c in COLUMNS if c.name not in ("id", "number", "flag")),
    ),
]  # fmt: skip
TELLING = [
    "", " ", "0", "-1", "n/a", "NULL", "\tx", "x\x1c", "a\u2003", 'say "hi"', "back\\slash", "line\nend",
    "\x00", "\\u0000", "é" * 300, "x" * 512, "x" * 513, "x" * 1025, "ZOË", "\u212a", "😀", "\x7f",
    "a@shop.example", " a@x.org", "é@x.org", "a@b", "+12345", "+49 (30) 12", "+1234", "M", "f",
    "12", "1.5", "-0", "01", "App Launched", "Bought", "17", "1e5",
]  # fmt: skip
texts = st.sampled_from(TELLING) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
wholes = st.integers(-(2**63), 2**63 - 1) | st.sampled_from(
    [0, 9_999_999_999, 10**10, 10**13, 10**15, -(10**15), 1, -1, 1_700_000_000_123]
)
floats = st.floats() | st.sampled_from(
    [0.0, -0.0, 1e15, 1e16, 123456789012345.0, 1e-4, 9.9e-5, 1e-7, 5e-324, 0.1, 3.0, 1e22]
)
micros = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999) | st.sampled_from(
    [0, -1, 999_999, 1_640_995_200_000_000]
)
VALUES = {
    "STRING": texts, "JSON": texts, "INTEGER": wholes, "FLOAT": floats, "BOOLEAN": st.booleans(),
    "NUMERIC": st.decimals(-(10**20), 10**20, places=9)
    | st.sampled_from([Decimal(0), Decimal("1E-9"), Decimal(-12), Decimal("100.5")]),
    "BIGNUMERIC": st.decimals(-(10**18), 10**18, places=12) | st.just(Decimal(7)),
    "BYTES": st.binary(max_size=8), "TIMESTAMP": micros, "DATETIME": micros,
    "DATE": st.dates(), "TIME": st.integers(0, 86_399_999_999),
}  # fmt: skip


def cells_for(column):
    value = VALUES[column.type]
    if column.mode == "REPEATED":
        return st.lists(st.none() | value, max_size=4)
    return st.none() | value


good = {
    "id": "c1", "text": "T", "email": "a@shop.example", "phone": "+12345", "gender": "M",
    "number": 17, "score": 0.5, "money": Decimal("1.5"), "fine": Decimal(7), "flag": True,
    "at": 1_640_995_200_000_000, "local": 0, "day": date(2024, 3, 18), "hour": 0, "raw": b"",
    "json": "{}", "tags": ["a"],
}  # fmt: skip
rows_drawn = st.lists(
    st.fixed_dictionaries({}, optional={column.name: cells_for(column) for column in COLUMNS}).map(
        lambda changes: good | dict(list(changes.items())[:3])
    ),
    min_size=1,
    max_size=12,
)


def rest_number(value):
    whole, _, rest = f"{value:f}".partition(".")
    text = f"{whole}.{rest.rstrip('0')}".rstrip(".")
    return "0" if text == "-0" else text


def rest_float(value):
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return words.get(repr(value), repr(value))


# Written again, apart from the product: how BigQuery's REST API spells values.
SPELLINGS = {
    "BOOLEAN": lambda value: "true" if value else "false",
    "BYTES": lambda value: base64.b64encode(value).decode(),
    "DATE": date.isoformat,
    "DATETIME": lambda value: (EPOCH + timedelta(microseconds=value)).isoformat(),
    "TIME": lambda value: (EPOCH + timedelta(microseconds=value)).time().isoformat(),
    "NUMERIC": rest_number,
    "BIGNUMERIC": rest_number,
    "FLOAT": rest_float,
}


def rest_cell(value, column):
    if isinstance(value, list):
        return [{"v": rest_cell(one, column)} for one in value]
    return None if value is None else SPELLINGS.get(column.type, str)(value)


def as_rest(rows, columns):
    return [[rest_cell(row[column.name], column) for column in columns] for row in rows]


def typed(rows, columns):
    arrays = []
    for column in columns:
        kind, plain = KINDS[column.type], KINDS[column.type]
        if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
            plain = pa.int64()
        if column.mode == "REPEATED":
            kind, plain = pa.list_(kind), pa.list_(plain)
        arrays.append(pa.array([row[column.name] for row in rows], plain).cast(kind))
    return arrays


def as_text(rest):
    """As the product cuts REST's pages; it has no repeated columns then."""
    return [pa.array(cells, pa.string()) for cells in zip(*rest, strict=True)]


def makers(mapping, columns):
    rows = compile_mapping(mapping, columns, run_ts=1_700_000_000)
    return rows, ColumnMaker(mapping, columns, rows)


@settings(max_examples=120, derandomize=True, deadline=None, database=None)
@given(st.sampled_from(MAPPINGS), rows_drawn)
def test_columns_of_either_reader_give_what_rows_give(mapping, rows):
    by_row, by_column = makers(mapping, COLUMNS)
    rest = as_rest(rows, COLUMNS)
    expected = by_row.make(rest, 10)
    assert told(by_column.make(typed(rows, COLUMNS), 10)) == told(expected)
    flat = [at for at, column in enumerate(COLUMNS) if column.mode != "REPEATED"]
    if "tags" in mapping.skipped:
        columns = [COLUMNS[at] for at in flat]
        by_row, by_column = makers(
            Mapping(**{**vars_of(mapping), "skipped": tuple(set(mapping.skipped) - {"tags"})}),
            columns,
        )
        text = as_text([[row[at] for at in flat] for row in rest])
        assert told(by_column.make(text, 10)) == told(expected)


def told(made):
    """All that a request or a page may ask of what was made."""
    whole = whole_of(made, first_row=0, end_row=10**6)
    names = (
        tuple(whole.people()),
        [tuple(one.people()) for one in whole.halves()] if len(whole.records) > 1 else [],
    )
    return list(made.records), list(made.row_numbers), made.refusals, whole.body, whole.size, names


def vars_of(mapping):
    return {name: getattr(mapping, name) for name in mapping.__dataclass_fields__}


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.sampled_from([5, 6, 9, 10, 11, 12, 2, 3]), st.lists(st.none() | texts, min_size=1))
def test_any_text_that_rest_may_send_is_read_as_its_row_is(at, cells):
    """Also a text that is no value of its column's type."""
    columns = [Column("id", "STRING"), COLUMNS[at]]
    rule = next(r for r in MAPPINGS[0].properties if r.column == COLUMNS[at].name)
    by_row, by_column = makers(Mapping(identity=IdentityRule("id"), properties=(rule,)), columns)
    rest = [[f"c{number}", cell] for number, cell in enumerate(cells, 1)]
    assert told(by_column.make(as_text(rest), 0)) == told(by_row.make(rest, 0))


def test_slices_of_a_batch_are_read_where_they_lie():
    by_row, by_column = makers(MAPPINGS[0], COLUMNS)
    rows = [good | {"text": text, "id": f"c{n}"} for n, text in enumerate(TELLING)]
    arrays, rest = typed(rows, COLUMNS), as_rest(rows, COLUMNS)
    found = by_column.make([one.slice(3, 9) for one in arrays], 3)
    assert told(found) == told(by_row.make(rest[3:12], 3))


def test_good_cells_are_never_converted_one_by_one():
    _, by_column = makers(MAPPINGS[0], COLUMNS)
    plain = [text.is_plain for text in (*by_column._before, *by_column._properties)]
    names = [rule.name for rule in sorted(MAPPINGS[0].properties, key=lambda rule: rule.name)]
    slow = [name for name, is_plain in zip(names, plain[1:], strict=True) if not is_plain]
    assert (plain[0], slow) == (True, ["Gender", "Hour", "Raw", "Tags"])


def test_a_record_larger_than_a_request_is_refused(monkeypatch):
    monkeypatch.setattr("imports.mapping.columnar.maker.MAX_RECORD_BYTES", 200)
    monkeypatch.setattr("imports.mapping.records.MAX_RECORD_BYTES", 200)
    columns = [Column("id", "STRING"), Column("text", "STRING")]
    mapping = Mapping(identity=IdentityRule("id"), properties=(PropertyRule("text", "Text"),))
    _, by_column = makers(mapping, columns)
    made = by_column.make([pa.array(["a", "b"]), pa.array(["x", "x" * 150])], 0)
    assert (list(made.row_numbers), [one.code for one in made.refusals]) == (
        [0],
        ["record_too_large"],
    )


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        (pa.month_day_nano_interval(), Column("a", "INTERVAL")),
        (pa.struct([("start", pa.date32())]), Column("a", "RANGE")),
        (pa.timestamp("ns", "UTC"), Column("a", "TIMESTAMP")),
        (pa.timestamp("us"), Column("a", "TIMESTAMP")),
        (pa.string(), Column("a", "STRING", "REPEATED")),
        (pa.list_(pa.string()), Column("a", "STRING")),
        (pa.struct([("x", pa.string())]), Column("a", "RECORD", fields=(Column("y", "STRING"),))),
        (pa.large_string(), Column("a", "STRING")),
    ],
)
def test_a_type_that_two_readers_may_spell_differently_is_not_read_fast(kind, column):
    assert not speakable(kind, column)


def test_records_within_records_become_the_cells_of_rest():
    inner = (Column("n", "INTEGER"), Column("at", "TIMESTAMP", "REPEATED"))
    kind = pa.struct([("n", pa.int64()), ("at", pa.list_(pa.timestamp("us", "UTC")))])
    assert speakable(kind, Column("a", "RECORD", fields=inner))
    array = pa.array([{"n": 5, "at": [datetime(2022, 1, 1, tzinfo=UTC)]}, None], kind)
    cell = {"f": [{"v": "5"}, {"v": [{"v": "1640995200000000"}]}]}
    assert rows_of([array]) == [[cell], [None]]
    assert rows_of([pa.array([time(12, 30)], pa.time64("us"))]) == [["12:30:00"]]
