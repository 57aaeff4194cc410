"""Every BigQuery type has a stated treatment, and docs/mapping.md states it as the code has it."""

import json
import re
from pathlib import Path

import pytest

from imports.mapping import EVENT, FORMATS, PROFILE, Column, suggest, type_choices, why_unmappable
from imports.mapping.choices import LABELS
from tests.unit.imports.mapping_makers import refused, sent

DOCS = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text(encoding="utf-8")
ALL = {
    *("INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64", "BOOL", "STRING", "BYTES", "DATE", "DATETIME"),
    *("TIME", "TIMESTAMP", "INTERVAL", "JSON", "GEOGRAPHY", "RANGE"),
}
# As the REST API calls them where it has another name.
REST = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}


def table(heading):
    """The rows of the first table below a heading that begins with this column."""
    lines = iter(DOCS.splitlines())
    next(line for line in lines if line.startswith(f"| {heading}"))
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


TYPES = [pytest.param(*row, id=row[0].strip("`")) for row in table("BigQuery type")]


def test_every_type_of_bigquery_is_in_the_table():
    assert {row[0].strip("` ") for row in table("BigQuery type")} == ALL


@pytest.mark.parametrize(("name", "choices", "suggested", "example"), TYPES)
class TestATypeIsTreatedAsDocumented:
    def test_can_be_sent_as_what_the_table_says(self, name, choices, suggested, example):
        for kind in (PROFILE, EVENT):
            for spelling in {name.strip("`"), REST.get(name.strip("`"), name.strip("`"))}:
                offered = type_choices(Column("value", spelling), kind)
                assert ", ".join(LABELS[one] for one in offered) == choices

    def test_is_suggested_as_the_table_says(self, name, choices, suggested, example):
        mapping = suggest([Column("value", name.strip("`"))])
        found = [LABELS[rule.type] for rule in mapping.properties] or ["skipped"]
        assert found == [suggested]

    def test_a_cell_becomes_what_the_table_says(self, name, choices, suggested, example):
        cell, text = re.fullmatch(r"`(.+)` → `(.+)`", example).groups()
        kind = "string" if suggested == "skipped" else suggested.lower()
        zone = {"time_zone": "UTC"} if kind == "date" else {}
        assert sent(cell, kind, name.strip("`"), **zone) == json.loads(text)


def test_every_date_format_is_listed_in_its_order():
    called = {"Epoch Seconds": "epoch_seconds", "Epoch Milliseconds": "epoch_milliseconds"}
    called["ISO 8601"] = "iso8601"
    listed = [row[0].strip("`| ") for row in table("Format")]
    assert [called.get(name, name) for name in listed] == list(FORMATS)


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_as_one_and_sent_as_text(cell):
    assert refused(cell, "float", "FLOAT64") == "number_out_of_range"
    assert sent(cell, "string", "FLOAT64") == cell


@pytest.mark.parametrize(("cell", "kind"), [("12.5", "integer"), ("0.1", "long")])
def test_a_numeric_with_a_fraction_is_no_whole_number(cell, kind):
    assert refused(cell, kind, "NUMERIC") == "number_not_whole"


def test_a_bignumeric_keeps_all_its_digits_as_text():
    digits = "1234567890123456789012345678901234567.12345678901234567890123456789012345678"
    assert sent(digits, "string", "BIGNUMERIC") == digits


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_array_of_any_type_is_a_list_of_strings_on_profiles_only(name):
    column = Column("value", name, "REPEATED")
    assert type_choices(column, PROFILE) == ("string",)
    assert "event properties cannot be lists" in why_unmappable(column, EVENT)


def test_an_array_of_structs_can_only_be_skipped():
    column = Column("value", "RECORD", "REPEATED", (Column("a", "STRING"),))
    assert type_choices(column, PROFILE) == ()
    assert "cannot be mapped as a whole" in why_unmappable(column, PROFILE)
