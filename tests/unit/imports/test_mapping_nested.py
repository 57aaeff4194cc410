"""Fields of STRUCT columns, addressed by their path."""

import json

import pytest

from imports.mapping import (
    Column,
    IdentityRule,
    Mapping,
    PropertyRule,
    compile_mapping,
    flat_columns,
    flat_rows,
    named,
    reasons,
    suggest,
)
from imports.reading import ColumnUnusable, selected

ADDRESS = Column(
    "address",
    "RECORD",
    fields=(
        Column("city", "STRING"),
        Column(
            "geo", "STRUCT", fields=(Column("lat", "FLOAT64"), Column("tags", "STRING", "REPEATED"))
        ),
    ),
)
COLUMNS = [Column("id", "STRING"), ADDRESS, Column("note", "STRING")]
FLAT = ["id", "address.city", "address.geo.lat", "address.geo.tags", "note"]


def struct(*cells):
    return {"f": [{"v": cell} for cell in cells]}


def flat(row, columns=COLUMNS):
    return flat_rows(columns, [row])[0]


def test_every_field_is_a_column_called_by_its_path():
    assert [column.name for column in flat_columns(COLUMNS)] == FLAT


def test_a_list_of_structs_stays_one_column():
    items = Column("items", "RECORD", "REPEATED", (Column("sku", "STRING"),))
    assert [column.name for column in flat_columns([items])] == ["items"]


def test_cells_follow_their_columns():
    tags = [{"v": "a"}]
    row = ["c1", struct("Berlin", struct("52.5", tags)), "x"]
    assert flat(row) == ["c1", "Berlin", "52.5", tags, "x"]


def test_a_field_of_a_null_is_null():
    assert flat(["c1", None, "x"]) == ["c1", None, None, None, "x"]
    assert flat(["c1", struct("Berlin", None), "x"]) == ["c1", "Berlin", None, None, "x"]


def test_a_row_of_another_width_is_refused_as_unreadable():
    columns = [Column("id", "STRING")]
    maker = compile_mapping(Mapping(identity=IdentityRule("id")), columns, run_ts=1)
    made = maker.make(flat_rows(columns, [["c1", "more"]]), 0)
    assert [one.code for one in made.refusals] == ["row_unreadable"]


@pytest.mark.parametrize("cell", ["text", {"f": []}, {"g": 1}, [struct("Berlin", None)]])
def test_a_cell_of_another_shape_is_refused_by_the_rules(cell):
    mapping = Mapping(
        identity=IdentityRule("id"),
        properties=(PropertyRule("address.geo.lat", "Latitude", "float"),),
        skipped=("address.city", "address.geo.tags", "note"),
    )
    maker = compile_mapping(mapping, flat_columns(COLUMNS), run_ts=1)
    made = maker.make([flat(["c1", cell, "x"])], 0)
    assert [(one.code, one.column) for one in made.refusals] == [
        ("cell_unreadable", "address.geo.lat")
    ]


def test_a_field_is_sent_as_any_column():
    mapping = suggest(flat_columns(COLUMNS))
    maker = compile_mapping(mapping, flat_columns(COLUMNS), run_ts=1)
    row = flat(["c1", struct("Berlin", struct("52.5", [{"v": "a"}])), "x"])
    assert json.loads(maker.make([row], 0).records[0])["profileData"] == {
        "address_city": "Berlin",
        "address_geo_lat": 52.5,
        "address_geo_tags": ["a"],
        "note": "x",
    }


def test_a_path_is_asked_of_bigquery_under_a_name_of_its_own():
    assert selected(["id", "a.city", "b.city"]) == (
        "`id`, `a`.`city` AS `field_1`, `b`.`city` AS `field_2`"
    )


def test_that_name_is_never_one_of_the_table_s():
    assert selected(["FIELD_1", "a.city"]) == "`FIELD_1`, `a`.`city` AS `field_1_`"


def test_the_result_gets_its_names_back():
    result = [Column("id", "STRING"), Column("field_1", "STRING")]
    assert [one.name for one in named(result, ["id", "a.city"])] == ["id", "a.city"]


@pytest.mark.parametrize("name", ["a`b", "a\\b", "a\nb", "a..b", ""])
def test_a_name_that_cannot_stand_in_a_query_is_refused(name):
    with pytest.raises(ColumnUnusable):
        selected(["id", name])


class TestReasons:
    COLUMNS = (
        Column("customer_id", "STRING"),
        Column("email_address", "STRING"),
        Column("score", "INT64"),
        Column("price", "NUMERIC"),
        Column("tags", "STRING", "REPEATED"),
        Column("blob", "BYTES"),
        Column("starts", "TIME"),
        Column("items", "RECORD", "REPEATED", (Column("sku", "STRING"),)),
    )

    def test_are_given_for_each_column_that_can_be_mapped(self):
        assert reasons(suggest(self.COLUMNS), self.COLUMNS) == {
            "customer_id": "Its name is usual for the identity.",
            "email_address": "Its name is usual for Email.",
            "score": "",
            "price": "NUMERIC is sent as Float.",
            "tags": "A list becomes a property of many values.",
            "blob": "BYTES is seldom wanted in CleverTap.",
            "starts": "TIME is sent as text.",
        }

    def test_say_so_when_there_are_too_many(self):
        columns = [Column("id", "STRING"), *(Column(f"c{n}", "STRING") for n in range(300))]
        said = reasons(suggest(columns), columns)
        assert said["c255"] == ""
        assert said["c256"] == "CleverTap takes 256 properties."
