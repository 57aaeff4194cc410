"""What docs/write-back.md says of the two tables is what is made."""

import re
from pathlib import Path

import pytest

from imports.write_back.tables import RUNS, refused_rows

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "write-back.md").read_text()
TABLES = [RUNS, refused_rows()]
tables = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)


def section(table):
    return PAGE.split(f"\n## {table.id}\n")[1].split("\n## ")[0]


@tables
def test_every_column_stands_in_its_section(table):
    rows = re.findall(r"^\| `(\w+)` \| (\w+)( NOT NULL)? \| (.+) \|$", section(table), re.MULTILINE)
    assert rows == [
        (one.name, one.type, " NOT NULL" if one.mode == "REQUIRED" else "", one.description)
        for one in table.columns
    ]


@tables
def test_its_partition_and_its_days_are_told(table):
    assert f"Partitioned by `{table.partition}`" in section(table)
    assert re.search(rf"\b{table.days_kept}\b", PAGE.split("\n## ")[1])


def test_the_queries_name_no_column_that_is_not_there():
    names = {one.name for table in TABLES for one in table.columns}
    asked = set(re.findall(r"\b(?:run_|import_|rows_|bytes_|source_|finished_)\w+", "".join(
        re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    )))  # fmt: skip
    assert len(asked) >= 8
    assert asked <= names


@tables
def test_bigquery_could_make_it(table):
    partition = next(one for one in table.columns if one.name == table.partition)
    assert (partition.type, partition.mode) == ("TIMESTAMP", "REQUIRED")
    assert len({one.name for one in table.columns}) == len(table.columns)
    assert {one.type for one in table.columns} <= {"STRING", "INTEGER", "TIMESTAMP"}
    assert all(len(one.description) <= 1024 for one in table.columns)
