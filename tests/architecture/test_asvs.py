"""docs/asvs.md: each item names a test that is there, or says why there is none."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text()
ROWS = [
    (item.strip(), shown.strip())
    for item, shown in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
    if not item.startswith(("Item", "---"))
]
# Below tests/ as a rule, or from the root.
NAMED = sorted(set(re.findall(r"`((?:[a-z_]+/)+[\w.*]+(?:::\w+)?)`", TEXT)))
WORDS_OF_A_REASON = 3


def is_there(name):
    path, _, inside = name.partition("::")
    found = [*(ROOT / "tests").glob(path), *ROOT.glob(path)]
    if not found or not inside:
        return bool(found)
    return bool(re.search(rf"^\s*(class|def) {inside}\b", found[0].read_text(), re.MULTILINE))


def is_shown(shown):
    """By a test, by a page of ours, or by a reason in words."""
    return (
        any(name in shown for name in NAMED)
        or "](" in shown
        or len(shown.split()) >= WORDS_OF_A_REASON
    )


def test_each_test_that_is_named_is_there():
    assert [name for name in NAMED if not is_there(name)] == []


def test_each_item_names_its_test_or_a_reason():
    assert [row for row in ROWS if not re.match(r"\d+\.\d+\.[\dx]+ *", row[0])] == []
    assert [row for row in ROWS if not is_shown(row[1])] == []


def test_the_guard_notices():
    assert len(ROWS) >= 80
    assert len(NAMED) >= 60
    assert not is_there("web/test_that_never_was.py")
    assert not is_there("web/test_headers.py::TestThatNeverWas")
    assert not is_shown("not here")
