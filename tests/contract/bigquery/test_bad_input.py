"""Bad input through the engine, by either reader: one row is refused, and the others arrive."""

import base64

import pytest

from imports.models import Run
from tests.contract.bigquery.bad_days import (
    CALM,
    column,
    import_of,
    run_to_its_end,
    table_of,
    world_of,
)

__all__ = ["world_of"]

pytestmark = pytest.mark.django_db

# Each of one row; None: it is sent. The names stand in docs/reliability.md.
ROWS = {
    "nothing": ("'fine', CAST('abc' AS BYTES), ['a']", None),
    "a string of 300 KB": ("REPEAT('x', 300000), NULL, ['a']", "text_too_long"),
    "a value over 512 bytes": ("REPEAT('é', 257), NULL, ['a']", "text_too_long"),
    "a value of 512 bytes": ("REPEAT('é', 256), NULL, ['a']", None),
    "invalid UTF-8 in BYTES": ("'raw', FROM_HEX('ff00fe'), ['a']", None),
    "10,000 elements": (
        "'many', NULL, ARRAY(SELECT CAST(x AS STRING) FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS x)",
        "list_too_long",
    ),
    "10,000 equal elements": (
        "'same', NULL, ARRAY(SELECT 'a' FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS x)",
        None,
    ),
}
PROPERTIES = [
    {"column": name, "name": name.title(), "type": "string", "nulls": "omit"}
    for name in ("note", "raw", "tags")
]
COLUMNS = [column("id"), column("note"), column("raw", "BYTES"), column("tags", mode="REPEATED")]


@pytest.fixture(scope="module")
def table(one_good):
    selects = [
        f"SELECT 'c{number}' AS id, {cells}" if number else f"SELECT 'c0' AS id, {named(cells)}"
        for number, (cells, _) in enumerate(ROWS.values())
    ]
    return table_of(one_good, "bad_input", " UNION ALL ".join(selects))


def named(cells):
    note, raw, tags = cells.split(", ")
    return f"{note} AS note, {raw} AS raw, {tags} AS tags"


def customers(table, **options):
    parent = import_of(table, "profile", **options)
    parent.columns = COLUMNS
    parent.mapping = {**parent.mapping, "properties": PROPERTIES}
    parent.save()
    return parent


@pytest.mark.parametrize("reader", ["storage", "rest"])
def test_a_bad_value_refuses_its_row_and_no_other(reader, table, world_of):
    sandbox = world_of(CALM)
    run, _ = run_to_its_end(customers(table, reads_fast=reader == "storage"))

    assert (run.state, run.reader) == (Run.State.SUCCEEDED, reader), run.failure_sentence
    codes = dict(run.refused_rows.values_list("row_number", "code"))
    assert codes == {n: code for n, (_, code) in enumerate(ROWS.values()) if code}
    found = sandbox.ask("GET", "/control/clevertap/profiles?limit=100")["profiles"]
    stored = {one["value"]: one["data"] for one in found}
    by_name = {name: stored.get(f"c{number}") for number, name in enumerate(ROWS)}
    assert len(stored) == run.accepted_count == len(ROWS) - len(codes)
    assert by_name["a value of 512 bytes"]["Note"] == "é" * 256
    assert base64.b64decode(by_name["invalid UTF-8 in BYTES"]["Raw"]) == b"\xff\x00\xfe"
    assert by_name["10,000 equal elements"]["Tags"] == ["a"]


CHANGES = {
    "another type": "SELECT 'c1' AS id, 12 AS note",
    "a list": "SELECT 'c1' AS id, ['x'] AS note",
    "gone": "SELECT 'c1' AS id, 'x' AS other",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_column_that_changed_ends_the_run_before_anything_is_read(change, one_good, world_of):
    table = table_of(one_good, "bad_columns", CHANGES[change])
    sandbox = world_of(CALM)
    run, _ = run_to_its_end(import_of(table, "profile"))

    assert (run.state, run.failure_code) == (Run.State.FAILED, "schema_changed")
    assert "note" in run.failure_sentence
    assert (run.read_count, run.job_id) == (0, "")
    assert sandbox.ask("GET", "/control/clevertap/received")["batches"] == 0
