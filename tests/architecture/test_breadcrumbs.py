"""The way that a page says to have come: Settings / Partners / Import Connections / name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "templates"
BLOCK = re.compile(r"{% block breadcrumb %}(.*?){% endblock", re.DOTALL)
SHARED = re.compile(r"{% include \"([\w/]+_crumbs\.html)\"[^%]*%}")
PLACES = re.compile(r"{% url \"([\w:]+)\"")
BELOW_PARTNERS = {"connections:overview", "connections:list", "imports:import_center"}


def whole(text):
    """The block with what it shares with other pages."""
    while shared := SHARED.search(text):
        text = text.replace(shared.group(), (ROOT / shared.group(1)).read_text())
    return text


def ways():
    for path in sorted(ROOT.rglob("*.html")):
        block = BLOCK.search(path.read_text())
        places = PLACES.findall(whole(block.group(1))) if block else []
        if BELOW_PARTNERS & set(places):
            yield pytest.param(places, id=str(path.relative_to(ROOT)))


def test_are_found():
    assert len(list(ways())) > 10


@pytest.mark.parametrize("places", list(ways()))
def test_begin_with_partners(places):
    assert places[0] == "connections:partners"
