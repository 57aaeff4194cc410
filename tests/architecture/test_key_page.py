"""docs/when-a-key-is-refused.md says what the lint says: every code, and nothing else."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from connections.service_account import KeyRefused, read_key
from connections.service_account.refusal import FRESH_KEY, WHOLE_FILE
from tests import bad_keys
from tests.factories_keys import TOKEN_URIS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "when-a-key-is-refused.md").read_text()
PARTS = {
    "The file": (1, 17),
    "The JSON": (18, 35),
    "What kind of file, and where it leads": (36, 54),
    "The fields": (55, 62),
    "The private key": (63, 85),
    "Whose key": (86, 93),
}


def refusals() -> dict[str, set[str]]:
    """The rows of each code, as the page must write them."""
    found: dict[str, set[str]] = {}
    for bad in bad_keys.ALL:
        try:
            read_key(bad.build(), token_uris=TOKEN_URIS)
        except KeyRefused as refused:
            found.setdefault(refused.code, set()).add(row_of(refused))
    return found


def row_of(refused: KeyRefused) -> str:
    sentence = re.sub(r"in line \d+", "in line {line}", refused.sentence)
    sentence = sentence.replace("token_uri twice", "{field} twice").replace(
        "a field twice", "{field} twice"
    )
    cure = refused.cure.replace(FRESH_KEY, "*Fresh key.*").replace(WHOLE_FILE, "*Unchanged file.*")
    return f"| {sentence} | `{refused.code}` | {cure} |"


def rows_of_the_page() -> set[str]:
    return set(re.findall(r"^\| .+ \| `\w+` \| .+ \|$", PAGE, re.MULTILINE))


def test_every_refusal_is_on_the_page_word_for_word_and_nothing_else():
    expected = set().union(*refusals().values())

    assert sorted(expected - rows_of_the_page()) == []
    assert sorted(rows_of_the_page() - expected) == []


def test_the_page_explains_its_two_abbreviations_in_full():
    assert f"*Fresh key.* {FRESH_KEY}" in PAGE
    assert f"*Unchanged file.* {WHOLE_FILE}" in PAGE


def codes_before_a_sentence() -> set[str]:
    """Each text of the lint's source that stands directly before a sentence."""
    trees = [ast.parse(path.read_text()) for path in ROOT.glob("connections/service_account/*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    rows = [node.args for node in nodes if isinstance(node, ast.Call)]
    rows += [node.elts for node in nodes if isinstance(node, ast.Tuple)]
    return {
        first.value
        for row in rows
        for first, second in pairwise(row)
        if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z0-9_]+", str(first.value))
        if isinstance(second, ast.JoinedStr | ast.Constant) and is_sentence(second)
    }


def is_sentence(node: ast.JoinedStr | ast.Constant) -> bool:
    last = node.values[-1] if isinstance(node, ast.JoinedStr) else node
    return isinstance(last, ast.Constant) and str(last.value).endswith(".")


def test_every_code_of_the_lint_has_a_case():
    """What the program can say and no case makes it say would be untested."""
    stored = {"stored_key_unreadable"}  # not an upload's: ServiceAccountKey.from_secret
    written = codes_before_a_sentence()

    assert len(written) > 80
    assert written - stored - set(refusals()) == set()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_lint_has_its_heading(part: str):
    assert f"## {part}\n" in PAGE
