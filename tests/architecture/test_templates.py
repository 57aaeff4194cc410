"""Every template compiles, and none has inline code that the content policy would block."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2] / "templates"
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_compiles(name):
    assert get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_has_no_inline_style_script_or_handler(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_fragment_never_extends_a_page(name):
    text = (ROOT / name).read_text()
    is_fragment = name.split("/")[-1].startswith("_")
    assert not (is_fragment and "{% extends" in text)
