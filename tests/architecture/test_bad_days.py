"""docs/reliability.md names every bad day that the engine is tested with, and how it ends."""

import re
from pathlib import Path

import pytest

from tests.contract.bigquery.test_bad_input import CHANGES, ROWS
from tests.contract.bigquery.test_fault_matrix import DAYS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
TESTED = {
    **{day.name: day.code for day, _ in DAYS},
    **{name: code or "" for name, (_, code) in ROWS.items()},
    **dict.fromkeys(CHANGES, "schema_changed"),
}


@pytest.fixture(scope="module")
def told():
    """What the page says of each day: the code with which it ends, or nothing."""
    part = re.search(r"^## Bad days\n(.*?)^## ", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r"^\| (.+?) \| .+ \| (?:`(\w+)`)? ?\|$", part, re.MULTILINE))


def test_every_bad_day_is_told_with_its_outcome_and_none_that_is_not_tested(told):
    assert told == {name: code for name, code in TESTED.items() if name != "nothing"}
