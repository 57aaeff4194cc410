"""docs/when-something-fails.md has an entry for all that can go wrong, in the program's words."""

import ast
import re
from pathlib import Path

import pytest

from connections.bigquery import Reason as BigQueryReason
from imports import context, phases
from imports.clevertap.answers import RECORD_CODES
from imports.clevertap.errors import SENTENCES
from imports.mapping.refusals import REFUSALS
from imports.runner import execute, failures

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "when-something-fails.md").read_text()
# The modules whose exceptions end a run here, by `failures.CODES`.
ENDERS = (
    ("connections/source.py", "SourceUnavailable"),
    ("imports/destination.py", "DestinationUnavailable"),
    ("imports/reading.py", "ColumnUnusable"),
    ("imports/runner/job.py", "JobVanished"),
    ("imports/runner/readers.py", "JobVanished"),
    ("imports/runner/delivery.py", "ReplayDiffers"),
    ("imports/runner/delivery.py", "TooManyHeld"),
    ("imports/runner/delivery.py", "TooManyCulprits"),
    ("imports/runner/threshold.py", "TooManyRefused"),
    ("imports/runner/proof.py", "OrderDiffers"),
    ("imports/runner/bounds.py", "BoundsUnusable"),
    ("imports/contents.py", "ContentsUnreadable"),
)
# Their sentences are put together from what was found in the table.
PUT_TOGETHER = {"`mapping_faulty`", "`schema_changed`"}


def part(title):
    """The text below a heading, up to the next of any kind."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no heading: {title}"
    return found[1]


def rows(title):
    """The cells of the part's tables, without heads and rules."""
    split = re.compile(r"(?<!\\)\|")
    lines = [line for line in part(title).splitlines() if line.startswith("|")]
    cells = [
        [cell.strip().replace(r"\|", "|") for cell in split.split(line)[1:-1]] for line in lines
    ]
    return [
        row
        for row, after in zip(cells, [*cells[1:], []], strict=True)
        if not is_rule(row) and not is_rule(after)
    ]


def is_rule(row):
    return bool(row) and all(re.fullmatch(r":?-+:?", cell) for cell in row)


def said_here():
    """(sentence, code) of each exception that ends a run, as it is raised in the code."""
    for path, name in ENDERS:
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield words(node.args[0]), code_of(name)
    for failure in (failures.UNEXPECTED, failures.SUMS_DISAGREE):
        yield failure.sentence, failure.code


def words(node):
    if isinstance(node, ast.Constant):
        return node.value
    return "".join(
        part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
        for part in node.values
    )


def code_of(name):
    return next(code for kind, code in failures.CODES.items() if kind.__name__ == name)


def phase_sentences():
    """Every whole sentence of the module that says what a run is doing."""
    tree = ast.parse(Path(phases.__file__).read_text())
    # A text that stands by itself is a docstring, or says what the attribute above it is.
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone
    ]
    return [
        text for text in texts if re.fullmatch(r"[A-Z][^\n]+\.", text) and text != phases.__doc__
    ]


def test_every_reason_of_bigquery_has_an_entry_and_no_other_has():
    named = [row[0].strip("`") for row in rows("Refused by BigQuery, or not reached")]
    assert sorted(named) == sorted(BigQueryReason)


def test_every_reason_of_clevertap_stands_in_its_own_words():
    found = {(row[1].strip("`"), row[0]) for row in rows("Refused by CleverTap, or not reached")}
    assert found == {(reason.value, sentence) for reason, sentence in SENTENCES.items()}


def test_every_end_of_our_own_stands_in_its_own_words():
    found = {(row[0], row[1].strip("`")) for row in rows("Ended here")}
    assert set(said_here()) - found == set()


@pytest.mark.parametrize("code", sorted(set(failures.CODES.values())))
def test_every_code_of_our_own_has_an_entry(code):
    assert code in {row[1].strip("`") for row in rows("Ended here")}


def test_what_the_page_says_of_our_own_ends_is_said_by_the_program():
    raised = {sentence for sentence, _ in said_here()}
    sentences = [row[0] for row in rows("Ended here") if row[1] not in PUT_TOGETHER]
    assert [sentence for sentence in sentences if sentence not in raised] == []


def test_every_refusal_of_our_rules_stands_in_its_own_words_and_no_other():
    found = {(row[1].strip("`"), row[0]) for row in rows("By our rules, before sending")}
    assert found == {(code.value, sentence) for code, sentence in REFUSALS.items()}


def test_every_record_code_of_clevertap_stands_in_its_own_words_and_no_other():
    found = {(int(row[0]), row[1]) for row in rows("By CleverTap")}
    assert found == set(RECORD_CODES.items())


def test_everything_that_a_run_can_wait_for_has_an_entry():
    assert len(phase_sentences()) >= 8
    said = {row[0] for row in rows("A run waits")}
    assert [sentence for sentence in phase_sentences() if sentence not in said] == []
    assert said <= set(phase_sentences())


def test_every_sentence_about_a_delay_has_an_entry_and_no_other_has():
    found = [row[0] for row in rows("A page says that something is delayed")]
    assert sorted(found) == sorted(context._DELAYED.values())


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("eight times in a row", execute.TROUBLES_ALLOWED == 8),
        ("each run works 45 seconds at a time", execute.SLICE_SECONDS == 45),
    ],
)
def test_a_number_that_the_page_says_is_the_programs(words, value):
    assert words in PAGE
    assert value
