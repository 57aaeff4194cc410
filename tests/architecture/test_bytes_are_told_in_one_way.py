"""One place writes bytes for people, so that a figure is the same on every page."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HAND_MADE = re.compile(r"[\"'{} ]\s*[KMGTP]i?B\b")
# Limits in a sentence or a comment, which are not measured figures.
SENTENCES = {
    *("connections/quantities.py", "connections/uploads.py"),
    "clevertap_bq/gallery/status.py",  # a sample
    "connections/service_account/container.py",
}


def sources():
    for package in ("accounts", "connections", "imports", "clevertap_bq"):
        yield from (ROOT / package).rglob("*.py")


def test_no_template_and_no_module_uses_a_second_formatter():
    templates = (ROOT / "templates").rglob("*.html")
    found = [path for path in (*sources(), *templates) if "filesizeformat" in path.read_text()]
    assert found == []


def test_no_module_but_the_formatter_writes_units_of_bytes():
    writers = set()
    for path in sources():
        code = re.sub(r"#.*|\"\"\".*?\"\"\"", "", path.read_text(), flags=re.DOTALL)
        if HAND_MADE.search(code):
            writers.add(str(path.relative_to(ROOT)))
    assert writers <= SENTENCES
    assert "connections/quantities.py" in writers


def test_every_figure_of_bytes_in_a_template_goes_through_the_formatter():
    raw = re.compile(r"{{\s*[\w.]*bytes_billed\s*(?:\|[^}]*)?}}(?! bytes\")")
    found = [
        path.name for path in (ROOT / "templates").rglob("*.html") if raw.search(path.read_text())
    ]
    assert found == []
