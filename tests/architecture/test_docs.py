"""Documents point to what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in target or target.startswith("#"):
            continue
        assert (path.parent / target.split("#")[0]).exists(), target


def anchors(path):
    """What a link into the page may name: its headings, as GitHub writes them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    shown = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in shown}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_heading_finds_it(page):
    path = ROOT / page
    for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", path.read_text()):
        name, _, anchor = target.partition("#")
        if "://" in target or (name and not name.endswith(".md")):
            continue
        assert anchor in anchors(path.parent / name if name else path), target


def test_every_decision_stands_in_one_numbered_page():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("page", PAGES)
def test_every_decision_that_is_named_exists(page):
    count = len(list((ROOT / "docs" / "adr").glob("*.md")))
    named = [int(number) for number in re.findall(r"ADR (\d+)", (ROOT / page).read_text())]
    assert all(1 <= number <= count for number in named)
