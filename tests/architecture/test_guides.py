"""The guides speak of what is on the screen, in its words: **bold** is a text of the product."""

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ("tour", "first-connection", "first-import", "when-something-fails")
PACKAGES = ("accounts", "clevertap_bq", "connections", "imports", "sandbox")


def plain(text):
    return " ".join(text.replace("&amp;", "&").split())


@cache
def on_the_screen():
    """Each text between tags, each quoted value in a template, each string of the program."""
    found = set()
    for path in ROOT.glob("templates/**/*.html"):
        text = path.read_text()
        found |= set(re.findall(r'"([^"{}<>]+)"', text))
        found |= set(re.split(r"<[^>]*>|{%.*?%}|{{.*?}}|{#.*?#}", text, flags=re.DOTALL))
    for package in PACKAGES:
        for path in ROOT.glob(f"{package}/**/*.py"):
            found |= {
                node.value
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return {plain(text) for text in found}


def bold(guide):
    text = (ROOT / "docs" / f"{guide}.md").read_text()
    return sorted({plain(words) for words in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)})


def is_on_the_screen(words):
    if words in on_the_screen():
        return True
    start = words.removesuffix("…").strip()
    return words.endswith("…") and any(text.startswith(start) for text in on_the_screen())


@pytest.mark.parametrize("guide", GUIDES)
def test_every_word_in_bold_is_on_a_screen(guide):
    assert len(bold(guide)) >= 8
    stale = [words for words in bold(guide) if words not in {"bold", "Sandbox"}]
    assert [words for words in stale if not is_on_the_screen(words)] == []


def test_a_button_that_was_renamed_would_be_noticed():
    assert not is_on_the_screen("Test the Connection")
    assert not is_on_the_screen("Sign out of…")


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_has_one_title_and_parts_in_order(guide):
    text = re.sub(r"```.*?```", "", (ROOT / "docs" / f"{guide}.md").read_text(), flags=re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page}" not in index} == set()
