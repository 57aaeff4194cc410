"""docs/when-a-test-fails.md says what the program says: all of it, and nothing else."""

import ast
import re
from pathlib import Path

import pytest

from connections.bigquery import BigQueryRefused, Reason
from connections.bigquery.catalogue import CATALOGUE
from connections.steps import STEPS
from tests.architecture import failure_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "when-a-test-fails.md").read_text()
ROWS = [
    tuple(match)
    for match in re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
]
SPEAKERS = [
    *ROOT.glob("connections/bigquery/**/*.py"),
    ROOT / "connections" / "source.py",
    ROOT / "connections" / "probe.py",
]


def said() -> set[str]:
    """Every text of the modules that speak, with {name} where a value goes."""
    trees = [ast.walk(ast.parse(path.read_text())) for path in SPEAKERS]
    nodes = [node for tree in trees for node in tree]
    plain = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return plain | {shown(node) for node in nodes if isinstance(node, ast.JoinedStr)}


def shown(text: ast.JoinedStr) -> str:
    parts = [
        f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else part.value
        for part in text.values
    ]
    return "".join(parts)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.sentence[:60])
def test_every_failure_is_on_the_page_with_its_reason_and_result(entry):
    result = "failed" if entry.kind is BigQueryRefused else "could not tell"
    roles = [row[3] for row in ROWS if row[:3] == (entry.sentence, entry.reason, result)]
    assert roles, f"no row says: | {entry.sentence} | `{entry.reason}` | {result} |"
    assert entry.permission is None or any(f"(`{entry.permission}`)" in role for role in roles)


# No test of a connection writes; they stand in docs/when-something-fails.md.
OF_WRITE_BACK = {Reason.TABLE_NOT_OURS, Reason.TABLE_DIFFERS}


@pytest.mark.parametrize("reason", [one for one in Reason if one not in OF_WRITE_BACK])
def test_every_reason_is_on_the_page(reason):
    assert reason in {row[1] for row in ROWS}


def test_the_page_says_nothing_that_the_program_does_not():
    known = said()
    assert [row[0] for row in ROWS if row[0] not in known] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.code)
def test_every_check_has_its_part(step):
    assert f"(“{step.title}”)" in PAGE


def test_the_page_has_the_causes_of_the_program_in_their_order():
    assert failure_page.expected(PAGE) == PAGE, "python -m tests.architecture.failure_page"


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.sentence[:60])
def test_every_cause_is_on_the_page(entry):
    missing = [
        cause.title for cause in entry.causes if f"**{cause.title}** {cause.tell}" not in PAGE
    ]
    assert missing == []
